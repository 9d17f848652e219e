/** A new root token by the local command, beside the real service. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterAll, describe, expect, test } from 'vitest';
import { furnishService, load } from '../support/keyed-service.ts';
import { localScript, runLocal } from '../support/local-command.ts';
import { createMigratedDatabase } from '../support/postgres-database.ts';
import { replicaOptions } from '../support/replicas.ts';
import { hasTerminal, runCommand } from '../support/run-command.ts';
import { type RunningService, runService } from '../support/run-service.ts';

const root = mkdtempSync(join(tmpdir(), 'keyrotator-root-token-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const freshFolder = () => mkdtempSync(join(root, 'vault-'));
const renew = (cwd: string, env: NodeJS.ProcessEnv = {}) => runLocal('root-token', [], { cwd, env });
const tokenIn = (folder: string) => readFileSync(join(folder, 'data/root-token'), 'utf8').trim();

async function statusOf(service: RunningService, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${service.url}/admin/v1/whoami`, { headers })).status;
}

describe('a new root token on SQLite', () => {
  test('while the vault serves: the old one is refused at once, and deliveries go on', async () => {
    const folder = freshFolder();
    const service = await runService({ cwd: folder, env: { LOG_LEVEL: 'warn' } });
    const { token } = await furnishService(service, 1);
    const callers = await load(service, token, 4);
    await callers.more(100);
    const { code, stdout, stderr } = await renew(folder);
    const renewed = tokenIn(folder);
    expect([await statusOf(service, service.rootToken), await statusOf(service, renewed)]).toEqual([
      401, 200,
    ]);
    await callers.more(100);
    await callers.stop();

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(renewed).toMatch(/^krr_/);
    expect(stdout).not.toContain(renewed);
    expect(stdout).toContain('The new root token is in data/root-token.');
    expect(statSync(join(folder, 'data/root-token')).mode & 0o777).toBe(0o600);
    expect(await service.end('SIGTERM')).toBe(0);
    const db = new SqliteDatabase(join(folder, 'data/keyrotator.db'));
    const sql =
      "SELECT type, actor_kind, target, reason FROM audit_entries WHERE type = 'root_token.replaced'";
    expect(db.prepare(sql).all()).toEqual([
      {
        type: 'root_token.replaced',
        actor_kind: 'system',
        target: 'admin_token:1',
        reason: 'by the local command',
      },
    ]);
    const all = db.prepare(
      "SELECT count(*) = (SELECT total(count) FROM counters WHERE subject = 'service') FROM deliveries",
    );
    expect(all.pluck().get()).toBe(1);
    db.close();
  });

  test('while the vault is stopped, and again', async () => {
    const folder = freshFolder();
    const env = { KEYROTATOR_ROOT_TOKEN: undefined };
    const first = await runService({ cwd: folder, env });
    const made = tokenIn(folder);
    await first.end('SIGTERM');
    expect(await renew(folder)).toMatchObject({ code: 0 });
    const second = tokenIn(folder);
    expect(await renew(folder)).toMatchObject({ code: 0 });
    const third = tokenIn(folder);
    const service = await runService({ cwd: folder, env });
    const statuses = await Promise.all([made, second, third].map((token) => statusOf(service, token)));
    expect(statuses).toEqual([401, 401, 200]);
    await service.end('SIGTERM');
  });

  test.skipIf(!hasTerminal())(
    'is shown once on a terminal, and the file of the old one is removed',
    async () => {
      const folder = freshFolder();
      const env = { KEYROTATOR_ROOT_TOKEN: undefined };
      const service = await runService({ cwd: folder, env });
      expect(existsSync(join(folder, 'data/root-token'))).toBe(true);
      const command = `'${process.execPath}' '${localScript('root-token')}'`;
      const { stdout } = await runCommand(['script', '-qec', command, '/dev/null'], { cwd: folder });
      const shown = /The new root token, shown this once: (krr_\w+)/.exec(stdout)?.[1] ?? '';
      expect(await statusOf(service, shown)).toBe(200);
      expect(existsSync(join(folder, 'data/root-token'))).toBe(false);
      await service.end('SIGTERM');
    },
  );
});

describe('a new root token is refused, and the old one stays', () => {
  test.each([
    [
      'where KEYROTATOR_ROOT_TOKEN decides',
      { KEYROTATOR_ROOT_TOKEN: 'x'.repeat(32) },
      78,
      /KEYROTATOR_ROOT_TOKEN is set, and decides/,
    ],
    [
      'with another master key',
      { KEYROTATOR_MASTER_KEY: randomBytes(32).toString('base64') },
      78,
      /the master key is not the one/,
    ],
    [
      'where there is no vault',
      { DATABASE_URL: 'sqlite:data/elsewhere.db' },
      1,
      /there is no vault at data\/elsewhere\.db/,
    ],
  ])('%s', async (_what, env, code, why) => {
    const folder = freshFolder();
    const service = await runService({ cwd: folder });
    expect(await renew(folder, env)).toEqual({ code, stdout: '', stderr: expect.stringMatching(why) });
    expect(await statusOf(service, service.rootToken)).toBe(200);
    expect(existsSync(join(folder, 'data/root-token'))).toBe(false);
    expect(existsSync(join(folder, 'data/elsewhere.db'))).toBe(false);
    await service.end('SIGTERM');
  });

  test('where it cannot be kept', async () => {
    const options = replicaOptions(freshFolder(), (await createMigratedDatabase()).url);
    const replica = await runService(options);
    const { KEYROTATOR_ROOT_TOKEN: given, ...env } = options.env;
    const cwd = freshFolder();
    writeFileSync(join(cwd, 'data'), 'A file where the folder would be.');
    expect(await renew(cwd, env)).toMatchObject({ code: 1 });
    expect(await statusOf(replica, given)).toBe(200);
    await replica.end('SIGTERM');
  });
});

test('a new root token on PostgreSQL binds every replica at once, and one that starts with the old brings it back nowhere', async () => {
  const folder = freshFolder();
  const database = await createMigratedDatabase();
  const options = replicaOptions(folder, database.url);
  const replicas = await Promise.all([runService(options), runService(options)]);
  const { KEYROTATOR_ROOT_TOKEN: old, ...env } = options.env;
  const { code, stdout } = await renew(folder, env);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /Give it to every replica as KEYROTATOR_ROOT_TOKEN: one that starts with the old serves, but warns/,
  );
  const renewed = tokenIn(folder);
  for (const replica of replicas) {
    expect([await statusOf(replica, old), await statusOf(replica, renewed)]).toEqual([401, 200]);
  }
  const third = await runService({ ...options, env: { ...options.env, KEYROTATOR_ROOT_TOKEN: renewed } });
  expect(await statusOf(third, renewed)).toBe(200);
  const stale = await runService(options);
  expect(stale.output.stderr).toContain('KEYROTATOR_ROOT_TOKEN is one that was replaced before');
  for (const replica of [...replicas, third, stale]) {
    expect([await statusOf(replica, old), await statusOf(replica, renewed)]).toEqual([401, 200]);
  }
  for (const replica of [...replicas, third, stale]) expect(await replica.end('SIGTERM')).toBe(0);
});
