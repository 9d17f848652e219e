/** The drill: a backup of a serving vault on SQLite, restored elsewhere by the real command, and everything that must not be restored. */
import { createHash, randomBytes } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listMigrations } from '../../src/storage/migrations.ts';
import { Keyring } from '../../src/vault/keyring.ts';
import { askFor, type Furnished, furnishService, load, type Told } from '../support/keyed-service.ts';
import { runLocal, runLocalFor } from '../support/local-command.ts';
import { RawConnection } from '../support/raw-http.ts';
import { type RunningService, runService } from '../support/run-service.ts';
import {
  changeDatabase,
  copyBackup,
  flipBit,
  overwrite,
  resign,
  setField,
  truncate,
} from '../support/tampering.ts';

const CALLERS = 4;
const KILLS = 10;
const NEWEST = listMigrations('sqlite').length;
const root = mkdtempSync(join(tmpdir(), 'keyrotator-restore-'));
const backup = join(root, 'backup.db');
const master = randomBytes(32).toString('base64');
const env = { KEYROTATOR_MASTER_KEY: master, LOG_LEVEL: 'warn' };
let acme: Furnished;
let before: Told[];
let after: number;

beforeAll(async () => {
  const folder = freshFolder();
  const service = await runService({ cwd: folder, env });
  acme = await furnishService(service, 5);
  const callers = await load(service, acme.token, CALLERS);
  await callers.more(500);
  before = callers.told();
  expect(await runLocal('backup', [backup], { cwd: folder })).toMatchObject({ code: 0 });
  after = callers.told().length;
  await callers.stop();
  await service.end('SIGTERM');
}, 60_000);

afterAll(() => rmSync(root, { recursive: true, force: true }));

function freshFolder(): string {
  return mkdtempSync(join(root, 'vault-'));
}

const restore = (cwd: string, args: readonly string[], more: NodeJS.ProcessEnv = env) =>
  runLocal('restore', args, { cwd, env: more });
const database = (folder: string) => join(folder, 'data/keyrotator.db');
const digestOf = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
const namesIn = (folder: string) => readdirSync(join(folder, 'data')).filter((name) => !/\.lock/.test(name));

/** A folder with a vault that has one tenant, and is stopped. */
async function folderWithVault(more: NodeJS.ProcessEnv = env): Promise<string> {
  const folder = freshFolder();
  const service = await runService({ cwd: folder, env: more });
  await service.end('SIGTERM');
  return folder;
}

async function ask(service: RunningService, times: number) {
  const client = await RawConnection.open(service.url);
  const answers = [];
  for (let at = 0; at < times; at++) answers.push((await client.send(askFor(acme.token)).receive()).body);
  client.destroy();
  return answers;
}

function countIn(file: string, sql: string): number {
  const db = new SqliteDatabase(file, { readonly: true });
  try {
    return db.prepare(sql).pluck().get() as number;
  } finally {
    db.close();
  }
}

