import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Cluster } from '../support/postgres-cluster.ts';
import { queryAt, type TestDatabase } from '../support/postgres-database.ts';
import { databaseOn, openEngine, storm } from '../support/postgres-failures.ts';
import { startInstance } from '../support/postgres-instance.ts';
import { openPostgresRoom } from '../support/postgres-room.ts';
import { runService } from '../support/run-service.ts';
import { seedService, seedTenant } from '../support/seed.ts';
import { answerOf, tempFolder, testMasterKey } from '../support/storage-room.ts';

const NOT_SYNCHRONOUS =
  'synchronous_commit is off for this user and database: a delivered key could be lost from the record when the server ends; set it to on';
const NO_FSYNC =
  'fsync is off on this server: what it has committed may not survive a power failure; set it to on';

let instance: Cluster;

beforeAll(async () => {
  instance = await startInstance();
});

/** Changes a setting of the whole server while it runs; null takes the change back. Resolves when new sessions have it. */
async function setOnServer(name: string, value: 'on' | 'off' | null): Promise<void> {
  const change = value === null ? `ALTER SYSTEM RESET ${name}` : `ALTER SYSTEM SET ${name} = ${value}`;
  await queryAt(instance.url, change);
  await queryAt(instance.url, 'SELECT pg_reload_conf()');
  await expect
    .poll(() => queryAt(instance.url, 'SELECT current_setting($1) AS now', [name]))
    .toEqual([{ now: value ?? 'on' }]);
}

function nameOf(database: TestDatabase): string {
  return new URL(database.url).pathname.slice(1);
}

/** Ends all sessions of the database but the one that does it. */
function endSessions(database: TestDatabase): Promise<unknown[]> {
  return database.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  );
}

async function openFurnished(database: TestDatabase) {
  const room = await openPostgresRoom({ database });
  const { id, token } = await seedTenant(room, 'acme');
  await seedService(room, id, 'openai');
  return { room, token };
}

describe('a server that acknowledges what it may lose is refused at start:', () => {
  const unsafe = (message: string) => ({ name: 'StorageError', code: 'UNSAFE_SERVER', message });

  it('synchronous_commit is off for everybody', async () => {
    const database = await databaseOn(instance);
    onTestFinished(() => setOnServer('synchronous_commit', null));
    await setOnServer('synchronous_commit', 'off');
    await expect(openEngine(database.url)).rejects.toMatchObject(unsafe(NOT_SYNCHRONOUS));
  });

  it('synchronous_commit is off for the database', async () => {
    const database = await databaseOn(instance);
    await database.query(`ALTER DATABASE ${nameOf(database)} SET synchronous_commit = off`);
    await expect(openEngine(database.url)).rejects.toMatchObject(unsafe(NOT_SYNCHRONOUS));
    await database.query(`ALTER DATABASE ${nameOf(database)} RESET synchronous_commit`);
    await openEngine(database.url);
  });

  it('synchronous_commit is off for the role', async () => {
    const database = await databaseOn(instance);
    await database.query(
      `CREATE ROLE hasty SUPERUSER LOGIN PASSWORD 'hasty'; ALTER ROLE hasty SET synchronous_commit = off`,
    );
    const url = Object.assign(new URL(database.url), { username: 'hasty', password: 'hasty' }).href;
    await expect(openEngine(url)).rejects.toMatchObject(unsafe(NOT_SYNCHRONOUS));
  });

  it('fsync is off', async () => {
    const database = await databaseOn(instance);
    onTestFinished(() => setOnServer('fsync', null));
    await setOnServer('fsync', 'off');
    await expect(openEngine(database.url)).rejects.toMatchObject(unsafe(NO_FSYNC));
  });

  it('and the program says so and ends, before anything is made', async () => {
    const database = await databaseOn(instance);
    await database.query(`ALTER DATABASE ${nameOf(database)} SET synchronous_commit = off`);
    const env = { DATABASE_URL: database.url, KEYROTATOR_MASTER_KEY: testMasterKey().toString('base64') };
    await expect(runService({ cwd: tempFolder(), env })).rejects.toThrow(
      `the service ended with 1: keyrotator: ${NOT_SYNCHRONOUS}\n`,
    );
    expect(await database.query('SELECT * FROM settings')).toEqual([]);
  });
});

it('a server that may tear pages at a crash is served from, with a warning', async () => {
  const database = await databaseOn(instance);
  onTestFinished(() => setOnServer('full_page_writes', null));
  await setOnServer('full_page_writes', 'off');
  const { lines } = await openEngine(database.url);
  expect(lines).toEqual([expect.stringMatching(/^full_page_writes is off on this server: unless/)]);
});

describe('synchronous_commit that is switched off while replicas run', () => {
  it('changes nothing for the sessions that they have, and no other is begun', async () => {
    const database = await databaseOn(instance);
    const { room, token } = await openFurnished(database);
    answerOf(await room.deliver(token, 'openai'));
    await database.query(`
      CREATE TABLE seen (setting text);
      CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$;
      CREATE TRIGGER see BEFORE INSERT ON deliveries FOR EACH ROW EXECUTE FUNCTION see()`);
    onTestFinished(() => setOnServer('synchronous_commit', null));
    await setOnServer('synchronous_commit', 'off');
    answerOf(await room.deliver(token, 'openai'));
    expect(await database.query('SELECT setting FROM seen')).toEqual([{ setting: 'on' }]);

    await endSessions(database);
    const { delivered, codes, took } = await storm(room, 5, token);
    expect(delivered).toEqual([]);
    expect(new Set(codes)).toEqual(new Set(['UNSAFE_SERVER']));
    expect(took).toBeLessThan(3_000);
    await expect(room.engine.write('nothing', async () => {})).rejects.toMatchObject({
      code: 'UNSAFE_SERVER',
    });

    await setOnServer('synchronous_commit', null);
    expect((await storm(room, 5, token)).codes).toEqual([]);
    expect(await database.query('SELECT DISTINCT setting FROM seen')).toEqual([{ setting: 'on' }]);
  });
});

describe('a server that takes no writes', () => {
  const setReadOnly = (database: TestDatabase, on: boolean) =>
    queryAt(
      instance.url,
      `ALTER DATABASE ${nameOf(database)} SET default_transaction_read_only = ${on ? 'on' : 'off'}`,
    );

  it('is waited for at start, as a standby that is about to take over', async () => {
    const database = await databaseOn(instance);
    await setReadOnly(database, true);
    const waiting = Promise.withResolvers<string>();
    const opening = openEngine(database.url, { report: waiting.resolve });
    expect(await waiting.promise).toBe(
      'waiting for the database: the server takes no writes: it is a standby',
    );
    await setReadOnly(database, false);
    await (await opening).engine.check();
  });

  it('fails deliveries while replicas run, and is served from once it takes them', async () => {
    const database = await databaseOn(instance);
    const { room, token } = await openFurnished(database);
    answerOf(await room.deliver(token, 'openai'));
    await setReadOnly(database, true);
    await endSessions(database);
    const { delivered, codes, took } = await storm(room, 5, token);
    expect(delivered).toEqual([]);
    expect(new Set(codes)).toEqual(new Set(['25006']));
    expect(took).toBeLessThan(3_000);
    await setReadOnly(database, false);
    expect(answerOf(await room.deliver(token, 'openai')).usage_today).toBe(2);
  });
});
