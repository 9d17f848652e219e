/** Replicas of the real program on one PostgreSQL database, and callers that are spread over them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Crowd, type Hammering, hammer, openCrowd, type TimedAnswer } from './crowd.ts';
import { createMigratedDatabase, serverUrl, type TestDatabase } from './postgres-database.ts';
import { administer, type RunningService, runService } from './run-service.ts';
import type { Body } from './start-vault.ts';

const ROOT_TOKEN = 'root-token-of-the-tests-of-replicas-0123456789abcdef';

export interface Replicas {
  readonly database: TestDatabase;
  readonly running: readonly RunningService[];
  readonly urls: readonly string[];
  /** A call of the administration by one replica after another; throws unless it is answered with success. */
  call(method: string, path: string, body?: unknown): Promise<Body>;
  /** Makes a tenant; resolves to its client token. */
  addTenant(slug: string): Promise<string>;
  /** Makes a service with a key for each of `keys`; resolves to the ids of the service and of its keys. */
  addService(tenant: string, service: NewService, keys?: readonly object[]): Promise<Added>;
  /** Makes an app that may use all services. */
  addApp(tenant: string, more?: object): Promise<{ readonly id: number; readonly token: string }>;
  /** Ends the replicas, which have to end well, and drops the database. */
  stop(): Promise<void>;
}

export interface NewService {
  readonly slug: string;
  readonly [member: string]: unknown;
}

export interface Added {
  readonly id: number;
  readonly keyIds: readonly number[];
}

/** What replicas have in common: the database, the master key and the root token; `folder` is where they run. */
export function replicaOptions(folder: string, databaseUrl: string) {
  return {
    cwd: folder,
    env: {
      DATABASE_URL: databaseUrl,
      KEYROTATOR_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
      KEYROTATOR_ROOT_TOKEN: ROOT_TOKEN,
      LOG_LEVEL: 'warn',
    },
  };
}

/** Starts `count` of them on a new database, for a whole file of tests. */
export async function startReplicas(count: number): Promise<Replicas> {
  const folder = mkdtempSync(join(tmpdir(), 'keyrotator-replicas-'));
  // Given the server, the database outlives the test that is running.
  const database = await createMigratedDatabase({ server: await serverUrl() });
  const options = replicaOptions(folder, database.url);
  const running = await Promise.all(Array.from({ length: count }, () => runService(options)));
  let calls = 0;

  function call(method: string, path: string, body?: unknown): Promise<Body> {
    return administer(running[calls++ % count] as RunningService, method, path, body);
  }

  return {
    database,
    running,
    urls: running.map(({ url }) => url),
    call,
    async addTenant(slug) {
      return (await call('POST', '/tenants', { slug })).client_token;
    },
    async addService(tenant, service, keys = [{}]) {
      const { id } = await call('POST', `/tenants/${tenant}/services`, service);
      const keyIds: number[] = [];
      for (const [at, more] of keys.entries()) {
        const key = { label: `Key ${at + 1}`, key: `sk-${crypto.randomUUID()}`, ...more };
        keyIds.push((await call('POST', `/tenants/${tenant}/services/${service.slug}/keys`, key)).id);
      }
      return { id, keyIds };
    },
    async addApp(tenant, more = {}) {
      const body = { name: 'An app', services: 'all', ...more };
      const { id, app_token } = await call('POST', `/tenants/${tenant}/apps`, body);
      return { id, token: app_token };
    },
    async stop() {
      const codes = await Promise.all(running.map((replica) => replica.end('SIGTERM')));
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
      if (codes.some((code) => code !== 0)) {
        const logs = running.map(({ output }) => output.stderr.slice(-2_000));
        throw new Error(`the replicas ended with ${codes.join(', ')}: ${logs.join('\n')}`);
      }
    },
  };
}

/** A crowd whose callers are dealt out to the replicas one by one. */
export async function openSpreadCrowd(urls: readonly string[], size: number): Promise<Crowd> {
  const share = (at: number) => Math.ceil((size - at) / urls.length);
  const crowds = await Promise.all(urls.map((url, at) => openCrowd(url, share(at))));
  return {
    async ask(request) {
      const answers = await Promise.all(
        crowds.map((crowd, at) =>
          crowd.ask(typeof request === 'string' ? request : (index) => request(index * urls.length + at)),
        ),
      );
      return answers.flat();
    },
    close() {
      for (const crowd of crowds) crowd.close();
    },
  };
}

export interface SpreadHammering {
  /** Per replica. */
  readonly each: readonly Hammering[];
  /** What each replica has answered to requests begun in this time. */
  begun(from: number, until?: number): TimedAnswer[][];
  /** Resolves when every replica has given `count` more answers than now. */
  more(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** `callers` clients at each replica that ask again as soon as they are answered; they stop with the test at the latest. */
export async function hammerAll(
  urls: readonly string[],
  callers: number,
  request: string,
): Promise<SpreadHammering> {
  const each = await Promise.all(urls.map((url) => hammer(url, callers, request)));
  return {
    each,
    begun: (from, until = Number.POSITIVE_INFINITY) =>
      each.map(({ answers }) => answers.filter(({ startedAt }) => startedAt >= from && startedAt < until)),
    async more(count) {
      await Promise.all(each.map((hammering) => hammering.more(count)));
    },
    async stop() {
      await Promise.all(each.map((hammering) => hammering.stop()));
    },
  };
}