describe('a backup that was made under load and is restored elsewhere', () => {
  test('hands out every key, goes on counting where the backup was made, and has the history that agrees', async () => {
    const folder = freshFolder();
    const { code, stdout, stderr } = await restore(folder, [backup]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`${acme.keys.size + 1} secrets open under the master key`);
    expect(namesIn(folder)).toEqual(['keyrotator.db']);
    const counted = countIn(database(folder), "SELECT total(count) FROM counters WHERE subject = 'service'");
    expect(counted).toBe(countIn(database(folder), 'SELECT count(*) FROM deliveries'));
    expect(counted).toBeGreaterThanOrEqual(before.length);
    expect(counted).toBeLessThanOrEqual(after + CALLERS);

    const service = await runService({ cwd: folder, env });
    const answers = await ask(service, acme.keys.size);
    const delivered = new Map(answers.map(({ key, meta }) => [meta.key_id, key]));
    expect(delivered).toEqual(acme.keys);
    expect(answers.map(({ meta }) => meta.usage_today)).toEqual(answers.map((_, at) => counted + at + 1));
    expect(await service.end('SIGTERM')).toBe(0);
  });

  test('has it in its audit trail', async () => {
    const folder = freshFolder();
    await restore(folder, [backup]);
    const sql =
      "SELECT json_extract(after, '$.backup_sha256') FROM audit_entries WHERE type = 'vault.restored'";
    expect(countIn(database(folder), sql)).toBe(digestOf(backup));
  });

  test('can be checked beside a serving vault, in whose place nothing is put', async () => {
    const folder = freshFolder();
    const service = await runService({ cwd: folder, env });
    const names = namesIn(folder);
    const { code, stdout } = await restore(folder, ['--check', backup]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining('it can be restored; nothing was replaced'),
    });
    expect(namesIn(folder)).toEqual(names);
    expect(await service.end('SIGTERM')).toBe(0);
    expect(countIn(database(folder), 'SELECT count(*) FROM tenants')).toBe(0);
  });

  test('serves after an older release made it', async () => {
    const folder = freshFolder();
    makeVaultOfSchema1(folder);
    const old = join(folder, 'old.db');
    expect(await runLocal('backup', [old], { cwd: folder, env })).toMatchObject({ code: 0 });
    rmSync(join(folder, 'data'), { recursive: true });
    expect(await restore(folder, [old])).toMatchObject({ code: 0, stderr: '' });
    expect(countIn(database(folder), 'SELECT max(number) FROM schema_migrations')).toBe(NEWEST);
    const service = await runService({ cwd: folder, env });
    expect(await service.end('SIGTERM')).toBe(0);
  });
});

describe('an existing vault', () => {
  test('is not replaced unless that is asked for, and then kept aside whole, its log included', async () => {
    const folder = freshFolder();
    const service = await runService({ cwd: folder, env });
    await furnishService(service, 1);
    await service.end('SIGKILL');
    const refused = await restore(folder, [backup]);
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/there is a vault at .*: with --replace/),
    });
    expect(namesIn(folder)).toContain('keyrotator.db-wal');

    const { code, stdout } = await restore(folder, ['--replace', backup]);
    expect(code).toBe(0);
    expect(namesIn(folder)).toHaveLength(2);
    const aside = /is kept as (.*)/.exec(stdout)?.[1] ?? '';
    expect(aside).toMatch(/keyrotator\.db\.replaced-\d{4}-\d\d-\d\dT/);
    expect(countIn(aside, 'SELECT count(*) FROM provider_keys')).toBe(1);
    expect(countIn(database(folder), 'SELECT count(*) FROM provider_keys')).toBe(acme.keys.size);
  });

  test('is not replaced while it serves', async () => {
    const folder = freshFolder();
    const service = await runService({ cwd: folder, env });
    const { code, stderr } = await restore(folder, ['--replace', backup]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/a vault is serving from .*: stop it first/);
    expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
    expect(await service.end('SIGTERM')).toBe(0);
  });

  test('is not replaced while another program has it open', async () => {
    const folder = await folderWithVault();
    const reader = new SqliteDatabase(database(folder));
    reader.prepare('SELECT count(*) FROM tenants').get();
    const { code, stderr } = await restore(folder, ['--replace', backup]);
    reader.close();
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/another program has .* open: end it/),
    });
    expect(countIn(database(folder), 'SELECT count(*) FROM tenants')).toBe(0);
  });

  test('that is damaged makes room, too, and is kept as it is', async () => {
    const folder = await folderWithVault();
    overwrite(database(folder), 0, randomBytes(4096));
    const damaged = digestOf(database(folder));
    const { code, stdout } = await restore(folder, ['--replace', backup]);
    expect(code).toBe(0);
    expect(digestOf(/is kept as (.*)/.exec(stdout)?.[1] ?? '')).toBe(damaged);
    const service = await runService({ cwd: folder, env });
    expect((await ask(service, 1))[0].key).toMatch(/^sk-canary-/);
    await service.end('SIGTERM');
  });

  test(`is there whole, or the one of the backup is, when the restoration is killed (${KILLS} times)`, {
    timeout: 180_000,
  }, async () => {
    const folder = await folderWithVault();
    const outcomes = { before: 0, after: 0 };
    const original = join(root, 'original.db');
    copyFileSync(database(folder), original);
    for (let at = 0; at < KILLS; at++) {
      for (const name of readdirSync(join(folder, 'data'))) rmSync(join(folder, 'data', name));
      copyFileSync(original, database(folder));
      await runLocalFor(150 + at * 60, 'SIGKILL', 'restore', ['--replace', backup], { cwd: folder, env });
      const tenants = countIn(database(folder), 'SELECT count(*) FROM tenants');
      outcomes[tenants === 0 ? 'before' : 'after']++;
      const service = await runService({ cwd: folder, env });
      if (tenants === 1) expect((await ask(service, 1))[0].key).toMatch(/^sk-canary-/);
      expect(await service.end('SIGTERM')).toBe(0);
    }
    expect(outcomes.before).toBeGreaterThan(0);
    expect(await restore(folder, ['--replace', backup])).toMatchObject({ code: 0 });
  });
});

