import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { DEMO_THROTTLE } from '../../src/domain/judge.ts';
import { parseAddress } from '../../src/domain/network.ts';
import { NetworkThrottle } from '../../src/domain/network-throttle.ts';
import { deliverKey } from '../../src/operations/delivery/deliver-key.ts';
import { RefusalRecorder } from '../../src/operations/usage/record-refusals.ts';
import { listMigrations } from '../../src/storage/migrations.ts';
import { ENGINES, type TestedEngine } from '../support/engines.ts';
import { PLAIN_CLIENT } from '../support/plain-client.ts';
import { seedApp, seedService, seedTenant } from '../support/seed.ts';
import { answerOf, type Room } from '../support/storage-room.ts';
import { FROM_DELIVERIES, SUMMED } from '../support/usage-sums.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

async function furnish(engine: TestedEngine) {
  const room = await engine.open({ at: '2026-03-01T22:58:30Z' });
  const { id: tenantId, token } = await seedTenant(room, 'acme');
  const openai = await seedService(room, tenantId, 'openai', { policy: 'usage' }, [{}, {}, {}]);
  const app = await seedApp(room, tenantId);
  return { room, tenantId, token, openai, app };
}

const holders = (room: Room) =>
  room.rows<{ key_id: number; app_id: number; ip: string; last_at: number }>(
    'SELECT key_id, app_id, ip, last_at FROM key_holders ORDER BY key_id, app_id, ip',
  );

for (const engine of ENGINES) {
  describe(`summing usage on ${engine.name}`, () => {
    it('counts each delivery by the minute, the hour and the day, in the commit that records it', async () => {
      const { room, token, app } = await furnish(engine);
      for (const pause of [0, 40_000, MINUTE, HOUR, 5, DAY, 31 * DAY]) {
        room.advance(pause);
        await Promise.all(
          Array.from({ length: 20 }, (_, at) => room.deliver(at % 3 === 0 ? app.token : token, 'openai')),
        );
        expect(await room.rows(SUMMED)).toEqual(await room.rows(FROM_DELIVERIES));
      }
      const [total] = await room.rows<{ minutes: number }>(
        'SELECT sum(count) AS minutes FROM usage_counts WHERE bucket_ms = 60000',
      );
      expect(Number(total?.minutes)).toBe(140);
    });

    it('counts refusals by their reason when they are written down', async () => {
      const { room, tenantId, openai } = await furnish(engine);
      const recorder = new RefusalRecorder();
      const refusal = {
        tenant_id: tenantId,
        app_id: 7,
        service_id: openai.id,
        reason: 'ip not allowed',
        requestId: 'r',
      };
      const noon = Date.parse('2026-03-01T12:00:00Z');
      for (const [network, at] of [
        ['192.0.2.1', noon],
        ['192.0.2.2', noon],
        ['192.0.2.1', noon + HOUR],
      ] as const)
        recorder.count({ ...refusal, network }, at);
      await recorder.flush(room);
      recorder.count({ ...refusal, network: '192.0.2.1' }, noon);
      await recorder.flush(room);
      const rows = await room.rows(
        'SELECT bucket_ms, starts_at, app_id, key_id, outcome, count FROM usage_counts ORDER BY bucket_ms, starts_at',
      );
      const kind = { app_id: 7, key_id: 0, outcome: 'ip not allowed' };
      expect(rows).toEqual([
        { ...kind, bucket_ms: MINUTE, starts_at: noon, count: 3 },
        { ...kind, bucket_ms: MINUTE, starts_at: noon + HOUR, count: 1 },
        { ...kind, bucket_ms: HOUR, starts_at: noon, count: 3 },
        { ...kind, bucket_ms: HOUR, starts_at: noon + HOUR, count: 1 },
        { ...kind, bucket_ms: DAY, starts_at: Date.parse('2026-03-01'), count: 4 },
      ]);
    });

    it('is made up from the history that was there before', async () => {
      const { room, token, app } = await furnish(engine);
      for (const pause of [0, HOUR, DAY]) {
        room.advance(pause);
        for (const each of [token, app.token, token]) answerOf(await room.deliver(each, 'openai'));
      }
      const before = [await room.rows(SUMMED), (await holders(room)).map(({ last_at: _, ...who }) => who)];
      const { sql: text } = listMigrations(engine.name as 'sqlite' | 'postgres').find(
        ({ name }) => name === 'usage-counts',
      ) as { sql: string };
      const fill = text
        .split(';')
        .filter((statement) => statement.includes('INSERT INTO'))
        // It has got another column since.
        .map((statement) =>
          statement.replace('INTO key_holders\n', 'INTO key_holders (key_id, app_id, ip, last_at)\n'),
        );
      expect(fill).toHaveLength(3);
      await room.engine.write('nothing', async (unit) => {
        for (const statement of ['DELETE FROM usage_counts', 'DELETE FROM key_holders', ...fill])
          await sql.raw(statement).execute(unit);
      });
      expect([await room.rows(SUMMED), (await holders(room)).map(({ last_at: _, ...who }) => who)]).toEqual(
        before,
      );
    });
  });

  describe(`who holds a key, on ${engine.name},`, () => {
    it('is each app and address that it was delivered to unmasked, with the last time to the minute', async () => {
      const { room, token, app, tenantId } = await furnish(engine);
      const manual = await seedService(room, tenantId, 'stripe');
      const demoThrottle = new NetworkThrottle(DEMO_THROTTLE);
      room.advance(1);
      const deliver = (who: string, ip: string, mask = false) =>
        deliverKey(
          { ...room, demoThrottle },
          { token: who, service: 'stripe', address: parseAddress(ip), client: PLAIN_CLIENT, mask },
        );
      const start = room.engine.time().now;
      const [key_id] = manual.keyIds;
      await deliver(token, '192.0.2.1');
      await deliver(token, '192.0.2.9', true);
      await deliver(app.token, '192.0.2.1');
      room.advance(MINUTE - 1);
      await deliver(token, '192.0.2.1');
      expect(await holders(room)).toEqual([
        { key_id, app_id: 0, ip: '192.0.2.1', last_at: start },
        { key_id, app_id: app.id, ip: '192.0.2.1', last_at: start },
      ]);
      room.advance(1);
      await deliver(token, '192.0.2.1');
      expect((await holders(room))[0]).toMatchObject({ last_at: start + MINUTE });
    });

    it('goes with the key', async () => {
      const { room, token, openai } = await furnish(engine);
      for (const _ of openai.keyIds) answerOf(await room.deliver(token, 'openai'));
      expect((await holders(room)).map(({ key_id }) => key_id)).toEqual(openai.keyIds);
      const [gone, ...left] = openai.keyIds;
      await room.engine.write('nothing', (unit) =>
        unit
          .deleteFrom('provider_keys')
          .where('id', '=', gone as number)
          .execute(),
      );
      expect((await holders(room)).map(({ key_id }) => key_id)).toEqual(left);
    });
  });
}
