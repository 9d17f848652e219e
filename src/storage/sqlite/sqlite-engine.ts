/**
 * The embedded engine: one process, one file, one writing connection. Deliveries are decided in memory as they come, and
 * whatever came while one batch was being committed goes into the next.
 *
 * Units and deliveries never overlap, so what is decided upon is always what the commits so far have made of the database.
 */
import { type ClockState, type ProcessReading, readClock, startClock } from '../../domain/clock.ts';
import type { AppSubject, DeliveryState, ServiceSubject } from '../configuration.ts';
import { charge, flagBroken } from '../counting.ts';
import type {
  Decision,
  DeliveriesToKeep,
  DeliveryLookup,
  Engine,
  EngineObserver,
  WriteScope,
} from '../engine.ts';
import { errorClass } from '../error-class.ts';
import { isFsyncFailure, StorageError } from '../errors.ts';
import { Holders } from '../holders.ts';
import { listMigrations, type Migration } from '../migrations.ts';
import { nonceOf } from '../nonces.ts';
import type { DeliveryRow, Reader, Transaction } from '../rows.ts';
import type { EngineVitals, Space } from '../vitals.ts';
import type { Batch } from './batch.ts';
import { Checkpoints } from './checkpoints.ts';
import { Connections } from './connections.ts';
import {
  canonicalPath,
  measureSpace,
  type NewestDelivery,
  readClockMark,
  readMasterKeyCheck,
  readNewestDelivery,
} from './database-file.ts';
import { kyselyOver } from './dialect.ts';
import { findDeliveries } from './find-deliveries.ts';
import { GroupCommit } from './group-commit.ts';
import { migrate } from './migrate.ts';
import { type HeldNonce, Nonces } from './nonces.ts';
import { pruneDeliveries } from './prune-deliveries.ts';
import { Subjects } from './subjects.ts';

/** Rounds of loading what a decision needs before a delivery gives up: only constant change of configuration takes as many. */
const MAX_ROUNDS = 50;
/**
 * A batch takes no more than this, so that the event loop prepares the next one while the disk is busy, also when everybody
 * waits for an answer before asking again.
 */
const MAX_BATCH = 32;
/** One trial of storage serves everybody who asks within this time. */
const CHECK_HOLDS_MS = 1_000;
/** As much as a batch writes of pages that it touches alone, at most. */
const TRIAL_BYTES = 1_048_576;
/** How old the mark of the clock in the database may get while deliveries are recorded. */
const MARK_CLOCK_AFTER_MS = 1_000;

export interface ClockSource {
  /** Unix milliseconds. */
  wall(): number;
  /** Milliseconds that only go forward. */
  monotonic(): number;
}

export interface SqliteEngineOptions {
  /** The database's path; its folder is made where it is missing. */
  readonly file: string;
  readonly clock: ClockSource;
  readonly observer: EngineObserver;
  /** Given the sealed master key check of an existing vault before anything is written to it; throws to refuse. */
  readonly inspect?: (masterKeyCheck: Uint8Array | null) => void;
  /** Told what is done to the file before it serves, a line a step. */
  readonly report: (line: string) => void;
  readonly commitTimeoutMs?: number;
  readonly migrations?: readonly Migration[];
}

export class SqliteEngine implements Engine {
  readonly read: Reader;
  readonly newestDeliveryId: string | null;
  readonly #writeDb: Reader;
  readonly #options: SqliteEngineOptions;
  readonly #subjects: Subjects;
  readonly #nonces: Nonces;
  readonly #connections: Connections;
  readonly #checkpoints: Checkpoints;
  readonly #commits: GroupCommit;
  readonly #holders = new Holders();
  #clock: ClockState;
  #lastSeq: number;
  #clockMark = 0;
  #deliveriesWaiting = 0;
  #syncSeconds: number | null = null;
  /** Whether the last batch found no room. */
  #isFull = false;
  #check: { readonly at: number; readonly result: Promise<void> } | null = null;

  /**
   * Opens the file, migrates it and is ready to serve. Rejects with a StorageError: `IN_USE` when another process has the
   * file, `NEWER_SCHEMA` and `FOREIGN_SCHEMA` when it is not for this release.
   */
  static async open(options: SqliteEngineOptions): Promise<SqliteEngine> {
    const file = canonicalPath(options.file);
    let mark = 0;
    let newest: NewestDelivery | null = null;
    const connections = await Connections.open(file, options.observer, async (writer) => {
      options.inspect?.(await readMasterKeyCheck(writer));
      await migrate(writer, file, options.migrations ?? listMigrations('sqlite'), options.report);
      mark = await readClockMark(writer);
      newest = await readNewestDelivery(writer);
    });
    return new SqliteEngine(options, file, connections, mark, newest);
  }

