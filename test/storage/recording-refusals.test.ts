import { describe, expect, it } from 'vitest';
import { type CountedRefusal, RefusalRecorder } from '../../src/operations/usage/record-refusals.ts';
import { ENGINES } from '../support/engines.ts';
import { seedTenant } from '../support/seed.ts';
import type { Room } from '../support/storage-room.ts';

const NOON = Date.parse('2026-03-01T12:00:00Z');
const ROWS = 'SELECT * FROM refusals ORDER BY tenant_id, minute, app_id, reason, network';

interface Row {
  readonly network: string;
  readonly count: number;
  readonly samples: string;
}

for (const engine of ENGINES) {
  describe(`recording refusals on ${engine.name}`, () => {
    async function open() {
      const room = await engine.open();
      const { id } = await seedTenant(room, 'acme');
      const recorder = new RefusalRecorder();
      let asked = 0;
      const count = (more: Partial<CountedRefusal> = {}, at = NOON) => {
        const who = {
          tenant_id: id,
          app_id: 7,
          service_id: 3,
          reason: 'ip not allowed',
          network: '192.0.2.1',
        };
        recorder.count({ ...who, requestId: `req_${++asked}`, ...more }, at);
      };
      return { room, id, recorder, count };
    }
    const rows = (room: Room) => room.rows<Row>(ROWS);
    const total = async (room: Room) => (await rows(room)).reduce((sum, { count }) => sum + count, 0);

    it('sums a flood into one row a minute, with three request ids as samples', async () => {
      const { room, id, recorder, count } = await open();
      for (let n = 0; n < 1_000; n++) count({}, NOON + n * 59);
      await recorder.flush(room);
      expect(await rows(room)).toEqual([
        {
          tenant_id: id,
          minute: NOON,
          app_id: 7,
          service_id: 3,
          reason: 'ip not allowed',
          network: '192.0.2.1',
          count: 1_000,
          samples: '["req_1","req_2","req_3"]',
        },
      ]);
    });

    it('keeps apart what differs in minute, app, service, reason or network', async () => {
      const { room, recorder, count } = await open();
      count();
      count({}, NOON + 60_000);
      count({ app_id: 8 });
      count({ service_id: 0 });
      count({ reason: 'unknown service' });
      count({ network: '2001:db8:1:2::/64' });
      await recorder.flush(room);
      expect((await rows(room)).map((row) => row.count)).toEqual([1, 1, 1, 1, 1, 1]);
    });

    it('adds to what the minute has already, and has at most three samples of it', async () => {
      const { room, recorder, count } = await open();
      count();
      await recorder.flush(room);
      count();
      count();
      await recorder.flush(room);
      await recorder.flush(room);
      expect((await rows(room)).map((row) => row.count)).toEqual([3]);
      expect(JSON.parse((await rows(room))[0]?.samples ?? '').length).toBeLessThanOrEqual(3);
    });

    it('counts everything from however many networks in bounded memory: beyond 10,000 they are "other"', async () => {
      const { room, recorder, count } = await open();
      for (let n = 0; n < 12_000; n++) count({ network: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}` });
      count({ network: '10.0.0.0' });
      await recorder.flush(room);
      expect(await total(room)).toBe(12_001);
      expect((await rows(room)).length).toBeLessThanOrEqual(10_001);
      const other = (await rows(room)).find(({ network }) => network === 'other');
      expect(other?.count).toBe(2_000);
      expect((await rows(room)).find(({ network }) => network === '10.0.0.0')?.count).toBe(2);
      count({ network: '198.51.100.9' });
      await recorder.flush(room);
      expect((await rows(room)).some(({ network }) => network === '198.51.100.9')).toBe(true);
    });

    it('does not outgrow its bound while storage stays away, whatever the minutes, and loses no count', async () => {
      const { room, recorder, count } = await open();
      for (let n = 0; n < 30_000; n++) count({ network: `n${n}`, app_id: n % 97 }, NOON + n * 60_000);
      await recorder.flush(room);
      expect(await total(room)).toBe(30_000);
      expect((await rows(room)).length).toBeLessThanOrEqual(10_100);
    });

    it('keeps what could not be written, along with what came meanwhile, and writes it once', async () => {
      const { room, recorder, count } = await open();
      count();
      count({ reason: 'unknown service' });
      const failing = {
        ...room,
        engine: { ...room.engine, write: () => Promise.reject(new Error('disk full')) },
      };
      await expect(recorder.flush(failing as unknown as Room)).rejects.toThrow('disk full');
      expect(await rows(room)).toEqual([]);
      count();
      await recorder.flush(room);
      expect((await rows(room)).map((row) => row.count)).toEqual([2, 1]);
      await recorder.flush(room);
      expect(await total(room)).toBe(3);
    });

    it('has everything on disk after a last flush before the close', async () => {
      const { room, recorder, count } = await open();
      for (let n = 0; n < 500; n++) count({ network: `n${n}` });
      await recorder.flush(room);
      const again = await room.reopen();
      expect(await total(again)).toBe(500);
    });

    it('lets what a tenant that is gone was refused hold up nobody else', async () => {
      const { room, recorder, count } = await open();
      count({ tenant_id: 999 });
      count();
      await recorder.flush(room);
      expect(await rows(room)).toMatchObject([{ count: 1 }]);
    });
  });
}
