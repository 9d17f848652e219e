/** A backup of a vault on SQLite, by the real command beside the real service. */
import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listMigrations } from '../../src/storage/migrations.ts';
import { type Furnished, furnishService, load, type Told } from '../support/keyed-service.ts';
import { runLocal, runLocalFor } from '../support/local-command.ts';
import { hasCommand, runCommand } from '../support/run-command.ts';
import { type RunningService, runService } from '../support/run-service.ts';
import { filesIn, findSecrets, secret } from '../support/secret-search.ts';
import { flipBit, overwrite } from '../support/tampering.ts';

const CALLERS = 4;
const ENDS = 8;
const folder = mkdtempSync(join(tmpdir(), 'keyrotator-backup-'));
let service: RunningService;
let acme: Furnished;
/** What was delivered before `first.db` was begun, and how many there were once it was there. */
let before: Told[];
let after: number;
let said: string;

beforeAll(async () => {
  service = await runService({ cwd: folder, env: { LOG_LEVEL: 'warn' } });
  acme = await furnishService(service);
  const callers = await load(service, acme.token, CALLERS);
  await callers.more(500);
  before = callers.told();
  const { code, stderr } = await backUp('first.db');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  after = callers.told().length;
  await callers.more(100);
  await callers.stop();
  said = readFileSync(join(folder, 'first.db.sha256'), 'utf8');
});

