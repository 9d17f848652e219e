/**
 * The engine of many replicas on one PostgreSQL database. What is remembered is this replica's alone and may be out of
 * date; what is decided upon is compared and locked in the transaction that records it.
 */
import type pg from 'pg';
import type { ProcessReading } from '../../domain/clock.ts';
import type { DeliveryState } from '../configuration.ts';
import type {
  Decision,
  DeliveriesToKeep,
  DeliveryLookup,
  Engine,
  EngineObserver,
  WriteScope,
} from '../engine.ts';
import { StorageError } from '../errors.ts';
import type { Migration } from '../migrations.ts';
import type { DeliveryRow, Reader, Transaction } from '../rows.ts';
import type { EngineVitals, PoolVitals, Space } from '../vitals.ts';
import { createPool, queryByAny, type ServerTimeouts } from './connections.ts';
import { DatabaseClock, type DatabaseClockSource } from './database-clock.ts';
import { type DatabaseTarget, parseDatabaseUrl } from './database-url.ts';
import { kyselyOver } from './dialect.ts';
import { storageError } from './errors.ts';
import { findDeliveries } from './find-deliveries.ts';
import { GroupCommit } from './group-commit.ts';
import { Lane } from './lane.ts';
import { Lease } from './lease.ts';
import { openDatabase, type Report } from './open-database.ts';
import { makePartitions, pruneDeliveries } from './partitions.ts';
import { Subjects } from './subjects.ts';
import { UnitLine } from './unit-line.ts';
import { runUnit } from './units.ts';

const LANES = 4;
const LOADERS = 2;
/** For the unit that runs, and for the lease. */
const UNITS = 2;
/** Who waits for a lock outlasts one that stands still in its transaction. */
const ADMINISTRATION: ServerTimeouts = { statement: 30_000, lock: 10_000, idleInTransaction: 5_000 };
/** How long a unit waits in line. */
const IN_LINE_MS = 10_000;
/** How long the server may take over a statement of a delivery, unless a delivery may wait less. */
const DELIVERY_MS = 5_000;
const MARK_CLOCK_EVERY_MS = 1_000;
const CHECK_MS = 2_000;
/** One trial of storage serves everybody who asks within this time. */
const CHECK_HOLDS_MS = 1_000;

export interface PostgresEngineOptions {
  /** `postgres://…`, see database-url.ts. */
  readonly url: string;
  /** How many connections this replica may have; at least 9. */
  readonly poolSize: number;
  readonly clock: DatabaseClockSource;
  readonly observer: EngineObserver;
  /** Given the sealed master key check of an existing vault before anything is written to it; throws to refuse. */
  readonly inspect?: (masterKeyCheck: Uint8Array | null) => void;
  /** Told what is done to the database before it serves, a line a step. */
  readonly report: Report;
  readonly commitTimeoutMs?: number;
  readonly migrations?: readonly Migration[];
}

export class PostgresEngine implements Engine {
  readonly read: Reader;
  readonly #units: Reader;
  readonly #pools: readonly pg.Pool[];
  readonly #options: PostgresEngineOptions;
  readonly #subjects: Subjects;
  readonly #commits: GroupCommit;
  readonly #clock: DatabaseClock;
  readonly #lease: Lease;
  readonly #marker: NodeJS.Timeout;
  readonly #line = new UnitLine(IN_LINE_MS);
  #deliveriesWaiting = 0;
  #check: { readonly at: number; readonly result: Promise<void> } | null = null;

  /**
   * Connects, migrates and is ready to serve. Rejects with a StorageError: `UNSAFE_SERVER` for settings under which a
   * commit may be lost, `NEWER_SCHEMA` and `FOREIGN_SCHEMA` where the schema is not for this release, `PERMISSION` where
   * this user may not bring it up to date.
   */
  static async open(options: PostgresEngineOptions): Promise<PostgresEngine> {
    const target = parseDatabaseUrl(options.url);
    const { now, mark } = await openDatabase(target, ADMINISTRATION, options);
    return new PostgresEngine(options, target, new DatabaseClock(options.clock, now, mark));
  }

