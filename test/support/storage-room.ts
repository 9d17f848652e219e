/** A vault without its HTTP: an engine on a database of its own, a keyring, and a clock that the test moves. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterEach } from 'vitest';
import { DEMO_THROTTLE } from '../../src/domain/judge.ts';
import { NetworkThrottle } from '../../src/domain/network-throttle.ts';
import { deliverKey } from '../../src/operations/delivery/deliver-key.ts';
import type { DeliveryOutcome } from '../../src/operations/delivery/delivery-outcome.ts';
import { prepareVault } from '../../src/operations/vault/prepare-vault.ts';
import type { Vault } from '../../src/operations/vault/vault.ts';
import type { Engine } from '../../src/storage/engine.ts';
import { SqliteEngine } from '../../src/storage/sqlite/sqlite-engine.ts';
import { Keyring } from '../../src/vault/keyring.ts';
import { PLAIN_CLIENT } from './plain-client.ts';
import { sqliteFile } from './sqlite-database.ts';

export const ROOT_TOKEN = 'root-token-for-the-tests-of-storage';

export interface RoomOptions {
  readonly folder?: string;
  readonly commitTimeoutMs?: number;
  /** Where the wall clock starts, RFC 3339. */
  readonly at?: string;
}

/** What a test sees of an engine, whichever it is. */
export interface Room extends Vault {
  /** Sizes of the batches that were committed. */
  readonly batches: readonly number[];
  readonly failures: readonly Error[];
  deliver(token: string, service: string): Promise<DeliveryOutcome>;
  /** What is committed, through another connection. */
  rows<T>(sql: string): Promise<T[]>;
  advance(ms: number): void;
  stepWall(ms: number): void;
  /** Closes; what `reopen` gives has the same database, key and time. */
  close(): Promise<void>;
  reopen(): Promise<Room>;
}

/** A room on the embedded engine. */
export interface SqliteRoom extends Room {
  readonly engine: SqliteEngine;
  readonly folder: string;
  readonly file: string;
  reopen(): Promise<SqliteRoom>;
}

const opened = new Set<Room>();
const folders = new Set<string>();

afterEach(async () => {
  for (const room of opened) await room.close();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  folders.clear();
});

/** A folder that is gone after the test. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'keyrotator-storage-'));
  folders.add(folder);
  return folder;
}

export function openRoom(options: RoomOptions = {}): Promise<SqliteRoom> {
  const clock = { wall: Date.parse(options.at ?? '2026-03-01T12:00:00Z'), monotonic: 1_000_000 };
  return open(options.folder ?? tempFolder(), options.commitTimeoutMs, clock);
}

/** 32 bytes that are the same in each process of a test. */
export function testMasterKey(): Buffer {
  return Buffer.alloc(32, 7);
}

async function open(
  folder: string,
  commitTimeoutMs: number | undefined,
  clock: { wall: number; monotonic: number },
): Promise<SqliteRoom> {
  const file = sqliteFile(folder);
  const batches: number[] = [];
  const failures: Error[] = [];
  const engine = await SqliteEngine.open({
    file,
    clock: { wall: () => clock.wall, monotonic: () => clock.monotonic },
    observer: {
      batchCommitted: (deliveries) => void batches.push(deliveries),
      batchFailed: (error) => void failures.push(error),
      storageLost: (error) => void failures.push(error),
    },
    report: () => {},
    ...(commitTimeoutMs === undefined ? {} : { commitTimeoutMs }),
  });
  const keyring = new Keyring(testMasterKey());
  const { digests } = await prepareVault(engine as Engine, keyring, ROOT_TOKEN, () => {});
  const demoThrottle = new NetworkThrottle(DEMO_THROTTLE);
  const room: SqliteRoom = {
    engine,
    keyring,
    digests,
    folder,
    file,
    batches,
    failures,
    deliver: (token, service) =>
      deliverKey(
        { engine, keyring, digests, demoThrottle },
        { token, service, address: null, client: PLAIN_CLIENT, mask: false },
      ),
    async rows(sql) {
      const connection = new SqliteDatabase(file, { readonly: true });
      try {
        return connection.prepare(sql).all() as never[];
      } finally {
        connection.close();
      }
    },
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
      return open(folder, commitTimeoutMs, clock);
    },
  };
  opened.add(room);
  return room;
}

/** What was delivered; fails the test where it was refused. */
export function answerOf(outcome: DeliveryOutcome) {
  if (outcome.refusal !== null) throw new Error(`refused: ${outcome.refusal.reason}`);
  return outcome.answer;
}

/** The reason of a refusal, or null. */
export function reasonOf(outcome: DeliveryOutcome): string | null {
  return outcome.refusal === null ? null : outcome.refusal.reason;
}
