/** The drill on PostgreSQL: a backup that was made beside replicas, restored into another database by the real command. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askFor, type Furnished, furnishService, load } from '../support/keyed-service.ts';
import { runLocal, runLocalFor } from '../support/local-command.ts';
import type { Cluster } from '../support/postgres-cluster.ts';
import { createDatabase, createMigratedDatabase, type TestDatabase } from '../support/postgres-database.ts';
import { hasPostgresTools, startDumpableCluster } from '../support/postgres-tools.ts';
import { RawConnection } from '../support/raw-http.ts';
import { replicaOptions } from '../support/replicas.ts';
import { runService } from '../support/run-service.ts';
import { copyBackup, flipBit, resign, setField, truncate } from '../support/tampering.ts';

const CALLERS = 4;
const KILLS = 5;
const folder = mkdtempSync(join(tmpdir(), 'keyrotator-restore-postgres-'));
const backup = join(folder, 'backup.dump');
let cluster: Cluster;
let acme: Furnished;
let before: number;
let after: number;

beforeAll(async () => {
  if (!hasPostgresTools) return;
  cluster = await startDumpableCluster();
  const database = await createMigratedDatabase({ server: cluster.url });
  const options = replicaOptions(folder, database.url);
  const replica = await runService(options);
  acme = await furnishService(replica, 5);
  const callers = await load(replica, acme.token, CALLERS);
  await callers.more(300);
  before = callers.told().length;
  expect(await runLocal('backup', [backup], options)).toMatchObject({ code: 0, stderr: '' });
  after = callers.told().length;
  await callers.stop();
  await replica.end('SIGTERM');
}, 120_000);

afterAll(async () => {
  await cluster?.remove();
  rmSync(folder, { recursive: true, force: true });
});

const emptyDatabase = () => createDatabase({ server: cluster.url });
const restore = (file: string, { url }: TestDatabase, more: NodeJS.ProcessEnv = {}, args: string[] = []) =>
  runLocal('restore', [...args, file], { cwd: folder, env: { ...replicaOptions(folder, url).env, ...more } });

async function tablesOf(database: TestDatabase): Promise<number> {
  const [counted] = await database.query<{ n: number }>(
    "SELECT count(*) AS n FROM pg_tables WHERE schemaname = 'public'",
  );
  return counted?.n ?? 0;
}

describe.skipIf(!hasPostgresTools)('a backup of a vault on PostgreSQL', () => {
  test('is restored into an empty database: every key is handed out, and counters agree with the history', async () => {
    const database = await emptyDatabase();
    const { code, stdout, stderr } = await restore(backup, database);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`${acme.keys.size + 1} secrets open under the master key`);
    const [counted] = await database.query<{ n: number; rows: number; noted: number }>(
      `SELECT (SELECT sum(count) FROM counters WHERE subject = 'service') AS n,
              (SELECT count(*) FROM deliveries) AS rows,
              (SELECT count(*) FROM audit_entries WHERE type = 'vault.restored') AS noted`,
    );
    expect(counted?.n).toBe(counted?.rows);
    expect(counted?.noted).toBe(1);
    expect(counted?.n).toBeGreaterThanOrEqual(before);
    expect(counted?.n).toBeLessThanOrEqual(after + CALLERS);

    const open =
      "SELECT oid FROM pg_proc WHERE prosecdef AND has_function_privilege('public', oid, 'EXECUTE')";
    expect(await database.query(open)).toEqual([]);

    const replica = await runService(replicaOptions(folder, database.url));
    const client = await RawConnection.open(replica.url);
    const delivered = new Map<number, string>();
    for (let at = 1; at <= acme.keys.size; at++) {
      const { body } = await client.send(askFor(acme.token)).receive();
      delivered.set(body.meta.key_id, body.key);
      expect(body.meta.usage_today).toBe((counted?.n ?? 0) + at);
    }
    client.destroy();
    expect(delivered).toEqual(acme.keys);
    expect(await replica.end('SIGTERM')).toBe(0);
  });

  test('is restored into no database that has anything in it', async () => {
    const database = await emptyDatabase();
    await database.query('CREATE TABLE things (id int)');
    const { code, stderr } = await restore(backup, database);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/is not empty \(it has things\)/),
    });
    expect(await tablesOf(database)).toBe(1);
  });

  const damages: [
    what: string,
    code: number,
    why: RegExp,
    damage: (file: string) => void,
    env?: NodeJS.ProcessEnv,
  ][] = [
    ['that was truncated', 1, /it has \d+ bytes of \d+/, (file) => truncate(file, 100)],
    ['in which a bit has flipped', 1, /its content has changed/, (file) => flipBit(file, 3_000)],
    [
      'of a newer schema',
      1,
      /has schema 9999, this release knows/,
      (file) => setField(file, 'schema', '9999'),
    ],
    [
      'of a vault on SQLite',
      1,
      /is a backup of a vault on SQLite/,
      (file) => setField(file, 'engine', 'sqlite'),
    ],
    [
      'that is no dump',
      1,
      /pg_restore failed: .*not appear to be a valid archive/,
      (file) => {
        writeFileSync(file, randomBytes(5_000));
        resign(file);
      },
    ],
    [
      'that ends too soon, though its checksum is right',
      1,
      /pg_restore failed/,
      (file) => {
        truncate(file, 2_000);
        resign(file);
      },
    ],
    [
      'of another master key',
      78,
      /the master key is not the one/,
      () => {},
      { KEYROTATOR_MASTER_KEY: randomBytes(32).toString('base64') },
    ],
    ['without pg_restore', 1, /pg_restore is not on the PATH/, () => {}, { PATH: folder }],
  ];
  test.each(damages)('%s is refused, and the database stays empty', async (_what, code, why, damage, env) => {
    const database = await emptyDatabase();
    const file = join(folder, 'refused.dump');
    copyBackup(backup, file);
    damage(file);
    const ran = await restore(file, database, env);
    expect(ran).toMatchObject({ code, stderr: expect.stringMatching(why) });
    expect(await tablesOf(database)).toBe(0);
  });

  test('with other rows than its checksum says is told to be so', async () => {
    const database = await emptyDatabase();
    const file = join(folder, 'rows.dump');
    copyBackup(backup, file);
    setField(file, 'rows', '{"tenants":2}');
    const { code, stderr } = await restore(file, database);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /other rows than it should have in .*tenants[\s\S]*has been restored all the same: drop it/,
    );
  });

  test('can be checked without a restoration', async () => {
    const database = await emptyDatabase();
    const { code, stdout } = await restore(backup, database, {}, ['--check']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('nothing was restored') });
    expect(await tablesOf(database)).toBe(0);
  });

  test(`leaves all or nothing in the database when the restoration is killed (${KILLS} times)`, {
    timeout: 120_000,
  }, async () => {
    for (let at = 0; at < KILLS; at++) {
      const database = await emptyDatabase();
      const { env } = replicaOptions(folder, database.url);
      await runLocalFor(300 + at * 150, 'SIGKILL', 'restore', [backup], { cwd: folder, env });
      await idle(database);
      const tables = await tablesOf(database);
      if (tables > 0) {
        const [kept] = await database.query<{ n: number }>('SELECT count(*) AS n FROM provider_keys');
        expect(kept?.n).toBe(acme.keys.size);
      } else {
        expect(await restore(backup, database)).toMatchObject({ code: 0 });
      }
    }
  });
});

/** Resolves when nobody else is connected: a pg_restore whose parent was killed comes to its end by itself. */
async function idle(database: TestDatabase): Promise<void> {
  const others =
    'SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()';
  for (;;) {
    const [counted] = await database.query<{ n: number }>(others);
    if (counted?.n === 0) return;
  }
}
