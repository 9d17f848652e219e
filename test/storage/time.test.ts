import { describe, expect, it } from 'vitest';
import { ENGINES, type TestedEngine } from '../support/engines.ts';
import { seedApp, seedService, seedTenant } from '../support/seed.ts';
import { answerOf, type Room, reasonOf } from '../support/storage-room.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

interface Window {
  readonly from: string;
  readonly to: string;
  readonly count: number;
}

/** The windows of a subject that are on disk: the last one that it has counted in. */
async function windows(room: Room, subject: 'service' | 'app' | 'key'): Promise<Window[]> {
  const rows = await room.rows<{ starts_at: number; ends_at: number; count: number }>(
    `SELECT starts_at, ends_at, count FROM counters WHERE subject = '${subject}' ORDER BY starts_at`,
  );
  return rows.map(({ starts_at, ends_at, count }) => ({
    from: new Date(starts_at).toISOString().slice(0, 16),
    to: new Date(ends_at).toISOString().slice(0, 16),
    count,
  }));
}

async function setUp(open: TestedEngine['open'], at: string, more: Parameters<typeof seedService>[3] = {}) {
  const room = await open({ at });
  const { id, token } = await seedTenant(room, 'acme');
  const service = await seedService(room, id, 'openai', { max_daily_requests: 2, ...more });
  return { room, id, token, service };
}

/** Delivers until it is refused, and says how often it did. */
async function spend(room: Room, token: string): Promise<number> {
  for (let delivered = 0; ; delivered++) {
    const outcome = await room.deliver(token, 'openai');
    if (outcome.refusal === null) continue;
    expect(outcome.refusal.reason).toBe('service daily limit reached');
    return delivered;
  }
}

