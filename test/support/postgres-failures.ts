/** What the tests of failing connections and servers have in common: callers, a way to the database that breaks, and what must hold. */
import { expect, onTestFinished } from 'vitest';
import { PostgresEngine, type PostgresEngineOptions } from '../../src/storage/postgres/postgres-engine.ts';
import type { Cluster } from './postgres-cluster.ts';
import { createMigratedDatabase, type TestDatabase } from './postgres-database.ts';
import { openPostgresRoom, type PostgresRoom } from './postgres-room.ts';
import { seedService, seedTenant } from './seed.ts';
import { answerOf, type Room } from './storage-room.ts';
import { createTcpProxy, type TcpProxy, type Verdict } from './tcp-proxy.ts';
import { FROM_DELIVERIES, SUMMED } from './usage-sums.ts';

export interface Breakable {
  /** A replica whose connections nothing happens to. */
  readonly direct: PostgresRoom;
  /** The replica under test: all its connections go through `proxy`. */
  readonly room: PostgresRoom;
  readonly proxy: TcpProxy;
  readonly tenantId: number;
  readonly serviceId: number;
  readonly token: string;
}

/** The tenant `acme` with the service `openai`, and a replica that reaches the database through a proxy. */
export async function openBreakable(
  options: { readonly commitTimeoutMs?: number; readonly database?: TestDatabase } = {},
): Promise<Breakable> {
  const direct = await openPostgresRoom(options);
  const { id: tenantId, token } = await seedTenant(direct, 'acme');
  const { id: serviceId } = await seedService(direct, tenantId, 'openai');
  const { hostname, port } = new URL(direct.database.url);
  const proxy = await createTcpProxy({ host: hostname, port: Number(port || 5432) });
  const room = await direct.replica(throughPort(direct.database.url, proxy.port));
  // Everything is connected and known before anything breaks.
  for (let turn = 0; turn < 2; turn++) answerOf(await room.deliver(token, 'openai'));
  return { direct, room, proxy, tenantId, serviceId, token };
}

/** A database on a server of the test's own. */
export function databaseOn(instance: Cluster): Promise<TestDatabase> {
  return createMigratedDatabase({ server: instance.url });
}

export function throughPort(url: string, port: number): string {
  return Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(port) }).href;
}

/** Judges the next message that contains `text` by `verdict`, and lets everything else pass. Resolves when that was. */
export function judgeOnce(proxy: TcpProxy, text: string, verdict: Verdict): Promise<void> {
  return new Promise((resolve) => {
    proxy.onClientData((bytes) => {
      if (!(text === 'COMMIT' ? commits(bytes) : bytes.includes(text))) return 'pass';
      proxy.onClientData(null);
      resolve();
      return verdict;
    });
  });
}

export interface Outcomes {
  readonly delivered: readonly { readonly delivery_id: string; readonly usage_today: number }[];
  readonly codes: readonly string[];
  /** How long the last of them took, in milliseconds. */
  readonly took: number;
}

/** So many calls at once; what was delivered, and with which codes the others failed. Each has exactly one answer. */
export async function storm(room: Room, calls: number, token: string, service = 'openai'): Promise<Outcomes> {
  const started = performance.now();
  const outcomes = await Promise.allSettled(
    Array.from({ length: calls }, () => room.deliver(token, service)),
  );
  const delivered = outcomes.flatMap((outcome) =>
    outcome.status === 'fulfilled' ? [answerOf(outcome.value)] : [],
  );
  const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  for (const error of errors) expect(error).toMatchObject({ name: 'StorageError' });
  return { delivered, codes: errors.map((error) => error.code as string), took: performance.now() - started };
}

/** Callers that go on through every failure until they are stopped; all that was delivered to them. */
export function persistentCallers(room: Room, count: number, token: string, service = 'openai') {
  const delivered: { delivery_id: string; usage_today: number }[] = [];
  const codes = new Set<string>();
  let slowest = 0;
  let stopped = false;
  const running = Array.from({ length: count }, async () => {
    while (!stopped) {
      const answer = await storm(room, 1, token, service);
      delivered.push(...answer.delivered);
      for (const code of answer.codes) codes.add(code);
      slowest = Math.max(slowest, answer.took);
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  return {
    delivered,
    codes,
    get slowest() {
      return slowest;
    },
    /** Resolves when so many more were delivered. */
    async more(n: number) {
      const until = delivered.length + n;
      while (delivered.length < until) await new Promise((resolve) => setImmediate(resolve));
    },
    async stop() {
      stopped = true;
      await Promise.all(running);
    },
  };
}

/**
 * What is recorded agrees with itself: each ordinal once and none left out, the counters and the sums of statistics as high
 * as there are rows; and everything that was answered is among it, under the ordinal that was told.
 */
export async function expectSound(
  database: Pick<TestDatabase, 'query'>,
  answered: readonly { readonly delivery_id: string; readonly usage_today: number }[] = [],
): Promise<number> {
  const rows = await database.query<{ delivery_id: string; usage_today: number }>(
    'SELECT delivery_id, usage_today FROM deliveries ORDER BY seq',
  );
  expect(rows.map((row) => row.usage_today)).toEqual(rows.map((_, at) => at + 1));
  const counters = await database.query<{ count: number }>('SELECT count FROM counters');
  expect(counters.map((row) => row.count)).toEqual(counters.map(() => rows.length));
  expect(await database.query(SUMMED)).toEqual(await database.query(FROM_DELIVERIES));
  const recorded = new Map(rows.map((row) => [row.delivery_id, row.usage_today]));
  expect(recorded.size).toBe(rows.length);
  for (const { delivery_id, usage_today } of answered) expect(recorded.get(delivery_id)).toBe(usage_today);
  expect(new Set(answered.map((row) => row.delivery_id)).size).toBe(answered.length);
  return rows.length;
}

export interface OpenedEngine {
  readonly engine: PostgresEngine;
  /** What was reported while it was opened. */
  readonly lines: readonly string[];
}

/** An engine that goes by the clock of the database, as the program does; closed after the test. */
export async function openEngine(
  url: string,
  more: Partial<PostgresEngineOptions> = {},
): Promise<OpenedEngine> {
  const lines: string[] = [];
  const engine = await PostgresEngine.open({
    url,
    poolSize: 9,
    clock: { wall: (database) => database, monotonic: () => performance.now() },
    observer: { batchCommitted() {}, batchFailed() {}, storageLost() {} },
    report: (line) => void lines.push(line),
    ...more,
  });
  onTestFinished(() => engine.close());
  return { engine, lines };
}

/** Whether these bytes ask the server to commit a batch or a unit: a batch may do so with the one statement that writes it. */
export function commits(bytes: Buffer): boolean {
  return bytes.includes('COMMIT') || bytes.includes('EXECUTE write_batch_if_unmoved');
}
