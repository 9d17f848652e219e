import { beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../support/postgres-cluster.ts';
import { queryAt, type TestDatabase } from '../support/postgres-database.ts';
import { databaseOn, expectSound, persistentCallers, storm } from '../support/postgres-failures.ts';
import { startInstance } from '../support/postgres-instance.ts';
import { openPostgresRoom } from '../support/postgres-room.ts';
import { seedService, seedTenant } from '../support/seed.ts';

let instance: Cluster;

beforeAll(async () => {
  instance = await startInstance();
});

async function setUp(commitTimeoutMs?: number) {
  const database = await databaseOn(instance);
  const room = await openPostgresRoom({
    database,
    ...(commitTimeoutMs === undefined ? {} : { commitTimeoutMs }),
  });
  const { id, token } = await seedTenant(room, 'acme');
  await seedService(room, id, 'openai');
  return { database, room, token };
}

/** Waits until `done` says so, without a pause that anything else would notice. */
async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 10));
}

async function rows(database: TestDatabase): Promise<number> {
  const [row] = await database.query<{ n: number }>('SELECT count(*) AS n FROM deliveries');
  return row?.n ?? 0;
}

describe('a PostgreSQL server that goes away under load', () => {
  const ends: [string, (server: Cluster) => Promise<void>][] = [
    ['is stopped in good order', (server) => server.stop('fast')],
    ['is stopped at once', (server) => server.stop('immediate')],
    ['is killed', (server) => server.kill()],
  ];
  for (const [what, end] of ends) {
    it(`because it ${what} has every answered delivery on record, and is served from again without a restart`, async () => {
      const { database, room, token } = await setUp();
      const callers = persistentCallers(room, 16, token);
      await callers.more(100);
      await end(instance);
      const answered = callers.delivered.length;
      await until(() => callers.codes.size > 0);
      const down = await storm(room, 10, token);
      expect(down.delivered).toEqual([]);
      expect(down.took).toBeLessThan(1_000);
      await instance.start();
      await callers.more(100);
      await callers.stop();
      expect(callers.delivered.length).toBeGreaterThan(answered);
      expect(callers.slowest).toBeLessThan(4_000);
      const recorded = await expectSound(database, callers.delivered);
      // At most what was under way is recorded without an answer.
      expect(recorded - callers.delivered.length).toBeLessThanOrEqual(16);
    });
  }

  it('and is back within a second fails no delivery', async () => {
    const { database, room, token } = await setUp();
    const callers = persistentCallers(room, 16, token);
    // On a busy machine a server takes longer to come back: such a round says nothing.
    let quick = 0;
    for (let round = 0; quick < 2 && round < 10; round++) {
      await callers.more(50);
      callers.codes.clear();
      const gone = performance.now();
      await instance.stop('immediate');
      await instance.start();
      const away = performance.now() - gone;
      await callers.more(50);
      if (away >= 1_000) continue;
      expect(callers.codes).toEqual(new Set());
      quick++;
    }
    await callers.stop();
    expect(quick).toBeGreaterThan(0);
    await expectSound(database, callers.delivered);
  });

  it('because it stands still is given up in bounded time, and counted right when it goes on', async () => {
    const { database, room, token } = await setUp(500);
    const callers = persistentCallers(room, 16, token);
    await callers.more(100);
    await instance.pause();
    try {
      await until(() => callers.codes.size > 0);
      const { delivered, took } = await storm(room, 10, token);
      expect(delivered).toEqual([]);
      expect(took).toBeLessThan(6_000);
    } finally {
      await instance.resume();
    }
    await callers.more(100);
    await callers.stop();
    expect(callers.slowest).toBeLessThan(8_000);
    expect(await rows(database)).toBeGreaterThanOrEqual(callers.delivered.length);
    await expectSound(database, callers.delivered);
  });

  it('is said not to be ready, and ready again once it is back', async () => {
    const { room } = await setUp();
    await room.engine.check();
    await instance.stop('fast');
    await expect
      .poll(
        () =>
          room.engine.check().then(
            () => null,
            (error) => error.name,
          ),
        { timeout: 5_000 },
      )
      .toBe('StorageError');
    await instance.start();
    await expect
      .poll(
        () =>
          room.engine.check().then(
            () => 'ready',
            () => null,
          ),
        { timeout: 5_000 },
      )
      .toBe('ready');
  });

  it('does not keep a replica from stopping', async () => {
    const { room } = await setUp();
    await room.engine.check();
    await instance.pause();
    try {
      const started = performance.now();
      await room.close();
      expect(performance.now() - started).toBeLessThan(6_000);
    } finally {
      await instance.resume();
    }
    await queryAt(instance.url, 'SELECT');
  });
});
