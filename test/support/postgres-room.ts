/** A vault without its HTTP on PostgreSQL: one replica of it, and as many more as a test asks for. */
import { afterEach } from 'vitest';
import { DEMO_THROTTLE } from '../../src/domain/judge.ts';
import { NetworkThrottle } from '../../src/domain/network-throttle.ts';
import { deliverKey } from '../../src/operations/delivery/deliver-key.ts';
import { prepareVault } from '../../src/operations/vault/prepare-vault.ts';
import { PostgresEngine } from '../../src/storage/postgres/postgres-engine.ts';
import { Keyring } from '../../src/vault/keyring.ts';
import { PLAIN_CLIENT } from './plain-client.ts';
import { createMigratedDatabase, type TestDatabase } from './postgres-database.ts';
import { ROOT_TOKEN, type Room, type RoomOptions, testMasterKey } from './storage-room.ts';

/** A room on PostgreSQL. */
export interface PostgresRoom extends Room {
  readonly engine: PostgresEngine;
  readonly database: TestDatabase;
  reopen(): Promise<PostgresRoom>;
  /** Another replica on the same database, with the same time; `url`: another way to the database. */
  replica(url?: string): Promise<PostgresRoom>;
}

const opened = new Set<PostgresRoom>();

afterEach(async () => {
  await Promise.all([...opened].map((room) => room.close()));
});

/** `database`: one on a server of the test's own; `url`: another way to the database. */
export async function openPostgresRoom(
  options: RoomOptions & { readonly url?: string; readonly database?: TestDatabase } = {},
): Promise<PostgresRoom> {
  const clock = { wall: Date.parse(options.at ?? '2026-03-01T12:00:00Z'), monotonic: 1_000_000 };
  const database = options.database ?? (await createMigratedDatabase());
  return open(database, options.url ?? database.url, options.commitTimeoutMs, clock);
}

async function open(
  database: TestDatabase,
  url: string,
  commitTimeoutMs: number | undefined,
  clock: { wall: number; monotonic: number },
): Promise<PostgresRoom> {
  const batches: number[] = [];
  const failures: Error[] = [];
  const started = performance.now();
  const engine = await PostgresEngine.open({
    url,
    poolSize: 10,
    clock: { wall: () => clock.wall, monotonic: () => clock.monotonic + performance.now() - started },
    observer: {
      batchCommitted: (deliveries) => void batches.push(deliveries),
      batchFailed: (error) => void failures.push(error),
      storageLost: (error) => void failures.push(error),
    },
    report: () => {},
    ...(commitTimeoutMs === undefined ? {} : { commitTimeoutMs }),
  });
  const keyring = new Keyring(testMasterKey());
  const { digests } = await prepareVault(engine, keyring, ROOT_TOKEN, () => {});
  const demoThrottle = new NetworkThrottle(DEMO_THROTTLE);
  const room: PostgresRoom = {
    engine,
    database,
    keyring,
    digests,
    batches,
    failures,
    deliver: (token, service) =>
      deliverKey(
        { engine, keyring, digests, demoThrottle },
        { token, service, address: null, client: PLAIN_CLIENT, mask: false },
      ),
    rows: (sql) => database.query(sql),
    advance(ms) {
      clock.wall += ms;
      clock.monotonic += ms;
    },
    stepWall(ms) {
      clock.wall += ms;
    },
    async close() {
      if (opened.delete(room)) await engine.close();
    },
    async reopen() {
      await room.close();
      return open(database, url, commitTimeoutMs, clock);
    },
    replica: (other) => open(database, other ?? url, commitTimeoutMs, clock),
  };
  opened.add(room);
  return room;
}