afterAll(async () => {
  await service.end('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

const backUp = (file: string, env = {}) => runLocal('backup', [file], { cwd: folder, env });
const mode = (file: string) => statSync(join(folder, file)).mode & 0o777;
const filesOf = (file: string) => readdirSync(folder).filter((name) => name.startsWith(file));

function recorded(file: string): { deliveries: Told[]; counted: number } {
  const db = new SqliteDatabase(join(folder, file), { readonly: true });
  try {
    const deliveries = db.prepare('SELECT delivery_id, key_id, usage_today FROM deliveries').all() as Told[];
    const counters = db.prepare("SELECT total(count) FROM counters WHERE subject = 'service'");
    return { deliveries, counted: counters.pluck().get() as number };
  } finally {
    db.close();
  }
}

describe('a backup that is made while the vault serves', () => {
  test('has all that was delivered before it began, nothing that was asked for after it ended, and history that agrees with the counters', () => {
    const { deliveries, counted } = recorded('first.db');
    const onRecord = new Map(deliveries.map((row) => [row.delivery_id, row]));
    const missing = before.filter((told) => onRecord.get(told.delivery_id)?.usage_today !== told.usage_today);
    expect(missing).toEqual([]);
    expect(counted).toBe(deliveries.length);
    expect(after).toBeGreaterThan(before.length);
    expect(deliveries.length).toBeLessThanOrEqual(after + CALLERS);
  });

  test('is two files that only their user can read, and nothing else is left', () => {
    expect(filesOf('first.db')).toEqual(['first.db', 'first.db.sha256']);
    expect([mode('first.db'), mode('first.db.sha256')]).toEqual([0o600, 0o600]);
  });

  test.skipIf(!hasCommand('sha256sum'))(
    'is checked by sha256sum, which finds a bit that has flipped',
    async () => {
      const check = () => runCommand(['sha256sum', '--strict', '-c', 'first.db.sha256'], { cwd: folder });
      expect(await check()).toMatchObject({ code: 0, stdout: 'first.db: OK\n' });
      flipBit(join(folder, 'first.db'), 5_000);
      expect(await check()).toMatchObject({ code: 1 });
      flipBit(join(folder, 'first.db'), 5_000);
    },
  );

  test('says when it was made, of what schema, and how many rows it has', () => {
    const lines = [...said.matchAll(/^# (\w+): (.*)$/gm)].map(([, name, value]) => [name, value]);
    const facts = Object.fromEntries(lines);
    const schema = String(listMigrations('sqlite').length);
    const bytes = String(statSync(join(folder, 'first.db')).size);
    expect(facts).toMatchObject({ format: '1', engine: 'sqlite', schema, bytes });
    expect(Math.abs(Date.now() - Date.parse(facts.created_at))).toBeLessThan(600_000);
    const rows = JSON.parse(facts.rows);
    expect(rows).toMatchObject({ tenants: 1, provider_keys: acme.keys.size, webhooks: 1 });
    expect(rows.deliveries).toBe(recorded('first.db').deliveries.length);
  });

  test('holds no key, token or secret, nor the master key', () => {
    const master = Buffer.from(readFileSync(join(folder, 'data/master.key'), 'utf8').trim(), 'base64');
    const secrets = [
      ...[...acme.keys.values()].map((key) => secret('a provider key', key)),
      secret('the client token', acme.token),
      secret('the root token', service.rootToken),
      secret('the webhook secret', acme.webhookSecret),
      { name: 'the webhook secret, decoded', bytes: Buffer.from(acme.webhookSecret.slice(6), 'base64') },
      { name: 'the master key', bytes: master },
    ];
    const files = filesIn(folder).filter(({ name }) => name.startsWith('first.db'));
    expect(files).toHaveLength(2);
    expect(findSecrets(secrets, files)).toEqual([]);
  });

  test('never overwrites a file', async () => {
    const whole = readFileSync(join(folder, 'first.db'));
    const { code, stderr } = await backUp('first.db');
    expect(code).toBe(1);
    expect(stderr).toMatch(/first\.db is there already: name another file/);
    expect(readFileSync(join(folder, 'first.db')).equals(whole)).toBe(true);
    expect(filesOf('first.db')).toEqual(['first.db', 'first.db.sha256']);
  });
});

describe('a backup is refused, and nothing is left', () => {
  test.each([
    ['where there is no vault', 'elsewhere.db', /there is no vault at elsewhere\.db/],
    ['of what is no vault', 'other.db', /other\.db holds no vault/],
    ['of a database that is damaged', 'damaged.db', /the database is damaged, and so would be its backup/],
  ])('%s', async (_what, file, why) => {
    if (file === 'other.db') makeOther(join(folder, file));
    if (file === 'damaged.db') makeDamaged(join(folder, file));
    const { code, stderr } = await backUp('refused.db', { DATABASE_URL: `sqlite:${file}` });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(why) });
    expect(filesOf('refused.db')).toEqual([]);
  });
});

describe('a backup that is ended in the middle', () => {
  test.each(['SIGKILL', 'SIGTERM'] as const)(
    'by %s leaves no half of a backup, and the vault serves on',
    { timeout: 120_000 },
    async (signal) => {
      grow(join(folder, 'data/keyrotator.db'));
      const callers = await load(service, acme.token, CALLERS);
      let unfinished = 0;
      for (let at = 0; at < ENDS; at++) {
        const file = `${signal}-${at}.db`;
        await runLocalFor(100 + at * 60, signal, 'backup', [file], { cwd: folder });
        if (existsSync(join(folder, file))) {
          expect(filesOf(file)).toContain(`${file}.sha256`);
          expect(recorded(file).counted).toBe(recorded(file).deliveries.length);
        } else {
          unfinished++;
        }
      }
      expect(unfinished).toBeGreaterThan(0);
      if (signal === 'SIGTERM') expect(filesOf(signal).join()).not.toContain('.partial-');
      expect(await backUp(`${signal}.db`)).toMatchObject({ code: 0 });
      await callers.more(100);
      await callers.stop();
      expect(callers.told().length).toBeGreaterThan(100);
    },
  );
});

function makeOther(file: string): void {
  const other = new SqliteDatabase(file);
  other.exec('CREATE TABLE things (id INTEGER)');
  other.close();
}

function makeDamaged(file: string): void {
  copyFileSync(join(folder, 'first.db'), file);
  for (let at = 4 * 4096; at < statSync(file).size; at += 4096) overwrite(file, at, randomBytes(100));
}

/** Makes the database large enough that copying it takes a while. */
function grow(file: string): void {
  const db = new SqliteDatabase(file, { timeout: 5_000 });
  const insert = db.prepare(
    "INSERT INTO audit_entries (at, type, actor_kind, actor_name, target, outcome, after) VALUES (0, 'test', 'system', 'test', 'test', 'success', ?)",
  );
  const text = JSON.stringify({ text: 'x'.repeat(3_900) });
  db.transaction(() => {
    for (let at = 0; at < 30_000; at++) insert.run(text);
  })();
  db.close();
}