  private constructor(options: PostgresEngineOptions, target: DatabaseTarget, clock: DatabaseClock) {
    this.#options = options;
    this.#clock = clock;
    const timeoutMs = options.commitTimeoutMs ?? 10_000;
    const readers = createPool(target, ADMINISTRATION, options.poolSize - LANES - LOADERS - UNITS);
    const units = createPool(target, ADMINISTRATION, UNITS);
    const loaders = createPool(
      target,
      { ...ADMINISTRATION, statement: Math.min(DELIVERY_MS, timeoutMs) },
      LOADERS,
    );
    this.#pools = [readers, units, loaders];
    this.read = kyselyOver(readers);
    this.#units = kyselyOver(units);
    this.#subjects = new Subjects(kyselyOver(loaders));
    this.#lease = new Lease(this.#units, () => clock.monotonic);
    this.#commits = new GroupCommit({
      lanes: Array.from(
        { length: LANES },
        () => new Lane(target, Math.min(DELIVERY_MS, timeoutMs), () => this.#subjects.forgetAll()),
      ),
      subjects: this.#subjects,
      clock,
      observer: options.observer,
      timeoutMs,
    });
    // Its failures show where something is asked of storage.
    this.#marker = setInterval(() => void this.#markClock().catch(() => {}), MARK_CLOCK_EVERY_MS);
    this.#marker.unref();
  }

  async deliver<D extends Decision>(lookup: DeliveryLookup, decide: (state: DeliveryState) => D): Promise<D> {
    this.#deliveriesWaiting++;
    try {
      return await this.#commits.deliver(lookup, decide);
    } finally {
      this.#deliveriesWaiting--;
    }
  }

  write<T>(scope: WriteScope, work: (unit: Transaction) => Promise<T>): Promise<T> {
    return this.#inLine(scope, null, work);
  }

  async lead(): Promise<Engine | null> {
    const term = await this.#lease.term();
    if (term === null) return null;
    return {
      read: this.read,
      deliver: (lookup, decide) => this.deliver(lookup, decide),
      write: (scope, work) => this.#inLine(scope, term, work),
      lead: () => this.lead(),
      lastSeq: (tenantId) => this.lastSeq(tenantId),
      newestDeliveryId: null,
      findDeliveries: (ids, since) => this.findDeliveries(ids, since),
      time: () => this.time(),
      check: () => this.check(),
      vitals: () => this.vitals(),
      space: () => this.space(),
      tidy: () => this.tidy(),
      pruneDeliveries: (keep, stopping) =>
        this.#prune(
          { write: (scope, work) => this.#inLine(scope, term, work), tidy: () => this.tidy() },
          keep,
          stopping,
        ),
      close: () => this.close(),
    };
  }

  async lastSeq(tenantId: number): Promise<number> {
    const row = await this.read
      .withTables<{ tenants: { id: number; last_seq: number } }>()
      .selectFrom('tenants')
      .select('last_seq')
      .where('id', '=', tenantId)
      .executeTakeFirst();
    return row?.last_seq ?? 0;
  }

  /** Replicas make ids at the same time. */
  readonly newestDeliveryId = null;

  findDeliveries(ids: readonly string[], since: number): Promise<Map<string, DeliveryRow>> {
    return findDeliveries(this.read, ids, since);
  }

  time(): ProcessReading {
    return this.#clock.read();
  }

  check(): Promise<void> {
    const { monotonic } = this.#clock;
    if (this.#check === null || monotonic - this.#check.at > CHECK_HOLDS_MS) {
      this.#check = { at: monotonic, result: withinTime(this.#tryOut()) };
    }
    return this.#check.result;
  }

  vitals(): EngineVitals {
    const names = ['readers', 'units', 'loaders'] as const;
    const pools = names.map((pool, at) => poolVitals(pool, this.#pools[at] as pg.Pool));
    return {
      deliveriesWaiting: this.#deliveriesWaiting,
      leads: this.#lease.held,
      caches: this.#subjects.vitals,
      pools: [...pools, this.#commits.lanes],
    };
  }

  async space(): Promise<Space> {
    const [readers] = this.#pools;
    try {
      const { rows } = await (readers as pg.Pool).query<{ bytes: number }>(
        'SELECT pg_database_size(current_database())::float8 AS bytes',
      );
      return { database: rows[0]?.bytes ?? 0, log: null, free: null };
    } catch (error) {
      throw storageError(error);
    }
  }

  async tidy(): Promise<void> {
    const [, units] = this.#pools;
    await makePartitions(units as pg.Pool);
  }

  pruneDeliveries(keep: DeliveriesToKeep, stopping: AbortSignal): Promise<void> {
    return this.#prune(this, keep, stopping);
  }

  async #prune(
    engine: Pick<Engine, 'write' | 'tidy'>,
    keep: DeliveriesToKeep,
    stopping: AbortSignal,
  ): Promise<void> {
    const [, units] = this.#pools;
    await pruneDeliveries(engine, units as pg.Pool, keep, stopping);
  }

  async close(): Promise<void> {
    clearInterval(this.#marker);
    await this.#line.over();
    await this.#commits.close();
    // A server that does not answer keeps no replica from stopping.
    for (const last of [
      () => this.#lease.giveUp(),
      () => this.#markClock(),
      () => Promise.all(this.#pools.map((pool) => pool.end())),
    ]) {
      await withinTime(last()).catch((error: Error) => this.#options.observer.batchFailed(error));
    }
  }

  #inLine<T>(scope: WriteScope, term: number | null, work: (unit: Transaction) => Promise<T>): Promise<T> {
    return this.#line.wait(() => this.#write(scope, term, work));
  }

  async #write<T>(
    scope: WriteScope,
    term: number | null,
    work: (unit: Transaction) => Promise<T>,
  ): Promise<T> {
    const tenantId = scope === 'nothing' ? null : scope.tenantId;
    try {
      const { result, configVersion } = await runUnit(this.#units, scope, term, work);
      if (tenantId !== null && configVersion === null) this.#subjects.forget(tenantId);
      else if (tenantId !== null) this.#subjects.configurationChanged(tenantId, configVersion as number);
      return result;
    } catch (error) {
      // It may have been committed all the same, where the connection was lost.
      if (tenantId !== null) this.#subjects.forget(tenantId);
      throw error;
    }
  }

  /** What a delivery takes: to load what it is decided upon, and to commit a batch; and what the administration takes. */
  async #tryOut(): Promise<void> {
    const [, , loaders] = this.#pools;
    const load = async () => {
      try {
        await queryByAny(
          loaders as pg.Pool,
          'SELECT FROM tokens, tenants, data_keys, apps, app_services, services, provider_keys LIMIT 0',
        );
      } catch (error) {
        throw storageError(error);
      }
    };
    await Promise.all([this.#markClock(), load(), this.#commits.check()]);
  }

  /** Writes the settled time down, so that a clock that is set back while nothing runs reopens nothing, and reads the clock. */
  async #markClock(): Promise<void> {
    const { settled } = this.time();
    const [, units] = this.#pools;
    try {
      const { rows } = await queryByAny<{ now: number }>(
        units as pg.Pool,
        `UPDATE clock SET settled = greatest(settled, $1)
         RETURNING (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now`,
        [settled],
      );
      const [row] = rows;
      if (row !== undefined) this.#clock.sample(row.now);
    } catch (error) {
      throw storageError(error);
    }
  }
}

function poolVitals(pool: PoolVitals['pool'], connections: pg.Pool): PoolVitals {
  const { totalCount, idleCount, waitingCount } = connections;
  const { max } = connections.options;
  return { pool, max, busy: totalCount - idleCount, idle: idleCount, waiting: waitingCount };
}

async function withinTime(trial: Promise<unknown>): Promise<void> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => timeout.reject(new StorageError('TIMEOUT', `storage has not answered for ${CHECK_MS} ms`)),
    CHECK_MS,
  );
  try {
    await Promise.race([trial, timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}
