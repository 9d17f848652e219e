/** That the tests' own PostgreSQL servers and network faults do what the tests rely on. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import type { Cluster } from '../support/postgres-cluster.ts';
import { createDatabase, createMigratedDatabase, queryAt } from '../support/postgres-database.ts';
import { startInstance } from '../support/postgres-instance.ts';
import { createTcpProxy, type Target, type Verdict } from '../support/tcp-proxy.ts';

const CLUSTER = new URL('../support/postgres-cluster.ts', import.meta.url).href;

let instance: Cluster;

beforeAll(async () => {
  instance = await startInstance();
});

/** Whether the process runs; one that has ended and waits for its parent to notice does not. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return /^[^Z]/.test(stdout.trim());
}

/** A client that is connected to a database through a proxy. */
async function throughProxy(url: string) {
  const { hostname, port } = new URL(url);
  const proxy = await createTcpProxy({ host: hostname, port: Number(port || 5432) });
  const connectionString = Object.assign(new URL(url), { hostname: '127.0.0.1', port: proxy.port }).href;
  const client = new pg.Client({ connectionString });
  client.on('error', () => {});
  await client.connect();
  return { proxy, client, connectionString };
}

it('gives each test databases of its own, empty or migrated', async () => {
  const [empty, migrated, other] = await Promise.all([
    createDatabase(),
    createMigratedDatabase(),
    createMigratedDatabase(),
  ]);
  const tables = 'SELECT count(*) AS n, 0.5::numeric AS half FROM pg_tables WHERE schemaname = $1';
  expect(await empty.query(tables, ['public'])).toEqual([{ n: 0, half: 0.5 }]);
  expect(await migrated.query(tables, ['public'])).not.toEqual([{ n: 0, half: 0.5 }]);
  await migrated.query('CREATE TABLE mine ()');
  await expect(other.query('SELECT FROM mine')).rejects.toThrow('does not exist');
  await other.drop();
  await expect(other.query('SELECT')).rejects.toThrow('does not exist');
});

it('kills a server with all its processes, and starts it again with what was committed', async () => {
  await queryAt(instance.url, 'CREATE TABLE kept (n int8); INSERT INTO kept VALUES (1)');
  const session = new pg.Client({ connectionString: instance.url });
  const errors: Error[] = [];
  session.on('error', (error) => errors.push(error));
  const broken = new Promise<void>((done) => session.once('end', done));
  await session.connect();
  const backends = await queryAt<{ pid: number }>(instance.url, 'SELECT pid FROM pg_stat_activity');
  await instance.kill();
  await broken;
  expect(errors.map(({ message }) => message).join()).not.toContain('terminating connection');
  expect(backends.filter(({ pid }) => isAlive(pid))).toEqual([]);
  await expect(queryAt(instance.url, 'SELECT')).rejects.toThrow('ECONNREFUSED');
  await instance.start();
  expect(await queryAt(instance.url, 'SELECT n FROM kept')).toEqual([{ n: 1 }]);
  await instance.stop('immediate');
  await instance.start();
  await instance.stop('fast');
  await instance.start();
  expect(await queryAt(instance.url, 'SELECT n FROM kept')).toEqual([{ n: 1 }]);
});

it('pauses a server, which then answers nobody until it is resumed', async () => {
  const session = new pg.Client({ connectionString: instance.url });
  await session.connect();
  await instance.pause();
  let answered = false;
  const answer = session.query('SELECT').then(() => {
    answered = true;
  });
  await new Promise((done) => setTimeout(done, 100));
  expect(answered).toBe(false);
  await instance.resume();
  await answer;
  await session.end();
});

it('leaves no server and no folder behind when the process that started it is killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyrotator-left-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  // The server may run as another user, who has to get in.
  chmodSync(folder, 0o755);
  const script = `const { startCluster } = await import('${CLUSTER}');
    const cluster = await startCluster();
    console.log(cluster.pid);
    await cluster.pause();
    process.kill(process.pid, 'SIGKILL');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  await once(child, 'close');
  expect(output).toMatch(/^\d+\n$/);
  await vi.waitFor(() => {
    expect(readdirSync(folder)).toEqual([]);
    expect(isAlive(Number(output))).toBe(false);
  }, 10_000);
});

it.each<[Verdict, number]>([
  ['cut-before', 0],
  ['cut-after', 1],
])('breaks a connection at its COMMIT: %s leaves %d rows', async (verdict, rows) => {
  const database = await createDatabase();
  await database.query('CREATE TABLE t (n int8)');
  const { proxy, client } = await throughProxy(database.url);
  proxy.onClientData((bytes) => (bytes.includes('COMMIT') ? verdict : 'pass'));
  await client.query('BEGIN');
  await client.query('INSERT INTO t VALUES ($1)', [1]);
  await expect(client.query('COMMIT')).rejects.toThrow('Connection terminated');
  expect(await database.query('SELECT n FROM t')).toHaveLength(rows);
});

it('keeps a reply from the client on a connection that stays', async () => {
  const database = await createDatabase();
  await database.query('CREATE TABLE t (n int8)');
  const { proxy, client } = await throughProxy(database.url);
  proxy.onClientData(() => 'swallow-reply');
  const answer = client.query('INSERT INTO t VALUES (1)').catch((error: Error) => error.message);
  await vi.waitFor(async () => expect(await database.query('SELECT n FROM t')).toEqual([{ n: 1 }]));
  expect(proxy.connections()).toBe(1);
  proxy.cut();
  expect(await answer).toContain('Connection terminated');
});

it('freezes, refuses and redirects connections', async () => {
  const { proxy, client, connectionString } = await throughProxy(instance.url);
  proxy.freeze();
  let answered = false;
  const answer = client.query('SELECT').then(() => {
    answered = true;
  });
  await new Promise((done) => setTimeout(done, 100));
  expect(answered).toBe(false);
  proxy.thaw();
  await answer;
  proxy.refuse(true);
  await client.query('SELECT');
  await expect(queryAt(connectionString, 'SELECT')).rejects.toThrow(/ECONNRESET|terminated/);
  proxy.refuse(false);
  proxy.retarget({ host: '127.0.0.1', port: 1 } satisfies Target);
  await client.query('SELECT');
  await expect(queryAt(connectionString, 'SELECT')).rejects.toThrow(/ECONNRESET|terminated/);
  await client.end();
});
