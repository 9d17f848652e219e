/** The one seam between the vault and its database. */
import type { NewAuditEntry } from '../audit/entry.ts';
import type { ProcessReading } from '../domain/clock.ts';
import type { KeyChange } from '../domain/policy.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { NewEvent } from '../events/catalogue.ts';
import type { OnceEvent } from '../events/once.ts';
import type { DeliveryState, KeyConfig } from './configuration.ts';
import type { DeliveryRow, NewDelivery, Reader, SpentNoncesTable, Transaction } from './rows.ts';
import type { EngineVitals, Space } from './vitals.ts';

export interface Engine {
  /** For lists and statistics: a consistent state, never an uncommitted one. */
  readonly read: Reader;

  /**
   * The delivery path. Calls `decide` with the configuration and the counters as they are in the order of commits, moved
   * by nobody else in between, and resolves when what was decided is on disk. `decide` is called again when what it saw
   * did not come to be. Rejects with a StorageError, and then nothing of the decision was recorded or counted, or (after
   * a time-out only) it may have been recorded without ever being answered.
   */
  deliver<D extends Decision>(lookup: DeliveryLookup, decide: (state: DeliveryState) => D): Promise<D>;

  /**
   * Runs `work` as one unit: all of it is on disk when this resolves, or none of it. No delivery decided after that is
   * decided upon the configuration of before. `scope` says whose configuration the unit may change.
   */
  write<T>(scope: WriteScope, work: (unit: Transaction) => Promise<T>): Promise<T>;

  /**
   * The engine for work that one replica does for all: null while another one leads. What is written through it is refused
   * (`FENCED`) once another has taken the lead, also where this process was stopped meanwhile and does not know.
   */
  lead(): Promise<Engine | null>;

  /** The place up to which every delivery of the tenant can be read: none that is committed later comes before it. */
  lastSeq(tenantId: number): Promise<number>;

  /**
   * Id → the delivery, of those that were made `since` then, in Unix milliseconds. Finds them only where each id that a process
   * makes is greater than the one before, and its first one than {@link newestDeliveryId}.
   */
  findDeliveries(ids: readonly string[], since: number): Promise<Map<string, DeliveryRow>>;

  /** That of the newest delivery when the engine was opened; null where there was none, or ids may come in any order. */
  readonly newestDeliveryId: string | null;

  /** The vault's time, see domain/clock.ts. */
  time(): ProcessReading;

  /** Asks storage for a sign of life; rejects with a StorageError when deliveries could not be recorded. */
  check(): Promise<void>;

  /** What it knows of itself without asking anybody. */
  vitals(): EngineVitals;

  /** How much room the database takes and has. Rejects with a StorageError. */
  space(): Promise<Space>;

  /** Keeps the database's files in bounds, and makes room for what comes; for a job to call now and then. */
  tidy(): Promise<void>;

  /** Removes the oldest deliveries until `keep` is met or `stopping` aborted, in steps that deliveries do not feel. */
  pruneDeliveries(keep: DeliveriesToKeep, stopping: AbortSignal): Promise<void>;

  /** Commits what is under way and closes. */
  close(): Promise<void>;
}

/** Deliveries `since`, in Unix milliseconds, and of these no more than about `rows`; null for any number. */
export interface DeliveriesToKeep {
  readonly since: number;
  readonly rows: number | null;
}

/** Whose configuration a unit may change: one tenant's, or nobody's (bookkeeping that no delivery depends on). */
export type WriteScope = { readonly tenantId: number } | 'nothing';

/** Whose delivery it is, and which service it asks for. */
export interface DeliveryLookup {
  /** A name that stands for the token in memory. */
  readonly token: string;
  /** The token's keyed digest, by which the database knows it. */
  digest(): Uint8Array;
  /** A slug; '' for none. */
  readonly service: string;
  /** The nonce of a request that is signed with a secret of its app, null for any other; absent where it is not signed at all. */
  nonce?(state: DeliveryState): string | null;
}

export type Decision = Refused | Delivered | Recognized;

export interface Refused {
  readonly refusal: Refusal;
  /** Keys that turned out not to decrypt: flagged, though nothing was delivered. */
  readonly brokenKeys: readonly KeyConfig[];
  /** Of the broken keys. */
  readonly auditEntries: readonly NewAuditEntry[];
  readonly events: readonly NewEvent[];
}

/** Who asks was to be found out, and nothing more: nothing is delivered or written. Decided under the lock, as a delivery is. */
export interface Recognized {
  readonly refusal: null;
  readonly recognized: object;
  readonly brokenKeys: readonly [];
  readonly auditEntries: readonly [];
  readonly events: readonly [];
}

export interface Delivered {
  readonly refusal: null;
  readonly key: KeyConfig;
  readonly delivery: NewDelivery;
  /** The balance of the key after this delivery. */
  readonly balance: { readonly start: number; readonly finish: number; readonly turn: number };
  /** Committed with the delivery; null where its app wants no signature. */
  readonly nonce: SpentNoncesTable | null;
  readonly changes: readonly KeyChange[];
  readonly brokenKeys: readonly KeyConfig[];
  readonly auditEntries: readonly NewAuditEntry[];
  readonly events: readonly NewEvent[];
  /** Told only where it was not before. */
  readonly onceEvent?: OnceEvent | null;
}

/** What an engine counts of its own work, for the metrics. */
export interface EngineObserver {
  /** `syncSeconds`: how long the commit alone took, for the most part the wait for the disk; null where that cannot be told apart. */
  batchCommitted(deliveries: number, seconds: number, syncSeconds: number | null): void;
  batchFailed(error: Error): void;
  /** Storage cannot be trusted any more (a failed fsync): the process has to end. */
  storageLost(error: Error): void;
}