  private constructor(
    options: SqliteEngineOptions,
    file: string,
    connections: Connections,
    mark: number,
    newest: NewestDelivery | null,
  ) {
    this.#options = options;
    this.#lastSeq = newest?.seq ?? 0;
    this.newestDeliveryId = newest?.delivery_id ?? null;
    this.#connections = connections;
    this.#checkpoints = new Checkpoints(file, connections, options.observer);
    this.read = kyselyOver(() => connections.reader.current);
    this.#writeDb = kyselyOver(() => connections.writer.current);
    const loader = kyselyOver(() => connections.loader.current);
    this.#subjects = new Subjects(loader);
    this.#nonces = new Nonces(loader);
    this.#clock = startClock(options.clock.wall(), options.clock.monotonic(), mark);
    this.#commits = new GroupCommit({
      commit: (batch) => this.#commit(batch),
      committed: (batch, seconds) => this.#committed(batch, seconds),
      failed: (batches, error) => this.#failed(batches, error),
      timeoutMs: options.commitTimeoutMs ?? 10_000,
    });
  }

  time(): ProcessReading {
    const { clock } = this.#options;
    this.#clock = readClock(this.#clock, clock.wall(), clock.monotonic());
    return this.#clock;
  }

  async deliver<D extends Decision>(lookup: DeliveryLookup, decide: (state: DeliveryState) => D): Promise<D> {
    let letGo: (() => void) | null = null;
    let held: HeldNonce | null = null;
    this.#deliveriesWaiting++;
    try {
      for (let round = 0; round < MAX_ROUNDS; round++) {
        const closed = this.#commits.closed;
        if (closed !== null) {
          letGo ??= this.#commits.holdUp();
          await closed;
          continue;
        }
        const state = this.#subjects.find(lookup, this.time());
        if (state instanceof Promise) {
          await state;
          continue;
        }
        const nonce = held === null ? nonceOf(lookup, state) : null;
        if (nonce !== null) {
          held = await this.#nonces.hold(nonce, state.time.settled);
          continue;
        }
        const decision = decide(held === null ? state : { ...state, nonceSpent: held.spent });
        const batch = this.#take(decision, state);
        if (batch !== null) await batch.committed;
        return decision;
      }
      throw new StorageError('BUSY', 'the configuration did not stand still');
    } finally {
      this.#deliveriesWaiting--;
      held?.release();
      letGo?.();
    }
  }

  async write<T>(scope: WriteScope, work: (unit: Transaction) => Promise<T>): Promise<T> {
    return this.#commits.exclusively(async () => {
      try {
        return await this.#writeDb.transaction().execute(work);
      } catch (error) {
        if (isFsyncFailure(error)) this.#options.observer.storageLost(error as Error);
        throw error;
      } finally {
        this.#subjects.configurationChanged(scope);
        this.#checkpoints.committed();
      }
    });
  }

  /** The one process leads. */
  async lead(): Promise<Engine> {
    return this;
  }

  /** Commits come one by one, so there is none that could come before the newest. */
  async lastSeq(): Promise<number> {
    const { seq } = await this.read
      .selectFrom('deliveries')
      .select((of) => of.fn.max('seq').as('seq'))
      .executeTakeFirstOrThrow();
    return seq ?? 0;
  }

  findDeliveries(ids: readonly string[], since: number): Promise<Map<string, DeliveryRow>> {
    return findDeliveries(this.read, ids, since);
  }

  check(): Promise<void> {
    const { monotonic } = this.#options.clock;
    if (this.#check === null || monotonic() - this.#check.at > CHECK_HOLDS_MS) {
      this.#check = { at: monotonic(), result: this.#tryOut() };
    }
    return this.#check.result;
  }

  async #markClock(): Promise<void> {
    const { settled } = this.time();
    await this.write('nothing', (unit) => unit.updateTable('clock').set({ settled }).execute());
  }

  async #tryOut(): Promise<void> {
    if (this.#isFull) await this.#tryRoom();
    await this.#markClock();
    await this.read.selectFrom('clock').select('settled').execute();
  }

  /** Where a batch found the disk full, there may still be room for what is as small as the mark of the clock. */
  async #tryRoom(): Promise<void> {
    const trial = { name: 'trial', value: Buffer.alloc(TRIAL_BYTES) };
    await this.write('nothing', async (unit) => {
      await unit.insertInto('settings').values(trial).execute();
      await unit.deleteFrom('settings').where('name', '=', trial.name).execute();
    });
    this.#isFull = false;
  }

  vitals(): EngineVitals {
    const { vitals: caches } = this.#subjects;
    return { deliveriesWaiting: this.#deliveriesWaiting, leads: true, caches, pools: [] };
  }

  space(): Promise<Space> {
    return measureSpace(this.#options.file);
  }

  tidy(): Promise<void> {
    return this.#checkpoints.now();
  }

  pruneDeliveries(keep: DeliveriesToKeep, stopping: AbortSignal): Promise<void> {
    return pruneDeliveries(this, keep, stopping);
  }

  async close(): Promise<void> {
    // So that a clock which is set back while nothing runs reopens nothing either.
    await this.#markClock().catch((error: Error) => this.#options.observer.batchFailed(error));
    await this.#commits.drain();
    await this.#checkpoints.close();
    await this.#connections.close();
  }

  /** Ends the writing thread as a crash would, for the tests of what follows. */
  async crashWriter(): Promise<void> {
    await this.#connections.writer.current.terminate();
  }

  /** Whether there is a writing thread, for the same tests. */
  get hasWriter(): boolean {
    return this.#connections.writer.runs;
  }

  /** Takes a decision into memory and into the batch; null where there is nothing to write. */
  #take(decision: Decision, state: DeliveryState): Batch | null {
    const { service, app } = state;
    if (service === null || 'recognized' in decision) return null;
    if (decision.refusal !== null && decision.brokenKeys.length === 0) return null;
    const batch = this.#commits.open();
    this.#keepUntilCommitted(batch, service, decision.refusal === null ? app : null);
    if (decision.brokenKeys.length > 0) {
      flagBroken(new Set(decision.brokenKeys.map(({ id }) => id)), service);
      batch.addBroken(decision, state.time.now);
    }
    if (decision.refusal === null) {
      charge(decision, service, app, state.time);
      batch.add(++this.#lastSeq, decision, service, app);
      if (batch.deliveries.length >= MAX_BATCH) batch.close();
    }
    return batch;
  }

  #keepUntilCommitted(batch: Batch, service: ServiceSubject, app: AppSubject | null): void {
    if (!batch.services.has(service)) {
      const name = `${service.config.tenant_id}/${service.config.slug}`;
      batch.services.set(service, name);
      this.#subjects.services.pin(name, service);
    }
    if (app === null || batch.apps.has(app)) return;
    const name = String(app.config.id);
    batch.addApp(app, name);
    this.#subjects.apps.pin(name, app);
  }

  async #commit(batch: Batch): Promise<void> {
    const { settled } = this.#clock;
    const mark = settled - this.#clockMark >= MARK_CLOCK_AFTER_MS;
    if (mark) this.#clockMark = settled;
    const holders = this.#holders.toWrite(batch.deliveries, (keyId) => batch.activatedAt(keyId));
    const statements = JSON.stringify(batch.statements(mark ? settled : null, holders));
    const { syncSeconds } = await this.#connections.writer.current.call({ kind: 'batch', statements });
    this.#syncSeconds = syncSeconds ?? null;
    this.#holders.written(holders);
  }

  #committed(batch: Batch, seconds: number): void {
    for (const name of batch.services.values()) this.#subjects.services.unpin(name);
    for (const name of batch.apps.values()) this.#subjects.apps.unpin(name);
    this.#isFull = false;
    this.#options.observer.batchCommitted(batch.deliveries.length, seconds, this.#syncSeconds);
    this.#checkpoints.committed();
  }

  #failed(batches: readonly Batch[], error: Error): void {
    // The first of them holds what was before all of them.
    for (const batch of batches.toReversed()) {
      batch.giveBack();
      for (const name of batch.services.values()) this.#subjects.services.forget(name);
      for (const name of batch.apps.values()) this.#subjects.apps.forget(name);
    }
    this.#options.observer.batchFailed(error);
    if (isFsyncFailure(error)) this.#options.observer.storageLost(error);
    if (errorClass(error) !== 'full') return;
    // What was tried since it is full holds as long as any trial, however many batches fail meanwhile.
    if (!this.#isFull) this.#check = null;
    this.#isFull = true;
    this.#checkpoints.full();
  }
}