describe('a backup is refused, and the vault in its place stays', () => {
  const damages: [what: string, why: RegExp, damage: (file: string) => void][] = [
    [
      'that was truncated',
      /is not the backup that was made: it has \d+ bytes of \d+/,
      (file) => truncate(file, 4096),
    ],
    [
      'in which a bit has flipped',
      /is not the backup that was made: its content has changed/,
      (file) => flipBit(file, 9_000),
    ],
    ['that is empty', /is not the backup that was made: it has 0 bytes/, (file) => writeFileSync(file, '')],
    ['without its checksum', /refused\.db\.sha256 is missing/, (file) => rmSync(`${file}.sha256`)],
    [
      'with the checksum of something else',
      /is not the checksum of a backup/,
      (file) => writeFileSync(`${file}.sha256`, `${'0'.repeat(64)}  refused.db\n`),
    ],
    [
      'whose checksum is damaged',
      /refused\.db\.sha256 is damaged/,
      (file) => setField(file, 'rows', '{"tenants": 1'),
    ],
    ['of an older format', /is of format 0, this release reads 1/, (file) => setField(file, 'format', '0')],
    ['of a newer format', /is of format 2, this release reads 1/, (file) => setField(file, 'format', '2')],
    ['of a newer schema', /has schema 9999, this release knows/, (file) => setField(file, 'schema', '9999')],
    [
      'of a newer schema than it says',
      /its schema is 9999/,
      (file) =>
        changeDatabase(file, (db) => db.exec("INSERT INTO schema_migrations VALUES (9999, 'later', 0)")),
    ],
    [
      'of a vault on PostgreSQL',
      /is a backup of a vault on PostgreSQL/,
      (file) => setField(file, 'engine', 'postgres'),
    ],
    ['that is a database of something else', /is a SQLite database of something else/, makeForeign],
    [
      'that is no database',
      /damaged, though its checksum is right: file is not a database/,
      (file) => {
        writeFileSync(file, randomBytes(8_192));
        resign(file);
      },
    ],
    [
      'that is damaged inside',
      /the backup is damaged, though its checksum is right/,
      (file) => {
        for (let page = 5; page < 30; page++) overwrite(file, page * 4096, randomBytes(200));
        resign(file);
      },
    ],
    [
      'in which rows belong to nothing',
      /rows of \w+ belong to nothing/,
      (file) =>
        changeDatabase(file, (db) => {
          db.pragma('foreign_keys = OFF');
          db.exec('UPDATE tokens SET tenant_id = 77');
        }),
    ],
    [
      'in which rows are missing',
      /has other rows than it should have in audit_entries/,
      (file) => changeDatabase(file, (db) => db.exec('DELETE FROM audit_entries')),
    ],
    [
      'whose secrets were exchanged',
      /2 of 6 secrets do not open: provider key \d+ of tenant \d+, provider key/,
      (file) => changeDatabase(file, exchange),
    ],
    [
      'whose data key was damaged',
      /secrets do not open: data key of tenant 1/,
      (file) =>
        changeDatabase(file, (db) => db.exec('UPDATE data_keys SET sealed = randomblob(length(sealed))')),
    ],
  ];

  let folder: string;
  beforeAll(async () => {
    folder = await folderWithVault();
  });

  test.each(damages)('%s', async (_what, why, damage) => {
    const vault = digestOf(database(folder));
    const names = namesIn(folder);
    const file = join(folder, 'refused.db');
    copyBackup(backup, file);
    damage(file);
    const { code, stderr } = await restore(folder, ['--replace', file]);
    expect(stderr).toMatch(why);
    expect(code).toBe(1);
    expect(digestOf(database(folder))).toBe(vault);
    expect(namesIn(folder)).toEqual(names);
  });

  test('of another master key', async () => {
    const other = randomBytes(32).toString('base64');
    const folder = await folderWithVault({ KEYROTATOR_MASTER_KEY: other });
    const { code, stderr } = await restore(folder, ['--replace', backup], { KEYROTATOR_MASTER_KEY: other });
    expect(code).toBe(78);
    expect(stderr).toMatch(/the master key is not the one/);
    expect(stderr).not.toContain(other);
  });

  test('without a master key, and nothing is made', async () => {
    const folder = freshFolder();
    const { code, stderr } = await restore(folder, [backup], {});
    expect({ code, stderr }).toEqual({
      code: 78,
      stderr: expect.stringMatching(/KEYROTATOR_MASTER_KEY must be given/),
    });
    expect(readdirSync(folder)).toEqual([]);
  });
});

