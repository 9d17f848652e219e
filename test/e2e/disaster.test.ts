/** The procedures of docs/operations.md around backups and disasters, line by line as they are written there. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeCheckout } from '../support/checkout.ts';
import { furnishService, load } from '../support/keyed-service.ts';
import { codeBlocks, readDocument } from '../support/markdown.ts';
import type { Cluster } from '../support/postgres-cluster.ts';
import { createMigratedDatabase } from '../support/postgres-database.ts';
import { hasPostgresTools, startDumpableCluster } from '../support/postgres-tools.ts';
import { replicaOptions } from '../support/replicas.ts';
import { hasCommand, type Running, runShell, startCommand } from '../support/run-command.ts';
import { type RunningService, runService } from '../support/run-service.ts';

const OPERATIONS = readDocument('docs/operations.md');
const SERVES = /KeyRotator serves at (\S+)\r?\n/;
const root = mkdtempSync(join(tmpdir(), 'keyrotator-disaster-'));
const backups = join(root, 'backups');
mkdirSync(backups);
let cluster: Cluster | undefined;

afterAll(async () => {
  await cluster?.remove();
  rmSync(root, { recursive: true, force: true });
});

/** The commands under a heading. */
function blocks(heading: string): string[] {
  const found = codeBlocks(OPERATIONS).filter((each) => each.heading === heading && each.language === 'sh');
  return found.map(({ text }) => text.replaceAll('/var/backups/keyrotator', backups));
}

async function follow(heading: string, cwd: string): Promise<string> {
  const [commands = 'false'] = blocks(heading);
  const { code, stdout, stderr } = await runShell(`set -e\n${commands}`, { cwd });
  expect(code, stderr).toBe(0);
  return stdout;
}

/** Whether a key can be had with this token. */
async function delivers(service: { readonly url: string }, token: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${service.url}/api/next?service=openai`, { headers })).status === 200;
}

async function stop(service: RunningService): Promise<void> {
  expect(await service.end('SIGTERM')).toBe(0);
}

test.skipIf(!hasCommand('sha256sum'))(
  'a vault is backed up while it serves, checked, and restored',
  { timeout: 90_000 },
  async () => {
    const folder = makeCheckout(root);
    const service = await runService({ cwd: folder });
    const { token } = await furnishService(service);
    const callers = await load(service, token, 2);
    await follow('Back up', folder);
    expect(await follow('Check a backup', folder)).toMatch(
      /\.db: OK\n[\s\S]*it can be restored; nothing was replaced\n/,
    );
    await callers.stop();
    await stop(service);
    expect(await follow('Restore', folder)).toMatch(
      /is kept as .*keyrotator\.db\.replaced-[\s\S]*restored to data\/keyrotator\.db\n/,
    );
    const again = await runService({ cwd: folder });
    expect(await delivers(again, token)).toBe(true);
    await stop(again);
  },
);

test('a root token that was lost is replaced while the vault serves', async () => {
  const folder = makeCheckout(root);
  const service = await runService({ cwd: folder });
  await follow('The root token is lost, or was seen', folder);
  const token = readFileSync(join(folder, 'data/root-token'), 'utf8').trim();
  const whoami = (bearer: string) =>
    fetch(`${service.url}/admin/v1/whoami`, { headers: { authorization: `Bearer ${bearer}` } });
  expect([(await whoami(token)).status, (await whoami(service.rootToken)).status]).toEqual([200, 401]);
  await stop(service);
});

test('a new vault is made beside one whose master key is lost', async () => {
  const folder = makeCheckout(root);
  const service = await runService({ cwd: folder });
  const script = blocks('The master key is lost').join().replace('PORT=8081', 'PORT=0');
  const beside = startCommand(['bash', '-c', script], {
    cwd: folder,
    env: { KEYROTATOR_DEMO: 'false' },
  });
  await beside.written(SERVES);
  expect(existsSync(join(folder, 'data-new/keyrotator.db'))).toBe(true);
  await beside.end('SIGTERM');
  await stop(service);
});

test('a vault moves to another machine', { timeout: 60_000 }, async () => {
  const [old, next] = [makeCheckout(root), makeCheckout(root)];
  const service = await runService({ cwd: old });
  const { token } = await furnishService(service);
  await stop(service);
  const [onTheOld = '', onTheNew = ''] = blocks('Moving to another machine');
  expect(await runShell(onTheOld, { cwd: old })).toMatchObject({ code: 0 });
  for (const file of ['moving.db', 'moving.db.sha256']) cpSync(join(old, file), join(next, file));
  mkdirSync(join(next, 'data'));
  cpSync(join(old, 'data/master.key'), join(next, 'data/master.key'));
  const moved: Running = startCommand(['bash', '-c', onTheNew], { cwd: next, env: { PORT: '0' } });
  const url = (await moved.written(SERVES))[1] ?? '';
  expect(await delivers({ url }, token)).toBe(true);
  await moved.end('SIGTERM');
});

test.skipIf(!hasPostgresTools || !hasCommand('createdb'))(
  'a vault on PostgreSQL is backed up and restored',
  { timeout: 90_000 },
  async () => {
    cluster = await startDumpableCluster();
    const database = await createMigratedDatabase({ server: cluster.url });
    const folder = makeCheckout(root);
    const options = replicaOptions(folder, database.url);
    const replica = await runService(options);
    const { token } = await furnishService(replica);
    const { hostname, port, username, password, pathname } = new URL(database.url);
    await database.query(`CREATE ROLE owner LOGIN PASSWORD '${password}'`);
    const here = (text: string, role: string) =>
      `export PGPASSWORD='${password}' PGPORT=${port} KEYROTATOR_MASTER_KEY='${options.env.KEYROTATOR_MASTER_KEY}'\n${text}`
        .replaceAll('owner:PASSWORD@db.example.com/', `${role}:${password}@${hostname}:${port}/`)
        .replaceAll('db.example.com', hostname)
        .replaceAll('-U postgres', `-U ${username}`);
    const [making = '', restoring = ''] = blocks('On PostgreSQL');
    const made = await runShell(here(making.replace("/keyrotator'", `${pathname}'`), username), {
      cwd: folder,
    });
    expect(made.code, made.stderr).toBe(0);
    const brought = await runShell(here(restoring, 'owner'), { cwd: folder });
    expect(brought.code, brought.stderr).toBe(0);
    await stop(replica);
    const url = new URL(database.url);
    url.pathname = '/keyrotator_restored';
    const restored = await runService(replicaOptions(folder, url.href));
    expect(await delivers(restored, token)).toBe(true);
    await stop(restored);
  },
);
