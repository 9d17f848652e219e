/** A replica is ready where deliveries would be recorded, and only there. */
import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { migrateDatabase } from '../../src/storage/postgres/open-database.ts';
import {
  createMigratedDatabase,
  queryAt,
  serverUrl,
  type TestDatabase,
} from '../support/postgres-database.ts';
import { storm } from '../support/postgres-failures.ts';
import { openPostgresRoom } from '../support/postgres-room.ts';
import { seedService, seedTenant } from '../support/seed.ts';
import { answerOf } from '../support/storage-room.ts';

/** For how long one trial serves everybody who asks, and a little more. */
const TRIAL_HOLDS_MS = 1_100;

/** A replica that serves as a role of its own, and a tenant of which it has not heard yet. */
async function serveAsRole() {
  const database = await createMigratedDatabase();
  const role = `keyrotator_test_${randomBytes(6).toString('hex')}`;
  await database.query(`CREATE ROLE ${role} LOGIN PASSWORD 'serving'`);
  onTestFinished(async () => void (await queryAt(await serverUrl(), `DROP ROLE ${role}`)));
  await migrateDatabase(database.url, role, () => {});
  const url = Object.assign(new URL(database.url), { username: role, password: 'serving' }).href;
  const owner = await openPostgresRoom({ database });
  const { id, token } = await seedTenant(owner, 'acme');
  await seedService(owner, id, 'openai');
  const room = await openPostgresRoom({ database, url });
  const ready = () =>
    room.engine.check().then(
      () => 'ready',
      (error) => error.code as string,
    );
  expect(await ready()).toBe('ready');
  return { database, role, room, token, ready };
}

function endSessions(database: TestDatabase, role: string): Promise<unknown> {
  return database.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${role}'`);
}

it('a replica that gets no connection for its deliveries is not ready, and says what to do', async () => {
  const { database, role, room, token, ready } = await serveAsRole();
  answerOf(await room.deliver(token, 'openai'));
  await database.query(`
    ALTER ROLE ${role} CONNECTION LIMIT 1;
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${role}'`);
  await expect.poll(ready, { timeout: 10_000 }).toBe('53300');
  await expect(room.engine.check()).rejects.toThrow(/KEYROTATOR_DATABASE_CONNECTIONS.*raise max_connections/);
  await database.query(`ALTER ROLE ${role} CONNECTION LIMIT -1`);
  await expect.poll(ready, { timeout: 10_000 }).toBe('ready');
  answerOf(await room.deliver(token, 'openai'));
});

it('a replica whose other connections are refused is ready as long as one of them serves', async () => {
  const { database, role, room, token, ready } = await serveAsRole();
  answerOf(await room.deliver(token, 'openai'));
  const [{ n } = { n: 0 }] = await database.query<{ n: number }>(
    `SELECT count(*) AS n FROM pg_stat_activity WHERE usename = '${role}'`,
  );
  await database.query(`ALTER ROLE ${role} CONNECTION LIMIT ${n}`);
  // Longer than one trial serves everybody who asks.
  const until = performance.now() + 2_500;
  while (performance.now() < until) {
    await storm(room, 8, token);
    expect(await ready()).toBe('ready');
  }
});

it('a replica whose only connection for units is at work is ready when that is given back', async () => {
  const { database, role, room, ready } = await serveAsRole();
  await database.query(`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${role}'`);
  await setTimeout(TRIAL_HOLDS_MS);
  await expect.poll(ready, { timeout: 10_000 }).toBe('ready');
  const [{ n } = { n: 0 }] = await database.query<{ n: number }>(
    `SELECT count(*) AS n FROM pg_stat_activity WHERE usename = '${role}'`,
  );
  await database.query(`ALTER ROLE ${role} CONNECTION LIMIT ${n}`);
  await setTimeout(TRIAL_HOLDS_MS);
  const begun = Promise.withResolvers<void>();
  const unit = room.engine.write('nothing', () => {
    begun.resolve();
    return setTimeout(300);
  });
  await begun.promise;
  expect(await ready()).toBe('ready');
  await unit;
});

it.each([
  [
    'its deliveries may not be written',
    'REVOKE INSERT ON deliveries FROM',
    'GRANT INSERT ON deliveries TO',
    '42501',
  ],
  ['its counters may not be read', 'REVOKE SELECT ON counters FROM', 'GRANT SELECT ON counters TO', '42501'],
  [
    'what is configured may not be read',
    'REVOKE SELECT ON services FROM',
    'GRANT SELECT ON services TO',
    '42501',
  ],
])('a replica is not ready where %s', async (_, revoke, grant, code) => {
  const { database, role, room, token, ready } = await serveAsRole();
  await database.query(`${revoke} ${role}`);
  await expect.poll(ready, { timeout: 10_000 }).toBe(code);
  expect((await storm(room, 3, token)).delivered).toEqual([]);
  await database.query(`${grant} ${role}`);
  await expect.poll(ready, { timeout: 10_000 }).toBe('ready');
  answerOf(await room.deliver(token, 'openai'));
});

it('a replica whose password was changed is not ready once it has to connect', async () => {
  const { database, role, room, token, ready } = await serveAsRole();
  answerOf(await room.deliver(token, 'openai'));
  await database.query(`ALTER ROLE ${role} PASSWORD 'another'`);
  expect(await ready()).toBe('ready');
  await endSessions(database, role);
  await expect.poll(ready, { timeout: 10_000 }).toBe('28P01');
});
