/** A real vault for a test: the whole service on a free port, with a database of its own and a clock that the test moves. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { Agent, fetch, type Headers, type RequestInit } from 'undici';
import { readConfig } from '../../src/config/config.ts';
import { type Service, startService } from '../../src/service/service.ts';
import { expectDocumented } from './openapi-document.ts';
import { createMigratedDatabase, serverUrl, type TestDatabase } from './postgres-database.ts';
import { sqliteFile } from './sqlite-database.ts';
import { testedCertificate } from './tested-tls.ts';

// biome-ignore lint/suspicious/noExplicitAny: a test reads what came and asserts on it
export type Body = any;

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; null where it is no JSON. */
  readonly body: Body;
}

export interface TestClock {
  wall(): number;
  monotonic(): number;
}

export interface VaultOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Where the wall clock starts. */
  readonly at?: string;
  /** Lines of the log are added here. */
  readonly logLines?: string[];
  readonly folder?: string;
  readonly commitTimeoutMs?: number;
}

export interface TestVault {
  readonly service: Service;
  readonly engine: Service['engine'];
  readonly jobs: Service['jobs'];
  readonly url: string;
  readonly folder: string;
  readonly rootToken: string;
  readonly clock: TestClock;
  /** Moves both clocks: time passes. */
  advance(ms: number): void;
  /** Moves the wall clock alone: somebody sets it. */
  stepWall(ms: number): void;
  /** A call below `/admin/v1`, with the root token unless another is given; null sends none. */
  admin(method: string, path: string, body?: unknown, token?: string | null): Promise<Reply>;
  /** `GET /api/next?<query>`, the token in the header. */
  next(query: string, options?: { token?: string; headers?: Record<string, string> }): Promise<Reply>;
  /** Rejects where the OpenAPI document does not say that it may be answered like this. */
  request(path: string, init?: RequestInit): Promise<Reply>;
  stop(): Promise<void>;
}

/** The engine that vaults are started on: that of TEST_ENGINE. */
export const testedEngine = process.env.TEST_ENGINE === 'postgres' ? 'postgres' : 'sqlite';

/** Folder → its database, for the vaults that are started again in the same folder. */
const databases = new Map<string, Promise<TestDatabase>>();

export async function startVault(options: VaultOptions = {}): Promise<TestVault> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'keyrotator-'));
  const rootToken = options.env?.KEYROTATOR_ROOT_TOKEN ?? `root-${randomBytes(32).toString('hex')}`;
  const config = readConfig({
    PORT: '0',
    ...(await databaseOf(folder)),
    KEYROTATOR_ROOT_TOKEN: rootToken,
    KEYROTATOR_DEMO: 'false',
    // Mail is set up, and nobody is there.
    KEYROTATOR_SMTP_URL: 'smtp://127.0.0.1:1',
    KEYROTATOR_MAIL_FROM: 'vault@example.com',
    LOG_LEVEL: options.logLines === undefined ? 'silent' : 'debug',
    ...(testedCertificate === null
      ? {}
      : { KEYROTATOR_TLS_CERT: testedCertificate.cert, KEYROTATOR_TLS_KEY: testedCertificate.key }),
    ...options.env,
  });
  let wall = Date.parse(options.at ?? '2026-03-01T12:00:00Z');
  let monotonic = 1_000_000;
  const clock = { wall: () => wall, monotonic: () => monotonic };
  const lines = options.logLines ?? [];
  const log = pino({ level: config.logLevel }, { write: (line: string) => void lines.push(line) });
  const service = await startService(config, {
    log,
    clock,
    jobs: false,
    showRootToken: false,
    onStorageLost: (error) => void lines.push(`storage lost: ${error.message}`),
    ...(options.commitTimeoutMs === undefined ? {} : { commitTimeoutMs: options.commitTimeoutMs }),
  });

  const connections = new Agent();

  async function request(path: string, init: RequestInit = {}): Promise<Reply> {
    const response = await fetch(`${service.url}${path}`, { ...init, dispatcher: connections });
    const text = await response.text();
    const reply = { status: response.status, headers: response.headers, text, body: parseJson(text) };
    expectDocumented(init.method ?? 'GET', path, reply);
    return reply;
  }

  return {
    service,
    engine: service.engine,
    jobs: service.jobs,
    url: service.url,
    folder,
    rootToken,
    clock,
    advance(ms) {
      wall += ms;
      monotonic += ms;
    },
    stepWall(ms) {
      wall += ms;
    },
    request,
    admin(method, path, body, token = rootToken) {
      const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
      if (body !== undefined) headers['content-type'] = 'application/json';
      const init: RequestInit = { method, headers };
      if (body !== undefined) init.body = typeof body === 'string' ? body : JSON.stringify(body);
      return request(`/admin/v1${path}`, init);
    },
    next(query, { token, headers = {} } = {}) {
      const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
      return request(`/api/next?${query}`, { headers: { ...authorization, ...headers } });
    },
    async stop() {
      // Who has left need not be told that the vault stops.
      const left = connections.closed ? undefined : connections.close();
      await service.stop();
      await left;
      if (options.folder !== undefined) return;
      rmSync(folder, { recursive: true, force: true });
      await (await databases.get(folder))?.drop();
    },
  };
}

/** SQLite in the folder, or with TEST_ENGINE=postgres a database of its own there. */
async function databaseOf(folder: string): Promise<NodeJS.ProcessEnv> {
  if (process.env.TEST_ENGINE !== 'postgres') return { DATABASE_URL: `sqlite:${sqliteFile(folder)}` };
  // Given the server, it outlives the test: a vault may serve a whole file.
  const database = databases.get(folder) ?? createMigratedDatabase({ server: await serverUrl() });
  databases.set(folder, database);
  const { url } = await database;
  return { DATABASE_URL: url, KEYROTATOR_MASTER_KEY: Buffer.alloc(32, 9).toString('base64') };
}

function parseJson(text: string): Body {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
