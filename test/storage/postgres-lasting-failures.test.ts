/** Failures that do not pass by themselves: each caller is told at once, and the replica serves again when they are mended. */
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { migrateDatabase } from '../../src/storage/postgres/open-database.ts';
import type { Cluster } from '../support/postgres-cluster.ts';
import { queryAt } from '../support/postgres-database.ts';
import { databaseOn, expectSound, storm } from '../support/postgres-failures.ts';
import { startInstance } from '../support/postgres-instance.ts';
import { openPostgresRoom, type PostgresRoom } from '../support/postgres-room.ts';
import { seedService, seedTenant } from '../support/seed.ts';
import { answerOf } from '../support/storage-room.ts';

async function furnish(room: PostgresRoom): Promise<string> {
  const { id, token } = await seedTenant(room, 'acme');
  await seedService(room, id, 'openai');
  for (let turn = 0; turn < 3; turn++) answerOf(await room.deliver(token, 'openai'));
  return token;
}

/** `ready`, or the code of the error that the check ends with. */
function readiness(room: PostgresRoom): Promise<string> {
  return room.engine.check().then(
    () => 'ready',
    (error) => error.code,
  );
}

describe('a database that will not have the role of the replicas any more', () => {
  let instance: Cluster;

  beforeAll(async () => {
    instance = await startInstance();
    await queryAt(instance.url, "CREATE ROLE app LOGIN PASSWORD 'app'");
  });

  const CAUSES: [why: string, code: string, done: string, undone: string][] = [
    ['its password is another', '28P01', "ALTER ROLE app PASSWORD 'other'", "ALTER ROLE app PASSWORD 'app'"],
    ['it may not log in', '28000', 'ALTER ROLE app NOLOGIN', 'ALTER ROLE app LOGIN'],
    [
      'its commits do not wait for the disk',
      'UNSAFE_SERVER',
      'ALTER ROLE app SET synchronous_commit = off',
      'ALTER ROLE app RESET synchronous_commit',
    ],
    [
      'it may not lock tenants',
      '42501',
      'REVOKE UPDATE ON tenants FROM app',
      'GRANT UPDATE ON tenants TO app',
    ],
  ];

  it.each(CAUSES)(
    'because %s, tells each caller at once, and %s where it is asked whether it is ready',
    async (_, code, done, undone) => {
      const database = await databaseOn(instance);
      await migrateDatabase(database.url, 'app', () => {});
      const url = Object.assign(new URL(database.url), { username: 'app', password: 'app' }).href;
      const room = await openPostgresRoom({ database, url });
      const token = await furnish(room);
      onTestFinished(async () => void (await database.query(undone)));
      await database.query(done);
      await queryAt(
        database.url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app' AND query LIKE '%write_batch%'",
      );
      for (let round = 0; round < 3; round++) {
        const before = room.failures.length;
        const { codes, took } = await storm(room, 5, token);
        expect(codes).toEqual(Array(5).fill(code));
        expect(took).toBeLessThan(2_000);
        expect(room.failures.length - before).toBeLessThanOrEqual(2);
      }
      await expect.poll(() => readiness(room), { timeout: 5_000 }).toBe(code);
      await database.query(undone);
      const { delivered } = await storm(room, 5, token);
      expect(await expectSound(database, delivered)).toBe(8);
      await expect.poll(() => readiness(room), { timeout: 5_000 }).toBe('ready');
    },
  );
});

it('statements that no longer fit the tables on PostgreSQL are prepared anew, without a restart', async () => {
  const room = await openPostgresRoom();
  const token = await furnish(room);
  await room.rows('ALTER TABLE tenants ALTER COLUMN last_seq TYPE numeric');
  expect((await storm(room, 3, token)).codes).toEqual(Array(3).fill('0A000'));
  const { delivered } = await storm(room, 3, token);
  expect(await expectSound(room.database, delivered)).toBe(6);
});