test('a vault in which some keys are broken comes back without them, where that is asked for', async () => {
  const folder = freshFolder();
  const file = join(folder, 'broken.db');
  copyBackup(backup, file);
  changeDatabase(file, exchange);
  expect(await restore(folder, [file])).toMatchObject({ code: 1 });
  expect(existsSync(database(folder))).toBe(false);
  const { code, stdout } = await restore(folder, ['--with-broken', file]);
  expect(code).toBe(0);
  expect(stdout).toContain('2 of 6 secrets do not open');
  const service = await runService({ cwd: folder, env });
  const answers = await ask(service, 6);
  expect(new Set(answers.map(({ key }) => key)).size).toBe(acme.keys.size - 2);
  await service.end('SIGTERM');
});

/** Gives each of two keys what is sealed for the other. */
function exchange(db: SqliteDatabase.Database): void {
  const [one, other] = db.prepare('SELECT id, sealed_key FROM provider_keys LIMIT 2').all() as {
    id: number;
    sealed_key: Buffer;
  }[];
  const update = db.prepare('UPDATE provider_keys SET sealed_key = ? WHERE id = ?');
  update.run(other?.sealed_key, one?.id);
  update.run(one?.sealed_key, other?.id);
}

function makeForeign(file: string): void {
  rmSync(file);
  const db = new SqliteDatabase(file);
  db.exec('CREATE TABLE things (id INTEGER)');
  db.close();
  resign(file);
}

/** What the first release would have made, with nothing in it. */
function makeVaultOfSchema1(folder: string): void {
  mkdirSync(join(folder, 'data'));
  const db = new SqliteDatabase(database(folder));
  db.pragma('journal_mode = WAL');
  const [first] = listMigrations('sqlite');
  db.exec(first?.sql ?? '');
  db.exec(
    'CREATE TABLE schema_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT',
  );
  db.prepare('INSERT INTO schema_migrations VALUES (1, ?, 0)').run(first?.name);
  const keyring = new Keyring(Buffer.from(master, 'base64'));
  const set = db.prepare('INSERT INTO settings VALUES (?, ?)');
  set.run('master_key_check', keyring.sealOwn('master-key-check', Buffer.from('keyrotator')));
  set.run('token_pepper', keyring.sealOwn('token-pepper', randomBytes(32)));
  db.close();
}
