/** What a replica on PostgreSQL remembers counts only once it was compared with the row that it belongs to. */
import pg from 'pg';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openPostgresRoom, type PostgresRoom } from '../support/postgres-room.ts';
import { seedApp, seedService, seedTenant } from '../support/seed.ts';
import { answerOf, reasonOf } from '../support/storage-room.ts';

const DAY = 86_400_000;

async function connect(room: PostgresRoom): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: room.database.url });
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

/** Resolves when so many sessions wait for a lock. */
async function untilWaiting(room: PostgresRoom, count: number): Promise<void> {
  await vi.waitFor(async () => {
    const waiting = await room.rows("SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
    expect(waiting.length).toBeGreaterThanOrEqual(count);
  }, 5_000);
}

it('a unit that fails while a batch loads does not make old counters true', async () => {
  const room = await openPostgresRoom();
  const other = await room.replica();
  const { id, token } = await seedTenant(room, 'acme');
  await seedService(room, id, 'openai', { max_daily_requests: 5 });
  const { id: neighbour } = await seedTenant(room, 'neighbour');
  const leader = await room.engine.lead();
  answerOf(await room.deliver(token, 'openai'));
  for (const ordinal of [2, 3, 4, 5])
    expect(answerOf(await other.deliver(token, 'openai')).usage_today).toBe(ordinal);
  await room.rows('UPDATE leases SET term = term + 1');

  const [row, table] = [await connect(room), await connect(room)];
  await row.query('BEGIN');
  await row.query('SELECT FROM tenants WHERE id = $1 FOR NO KEY UPDATE', [id]);
  const missing = room.deliver(token, 'missing');
  await untilWaiting(room, 1);
  const late = room.deliver(token, 'openai');
  await room.engine.write({ tenantId: neighbour }, async () => {});
  await table.query('BEGIN');
  await table.query('LOCK TABLE services IN ACCESS EXCLUSIVE MODE');
  await row.query('COMMIT');
  await untilWaiting(room, 1);
  const failing = leader?.write({ tenantId: id }, async () => {});
  await expect(failing).rejects.toMatchObject({ code: 'FENCED' });
  await table.query('COMMIT');
  expect(reasonOf(await missing)).toBe('unknown service');
  expect(reasonOf(await late)).toBe('service daily limit reached');
  expect(await room.rows("SELECT count FROM counters WHERE subject = 'service'")).toEqual([{ count: 5 }]);
});

describe('a database that has lost its last commits', () => {
  it('of a change of configuration is served from without a restart', async () => {
    const room = await openPostgresRoom();
    const { id, token } = await seedTenant(room, 'acme');
    await seedService(room, id, 'openai');
    answerOf(await room.deliver(token, 'openai'));
    await room.rows(`UPDATE tenants SET config_version = config_version - 1 WHERE id = ${id}`);
    expect(answerOf(await room.deliver(token, 'openai')).usage_today).toBe(2);
    const app = await seedApp(room, id);
    expect(answerOf(await room.deliver(app.token, 'openai')).usage_today).toBe(3);
  });

  it('of deliveries goes on counting from what it has', async () => {
    const room = await openPostgresRoom();
    const { id, token } = await seedTenant(room, 'acme');
    await seedService(room, id, 'openai');
    for (const ordinal of [1, 2, 3])
      expect(answerOf(await room.deliver(token, 'openai')).usage_today).toBe(ordinal);
    await room.rows(`
      DELETE FROM deliveries WHERE usage_today > 1;
      UPDATE counters SET count = 1;
      UPDATE tenants SET last_seq = (SELECT max(seq) FROM deliveries) WHERE id = ${id}`);
    expect(answerOf(await room.deliver(token, 'openai')).usage_today).toBe(2);
  });

  it('is met on a new connection, where nothing that was remembered counts, even under the same numbers', async () => {
    const room = await openPostgresRoom();
    const { id } = await seedTenant(room, 'acme');
    await seedService(room, id, 'openai');
    const { token, id: appId } = await seedApp(room, id);
    answerOf(await room.deliver(token, 'openai'));
    // Revoked on another timeline, on which the version has come to the same number.
    await room.rows(`
      DELETE FROM apps WHERE id = ${appId};
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`);
    await vi.waitFor(
      async () => expect(reasonOf(await room.deliver(token, 'openai'))).toBe('invalid token'),
      5_000,
    );
  });
});

it('a day that begins for a replica which knows too little is begun by nobody, and the one before is remembered', async () => {
  const room = await openPostgresRoom();
  const other = await room.replica();
  const { id } = await seedTenant(room, 'acme');
  await seedService(room, id, 'openai');
  const app = await seedApp(room, id);
  answerOf(await room.deliver(app.token, 'openai'));
  answerOf(await room.deliver(app.token, 'openai'));
  await other.engine.write({ tenantId: id }, (unit) =>
    unit
      .updateTable('apps')
      .set({ enabled: 0, disabled_reason: 'leaked' })
      .where('id', '=', app.id)
      .execute(),
  );
  room.advance(DAY);
  expect(reasonOf(await room.deliver(app.token, 'openai'))).toBe('token disabled');
  expect(await room.rows('SELECT subject, count FROM counters ORDER BY subject')).toEqual([
    { subject: 'app', count: 2 },
    { subject: 'key', count: 2 },
    { subject: 'service', count: 2 },
  ]);
});
