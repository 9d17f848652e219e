/** A backup of a vault on PostgreSQL: pg_dump, with a manifest from the same snapshot. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Furnished, furnishService, load } from '../support/keyed-service.ts';
import { runLocal } from '../support/local-command.ts';
import type { Cluster } from '../support/postgres-cluster.ts';
import {
  createDatabase,
  createMigratedDatabase,
  queryAt,
  serverUrl,
  type TestDatabase,
} from '../support/postgres-database.ts';
import { hasOldPostgresTools, hasPostgresTools, startDumpableCluster } from '../support/postgres-tools.ts';
import { replicaOptions } from '../support/replicas.ts';
import { hasCommand, runCommand } from '../support/run-command.ts';
import { type RunningService, runService } from '../support/run-service.ts';
import { filesIn, findSecrets, secret } from '../support/secret-search.ts';

const CALLERS = 4;
const folder = mkdtempSync(join(tmpdir(), 'keyrotator-backup-postgres-'));
const filesOf = (file: string) => readdirSync(folder).filter((name) => name.startsWith(file));
const backUp = (file: string, DATABASE_URL: string, PATH = process.env.PATH) =>
  runLocal('backup', [file], { cwd: folder, env: { DATABASE_URL, PATH } });

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!hasPostgresTools)('a backup that is made while replicas serve', () => {
  let cluster: Cluster;
  let database: TestDatabase;
  let replica: RunningService;
  let acme: Furnished;

  beforeAll(async () => {
    cluster = await startDumpableCluster();
    database = await createMigratedDatabase({ server: cluster.url });
    replica = await runService(replicaOptions(folder, database.url));
    acme = await furnishService(replica);
  });

  afterAll(async () => {
    await replica?.end('SIGTERM');
    await cluster?.remove();
  });

  test('is a dump that pg_restore reads, whose manifest counts what is in it', async () => {
    const callers = await load(replica, acme.token, CALLERS);
    await callers.more(300);
    const before = callers.told().length;
    const { code, stderr } = await backUp('first.dump', database.url);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const after = callers.told().length;
    await callers.stop();
    expect(filesOf('first.dump')).toEqual(['first.dump', 'first.dump.sha256']);
    expect(filesOf('first.dump').map((file) => statSync(join(folder, file)).mode & 0o777)).toEqual([
      0o600, 0o600,
    ]);
    const rows = JSON.parse(
      /^# rows: (.*)$/m.exec(readFileSync(join(folder, 'first.dump.sha256'), 'utf8'))?.[1] ?? '',
    );
    expect(rows).toMatchObject({ tenants: 1, provider_keys: acme.keys.size });
    expect(rows.deliveries).toBeGreaterThanOrEqual(before);
    expect(rows.deliveries).toBeLessThanOrEqual(after + CALLERS);

    const copy = await createDatabase({ server: cluster.url });
    const restored = await runCommand(['pg_restore', '-d', copy.url, 'first.dump'], { cwd: folder });
    expect(restored).toMatchObject({ code: 0, stderr: '' });
    const [counted] = await copy.query<{ n: number; rows: number }>(
      "SELECT sum(count) AS n, (SELECT count(*) FROM deliveries) AS rows FROM counters WHERE subject = 'service'",
    );
    expect(counted).toEqual({ n: rows.deliveries, rows: rows.deliveries });
  });

  test.skipIf(!hasCommand('sha256sum'))('is checked by sha256sum', async () => {
    const check = await runCommand(['sha256sum', '--strict', '-c', 'first.dump.sha256'], { cwd: folder });
    expect(check).toMatchObject({ code: 0, stdout: 'first.dump: OK\n' });
  });

  test('holds no key, token or secret', async () => {
    const env = replicaOptions(folder, database.url).env;
    const secrets = [
      ...[...acme.keys.values()].map((key) => secret('a provider key', key)),
      secret('the client token', acme.token),
      secret('the root token', env.KEYROTATOR_ROOT_TOKEN),
      secret('the webhook secret', acme.webhookSecret),
      secret('the password of the database', new URL(database.url).password),
      { name: 'the master key', bytes: Buffer.from(env.KEYROTATOR_MASTER_KEY, 'base64') },
    ];
    // What is compressed hides nothing from a search: unpacked.
    const { stdout } = await runCommand(['pg_restore', '-f', '-', 'first.dump'], { cwd: folder });
    const places = [
      ...filesIn(folder).filter(({ name }) => name.startsWith('first')),
      { name: 'SQL', content: stdout },
    ];
    expect(stdout).toContain('COPY public.provider_keys');
    expect(findSecrets(secrets, places)).toEqual([]);
  });

  test('gives pg_dump no password and no secret of the vault but where they belong', async () => {
    const programs = join(folder, 'programs');
    mkdirSync(programs);
    writeFileSync(
      join(programs, 'pg_dump'),
      `#!/bin/sh\n{ echo "$@"; echo ---; env; } >'${folder}/seen'\nexit 1\n`,
    );
    chmodSync(join(programs, 'pg_dump'), 0o755);
    const { env } = replicaOptions(folder, database.url);
    const { code } = await runLocal('backup', ['seen.dump'], {
      cwd: folder,
      env: { ...env, PATH: `${programs}${delimiter}${process.env.PATH}` },
    });
    expect(code).toBe(1);
    const [args = '', given = ''] = readFileSync(join(folder, 'seen'), 'utf8').split('---\n');
    const { password } = new URL(database.url);
    expect(args).not.toContain(password);
    expect(given).toContain(`PGPASSWORD=${password}`);
    expect(given).not.toMatch(/KEYROTATOR|DATABASE_URL/);
  });

  test('is refused where there is no vault in the database, and nothing is left', async () => {
    const rival = await createDatabase({ server: cluster.url });
    const { code, stderr } = await backUp('empty.dump', rival.url);
    expect(code).toBe(1);
    expect(stderr).toMatch(/there is no vault in the database/);
    expect(filesOf('empty.dump')).toEqual([]);
  });

  test('says which role may make it, where this one may not', async () => {
    const { pathname } = new URL(database.url);
    await queryAt(database.url, "CREATE ROLE backup_reader LOGIN PASSWORD 'reading'");
    const url = new URL(cluster.url);
    Object.assign(url, { username: 'backup_reader', password: 'reading', pathname });
    const refused = await backUp('role.dump', url.href);
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/permission denied.*\n?.*pg_read_all_data/),
    });
    expect(filesOf('role.dump')).toEqual([]);
    await queryAt(cluster.url, 'GRANT pg_read_all_data TO backup_reader');
    expect(await backUp('role.dump', url.href)).toMatchObject({ code: 0 });
  });
});

describe('a backup of a vault on PostgreSQL is refused', () => {
  test('where there is no pg_dump, and it is said where to get it', async () => {
    const database = await createMigratedDatabase();
    await runService(replicaOptions(folder, database.url)).then((replica) => replica.end('SIGTERM'));
    const { code, stderr } = await backUp('none.dump', database.url, folder);
    expect(code).toBe(1);
    expect(stderr).toMatch(/pg_dump is not on the PATH: install the client programs of PostgreSQL/);
    expect(filesOf('none.dump')).toEqual([]);
  });

  test.skipIf(!hasOldPostgresTools)('where pg_dump is older than the server', async () => {
    const database = await createMigratedDatabase();
    await runService(replicaOptions(folder, database.url)).then((replica) => replica.end('SIGTERM'));
    const { code, stderr } = await backUp('old.dump', database.url);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /server version mismatch[\s\S]*install the client programs of the server's version/,
    );
    expect(filesOf('old.dump')).toEqual([]);
  });

  test('where DATABASE_URL cannot be used', async () => {
    const { code, stderr } = await backUp('url.dump', `${await serverUrl()}?sslmode=prefer`);
    expect(code).toBe(78);
    expect(stderr).toMatch(/DATABASE_URL has an sslmode that is not offered/);
  });
});
