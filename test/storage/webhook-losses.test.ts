/** Pruning counts what it removes before an endpoint was sent it. */
import { expect, it } from 'vitest';
import { prune } from '../../src/operations/upkeep/prune.ts';
import { ENGINES } from '../support/engines.ts';
import { openPostgresRoom } from '../support/postgres-room.ts';
import { seedService, seedTenant } from '../support/seed.ts';
import { answerOf, openRoom, type Room } from '../support/storage-room.ts';

const DAY = 86_400_000;
const NEVER = new AbortController().signal;

/** A tenant, `delivered` deliveries and endpoints 1, 2, … that hear of `events` and stopped at these places. */
async function furnish(room: Room, delivered: number, stopped: readonly number[]) {
  const { id: tenantId, token } = await seedTenant(room, 'acme');
  await seedService(room, tenantId, 'openai');
  const deliver = async (times: number) => {
    for (const answer of await Promise.all(
      Array.from({ length: times }, () => room.deliver(token, 'openai')),
    ))
      answerOf(answer);
  };
  await deliver(delivered);
  const places = (await room.rows<{ seq: number }>('SELECT seq FROM deliveries ORDER BY seq')).map(
    ({ seq }) => seq,
  );
  await room.engine.write('nothing', async (unit) => {
    for (const [at, taken] of stopped.entries()) {
      const place = places[taken - 1] ?? 0;
      await unit
        .insertInto('webhooks')
        .values({
          id: at + 1,
          tenant_id: tenantId,
          url: 'https://example.com/',
          description: '',
          events: '["key.delivered"]',
          enabled: 0,
          disabled_reason: null,
          sealed_secret: new Uint8Array(1),
          outbox_cursor: 0,
          delivery_cursor: place,
          failures: 0,
          failing_since: null,
          paused_until: null,
          batch: 0,
          created_at: 0,
          updated_at: 0,
        })
        .execute();
    }
  });
  const retry = (id: number, taken: number) =>
    room.engine.write('nothing', async (unit) => {
      const seq = places[taken - 1] ?? 0;
      const row = { webhook_id: id, source: 'delivery' as const, seq, attempts: 1, due_at: 0 };
      await unit.insertInto('webhook_retries').values(row).execute();
    });
  const batch = async (id: number, after: number, last: number) => {
    await room.engine.write('nothing', async (unit) => {
      const [after_seq, last_seq] = [places[after - 1] ?? 0, places[last - 1] ?? 0];
      const row = { webhook_id: id, after_seq, last_seq, event_id: 'msg_b' };
      await unit.insertInto('webhook_batches').values(row).execute();
    });
    await retry(id, last);
  };
  return { tenantId, deliver, retry, batch };
}

const lost = async (room: Room) =>
  (
    await room.rows<{ id: number; source: string; n: number; from_at: number; to_at: number }>(
      'SELECT webhook_id AS id, source, count AS n, from_at, to_at FROM webhook_losses ORDER BY webhook_id',
    )
  ).map((row) => ({ ...row, n: Number(row.n) }));

for (const engine of ENGINES) {
  it(`counts deliveries behind a cursor, of attempts in vain and of batches, once each, on ${engine.name}`, async () => {
    const room = await engine.open();
    const { now } = room.engine.time();
    const { deliver, retry, batch } = await furnish(room, 10, [10, 4, 10, 10]);
    await retry(3, 7);
    await batch(4, 2, 6);
    room.advance(20 * DAY);
    await deliver(3);
    room.advance(11 * DAY);
    await prune(room, { days: 30, deliveries: null }, room.engine.time(), NEVER);
    const times = { source: 'delivery', from_at: now, to_at: now };
    const first = [
      { id: 2, n: 6, ...times },
      { id: 3, n: 1, ...times },
      { id: 4, n: 4, ...times },
    ];
    expect(await lost(room)).toEqual(first);
    await prune(room, { days: 30, deliveries: null }, room.engine.time(), NEVER);
    expect(await lost(room)).toEqual(first);
    room.advance(20 * DAY);
    await prune(room, { days: 30, deliveries: null }, room.engine.time(), NEVER);
    // On SQLite the newest delivery always stays.
    const later = engine.name === 'sqlite' ? 2 : 3;
    expect((await lost(room)).map(({ id, n, to_at }) => [id, n, to_at - now])).toEqual([
      [1, later, 20 * DAY],
      [2, 6 + later, 20 * DAY],
      [3, 1 + later, 20 * DAY],
      [4, 4 + later, 20 * DAY],
    ]);
  });
}

it('counts what goes because there are too many, on SQLite', async () => {
  const room = await openRoom();
  await furnish(room, 900, [0, 850, 900]);
  await prune(room, { days: 30, deliveries: 100 }, room.engine.time(), NEVER);
  expect((await lost(room)).map(({ id, n }) => [id, n])).toEqual([[1, 800]]);
});

it('counts what is in a day that is removed as a whole, and nothing where the day stays, on PostgreSQL', async () => {
  const room = await openPostgresRoom({ at: new Date().toISOString() });
  await room.engine.tidy();
  const { retry } = await furnish(room, 5, [0, 3, 5]);
  await retry(3, 1);
  const { now } = room.engine.time();
  const midnight = now - (now % DAY) + DAY;
  await room.engine.pruneDeliveries({ since: midnight - 1, rows: 1_000_000 }, NEVER);
  expect(await lost(room)).toEqual([]);
  await room.engine.pruneDeliveries({ since: midnight, rows: null }, NEVER);
  expect((await lost(room)).map(({ id, n }) => [id, n])).toEqual([
    [1, 5],
    [2, 2],
    [3, 1],
  ]);
});