for (const engine of ENGINES) {
  describe(`a limit day on ${engine.name}`, () => {
    it('begins anew when its reset time has come, for the service, its keys and the app', async () => {
      const { room, id } = await setUp(engine.open, '2026-03-01T23:59:00Z', { max_daily_requests: null });
      const app = await seedApp(room, id, { max_daily_requests: 2 });
      const counts: [number, number][] = [];
      for (const pass of [0, 0, MINUTE, 0]) {
        room.advance(pass);
        const { usage_today, key_usage_today } = answerOf(await room.deliver(app.token, 'openai'));
        counts.push([usage_today, key_usage_today]);
        if (counts.length === 2)
          expect(reasonOf(await room.deliver(app.token, 'openai'))).toBe('app daily limit reached');
      }
      expect(counts).toEqual([
        [1, 1],
        [2, 2],
        [1, 1],
        [2, 2],
      ]);
      for (const subject of ['service', 'key', 'app'] as const) {
        expect(await windows(room, subject)).toEqual([
          { from: '2026-03-02T00:00', to: '2026-03-03T00:00', count: 2 },
        ]);
      }
    });

    it('takes the place of the one before with its first delivery, and leaves those of others', async () => {
      const { room, id } = await setUp(engine.open, '2026-03-01T12:00:00Z', { max_daily_requests: null });
      const apps = [await seedApp(room, id), await seedApp(room, id)];
      await seedService(room, id, 'stripe');
      for (const { token } of apps) {
        for (const service of ['openai', 'stripe']) answerOf(await room.deliver(token, service));
      }
      room.advance(DAY);
      answerOf(await room.deliver(apps[0]?.token ?? '', 'openai'));
      const days = async (subject: Parameters<typeof windows>[1]) =>
        (await windows(room, subject)).map(({ from, count }) => `${from.slice(8, 10)}: ${count}`);
      for (const subject of ['service', 'key', 'app'] as const)
        expect(await days(subject)).toEqual(['01: 2', '02: 1']);
    });

    it('ends at the reset time of the zone of its service', async () => {
      const { room, token } = await setUp(engine.open, '2026-03-01T12:00:00Z', {
        timezone: 'Asia/Kolkata',
        day_resets_at: '06:15',
      });
      expect(await spend(room, token)).toBe(2);
      room.advance(12 * HOUR + 44 * MINUTE);
      expect(await spend(room, token)).toBe(0);
      room.advance(MINUTE);
      expect(await spend(room, token)).toBe(2);
      expect(await windows(room, 'service')).toEqual([
        { from: '2026-03-02T00:45', to: '2026-03-03T00:45', count: 2 },
      ]);
    });

    it('that is running is not ended by a change of time zone, which shows at the next reset', async () => {
      const { room, id, token, service } = await setUp(engine.open, '2026-03-01T12:00:00Z');
      expect(await spend(room, token)).toBe(2);
      await room.engine.write({ tenantId: id }, (unit) =>
        unit.updateTable('services').set({ timezone: 'Asia/Tokyo' }).where('id', '=', service.id).execute(),
      );
      expect(await spend(room, token)).toBe(0);
      room.advance(11 * HOUR);
      expect(await spend(room, token)).toBe(0);
      const again = await room.reopen();
      again.advance(HOUR);
      expect(await spend(again, token)).toBe(2);
      expect(await windows(again, 'service')).toEqual([
        { from: '2026-03-02T00:00', to: '2026-03-02T15:00', count: 2 },
      ]);
      again.advance(15 * HOUR - 1);
      expect(await spend(again, token)).toBe(0);
      again.advance(1);
      expect(await spend(again, token)).toBe(2);
      expect(await windows(again, 'service')).toEqual([
        { from: '2026-03-02T15:00', to: '2026-03-03T15:00', count: 2 },
      ]);
    });

    it('never overlaps the one before, wherever the reset time moves', async () => {
      const { room, id, token, service } = await setUp(engine.open, '2026-03-01T12:00:00Z');
      const zones = [
        'Pacific/Kiritimati',
        'Pacific/Niue',
        'Asia/Kolkata',
        'UTC',
        'America/New_York',
        'Pacific/Auckland',
      ];
      const all: Window[] = [];
      for (const timezone of zones) {
        await spend(room, token);
        await room.engine.write({ tenantId: id }, (unit) =>
          unit.updateTable('services').set({ timezone }).where('id', '=', service.id).execute(),
        );
        for (let step = 0; step < 6; step++) {
          room.advance(5 * HOUR);
          await spend(room, token);
          const [last] = await windows(room, 'service');
          if (last !== undefined && last.from !== all.at(-1)?.from) all.push(last);
        }
      }
      expect(all.length).toBeGreaterThan(zones.length);
      for (const [at, { from, to, count }] of all.entries()) {
        expect(from < to).toBe(true);
        expect(count).toBe(2);
        if (at > 0) expect(from >= (all[at - 1]?.to ?? '')).toBe(true);
      }
    });

    it('that is spent is not reopened by a clock that steps back', async () => {
      const { room, token } = await setUp(engine.open, '2026-03-02T12:00:00Z');
      expect(await spend(room, token)).toBe(2);
      for (const back of [HOUR, DAY, 40 * DAY]) {
        room.stepWall(-back);
        expect(await spend(room, token)).toBe(0);
        room.advance(HOUR);
        expect(await spend(room, token)).toBe(0);
      }
    });

    it('that is spent is not reopened by a clock that was set back while the vault was down', async () => {
      const { room, token } = await setUp(engine.open, '2026-03-02T12:00:00Z');
      expect(await spend(room, token)).toBe(2);
      let current = room;
      for (const back of [HOUR, DAY, 40 * DAY]) {
        current.stepWall(-back);
        current = await current.reopen();
        expect(await spend(current, token)).toBe(0);
      }
    });

    it('of the past stays over after a restart with the clock set back into it', async () => {
      const { room, token } = await setUp(engine.open, '2026-03-01T12:00:00Z');
      answerOf(await room.deliver(token, 'openai'));
      room.advance(DAY);
      expect(await spend(room, token)).toBe(2);
      room.stepWall(-DAY);
      const again = await room.reopen();
      expect(await spend(again, token)).toBe(0);
      const counts = (await windows(again, 'service')).map(({ count }) => count);
      expect(counts).toEqual([2]);
    });

    it('is not ended by a clock that steps ahead until that has lasted an hour', async () => {
      const { room, token } = await setUp(engine.open, '2026-03-01T12:00:00Z');
      expect(await spend(room, token)).toBe(2);
      room.stepWall(DAY);
      expect(await spend(room, token)).toBe(0);
      for (let minutes = 0; minutes < 59; minutes++) {
        room.advance(MINUTE);
        expect(reasonOf(await room.deliver(token, 'openai'))).toBe('service daily limit reached');
      }
      room.advance(2 * MINUTE);
      expect(await spend(room, token)).toBe(2);
    });
  });

  describe(`a token on ${engine.name} that has ended`, () => {
    async function withEndedToken() {
      const { room, id, token } = await setUp(engine.open, '2026-03-01T12:00:00Z', {
        max_daily_requests: null,
      });
      const app = await seedApp(room, id);
      const { now } = room.engine.time();
      await room.engine.write({ tenantId: id }, (unit) =>
        unit
          .updateTable('tokens')
          .set({ valid_until: now + HOUR })
          .where('app_id', 'is', null)
          .execute(),
      );
      room.advance(HOUR - 1);
      expect(reasonOf(await room.deliver(token, 'openai'))).toBeNull();
      room.advance(1);
      expect(reasonOf(await room.deliver(token, 'openai'))).toBe('invalid token');
      return { room, token, other: app.token };
    }

    it('does not come back with a clock that steps back', async () => {
      const { room, token } = await withEndedToken();
      room.stepWall(-DAY);
      expect(reasonOf(await room.deliver(token, 'openai'))).toBe('invalid token');
    });

    it('does not come back with a clock that was set back while the vault was down', async () => {
      const { room, token, other } = await withEndedToken();
      room.advance(MINUTE);
      answerOf(await room.deliver(other, 'openai'));
      room.stepWall(-DAY);
      const again = await room.reopen();
      expect(reasonOf(await again.deliver(token, 'openai'))).toBe('invalid token');
    });
  });
}
