/**
 * The deliveries that share one commit, and the statements by which it writes them. Counters and balances are written
 * as the values that they have in memory when the batch sets off, once per subject however many deliveries moved it.
 */
import {
  type Compilable,
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Level } from '../../domain/bucket.ts';
import type { AppSubject, ServiceSubject } from '../configuration.ts';
import { brokenKeyWrites, decisionWrites } from '../decision-writes.ts';
import type { Decision, Delivered } from '../engine.ts';
import { type Bucket, windowsRow } from '../rate-limits.ts';
import { rollUpDeliveries } from '../roll-up.ts';
import type { NewDelivery, NewHolder, Tables } from '../rows.ts';
import type { Bulk } from './protocol.ts';

const compiler = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

const NO_DELIVERY = {
  seq: 0,
  delivery_id: '',
  at: 0,
  tenant_id: 0,
  service_id: 0,
  key_id: 0,
  app_id: null,
  ip: '',
  masked: 0,
  usage_today: 0,
};
const NO_COUNTER = {
  subject: 'service' as const,
  subject_id: 0,
  starts_at: 0,
  ends_at: 0,
  count: 0,
  last_at: 0,
};
const NO_USAGE = {
  tenant_id: 0,
  bucket_ms: 0,
  starts_at: 0,
  service_id: 0,
  app_id: 0,
  key_id: 0,
  outcome: '',
  count: 0,
};
const NO_WINDOWS = { app_id: 0, minute_starts_at: 0, minute_count: 0, hour_starts_at: 0, hour_count: 0 };
const NO_HOLDER = { key_id: 0, app_id: 0, ip: '', first_at: 0, last_at: 0 };
const NO_BALANCE = { key_id: 0, finish: 0, turn: 0, last_delivered_at: 0 };

const INSERT_DELIVERY = compiler.insertInto('deliveries').values(NO_DELIVERY).compile().sql;
const WIDE_ROWS = 8;
const INSERT_DELIVERIES = compiler
  .insertInto('deliveries')
  .values(Array.from({ length: WIDE_ROWS }, () => NO_DELIVERY))
  .compile().sql;
const PUT_COUNTER = compiler
  .insertInto('counters')
  .values(NO_COUNTER)
  .onConflict((conflict) =>
    conflict.columns(['subject', 'subject_id', 'starts_at']).doUpdateSet((row) => ({
      count: row.ref('excluded.count'),
      last_at: row.ref('excluded.last_at'),
    })),
  )
  .compile().sql;
const PUT_WINDOWS = compiler
  .insertInto('app_windows')
  .values(NO_WINDOWS)
  .onConflict((conflict) =>
    conflict.column('app_id').doUpdateSet((row) => ({
      minute_starts_at: row.ref('excluded.minute_starts_at'),
      minute_count: row.ref('excluded.minute_count'),
      hour_starts_at: row.ref('excluded.hour_starts_at'),
      hour_count: row.ref('excluded.hour_count'),
    })),
  )
  .compile().sql;
const PUT_BALANCE = compiler
  .insertInto('key_balances')
  .values(NO_BALANCE)
  .onConflict((conflict) =>
    conflict.column('key_id').doUpdateSet((row) => ({
      finish: row.ref('excluded.finish'),
      turn: row.ref('excluded.turn'),
      last_delivered_at: row.ref('excluded.last_delivered_at'),
    })),
  )
  .compile().sql;
const ADD_USAGE = compiler
  .insertInto('usage_counts')
  .values(NO_USAGE)
  .onConflict((conflict) =>
    conflict
      .columns(['tenant_id', 'bucket_ms', 'starts_at', 'service_id', 'app_id', 'key_id', 'outcome'])
      .doUpdateSet((row) => ({ count: row('usage_counts.count', '+', row.ref('excluded.count')) })),
  )
  .compile().sql;
const PUT_HOLDER = compiler
  .insertInto('key_holders')
  .values(NO_HOLDER)
  .onConflict((conflict) =>
    conflict.columns(['key_id', 'app_id', 'ip']).doUpdateSet((row) => ({
      first_at: row.fn.coalesce('key_holders.first_at', 'key_holders.last_at'),
      last_at: row.ref('excluded.last_at'),
    })),
  )
  .compile().sql;
const SPEND_NONCE = compiler
  .insertInto('spent_nonces')
  .values({ app_id: 0, nonce: '', until: 0 })
  .onConflict((conflict) =>
    conflict.columns(['app_id', 'nonce']).doUpdateSet((row) => ({ until: row.ref('excluded.until') })),
  )
  .compile().sql;
const SET_CLOCK = compiler.updateTable('clock').set({ settled: 0 }).compile().sql;

export class Batch {
  readonly #outcome = Promise.withResolvers<void>();
  readonly deliveries: NewDelivery[] = [];
  /** Whose counts it moves, by their names. */
  readonly services = new Map<ServiceSubject, string>();
  readonly apps = new Map<AppSubject, string>();
  /** What the seconds of apps were at before this batch. */
  readonly #levels = new Map<Bucket, Level>();
  readonly #keys = new Map<number, ServiceSubject>();
  readonly #rows: (string | number | null)[] = [];
  readonly #changes: Bulk[] = [];
  #at = 0;
  #totals: readonly Bulk[] | null = null;

  /** Adds a delivery whose counts have been moved in memory already; `seq` is its place in the order of commits. */
  add(seq: number, decision: Delivered, service: ServiceSubject): void {
    const { delivery } = decision;
    this.deliveries.push(delivery);
    this.#at = delivery.at;
    // In the order of NO_DELIVERY, which is the order of the compiled statement.
    this.#rows.push(
      seq,
      delivery.delivery_id,
      delivery.at,
      delivery.tenant_id,
      delivery.service_id,
      delivery.key_id,
      delivery.app_id ?? null,
      delivery.ip,
      delivery.masked,
      delivery.usage_today,
    );
    this.#keys.set(delivery.key_id, service);
    if (decision.nonce !== null) {
      const { app_id, nonce, until } = decision.nonce;
      this.#changes.push({ sql: SPEND_NONCE, columns: 3, values: [app_id, nonce, until] });
    }
    for (const write of decisionWrites(compiler, decision, service)) this.#addQuery(write);
  }

  /** Adds an app whose counts the batch is to move, before it does. */
  addApp(app: AppSubject, name: string): void {
    this.apps.set(app, name);
    if (app.bucket !== null) this.#levels.set(app.bucket, app.bucket.level);
  }

  /** Takes back from the seconds of apps what the batch took: nobody has got anything for it. */
  giveBack(): void {
    for (const [bucket, level] of this.#levels) bucket.level = level;
  }

  /** Adds the flags of keys that do not decrypt. */
  addBroken(decision: Decision, at: number): void {
    for (const write of brokenKeyWrites(compiler, decision, at)) this.#addQuery(write);
  }

  /** Resolves when the batch is on disk; rejects with the StorageError that it failed with. */
  get committed(): Promise<void> {
    return this.#outcome.promise;
  }

  settle(error: Error | null): void {
    if (error === null) {
      this.#outcome.resolve();
      return;
    }
    // A batch may have nobody waiting for it.
    this.#outcome.promise.catch(() => {});
    this.#outcome.reject(error);
  }

  /** When the key of one of these deliveries became active, as they have left it. */
  activatedAt(keyId: number): number | null {
    return this.#keys.get(keyId)?.config.keys.get(keyId)?.activated_at ?? null;
  }

  get empty(): boolean {
    return this.deliveries.length === 0 && this.#changes.length === 0;
  }

  /** Takes no more: what it writes is what its subjects have come to by now, whatever is decided after it. */
  close(): void {
    this.#totals = this.#takeTotals();
  }

  get closed(): boolean {
    return this.#totals !== null;
  }

  /**
   * The statements of a closed batch, or as of now; `settled` is the vault's settled time where it is to be written down,
   * `holders` who has to be.
   */
  statements(settled: number | null, holders: readonly NewHolder[]): Bulk[] {
    const usage = rollUpDeliveries(this.deliveries);
    return [
      ...this.#changes,
      {
        sql: INSERT_DELIVERY,
        columns: 10,
        values: this.#rows,
        wide: { sql: INSERT_DELIVERIES, rows: WIDE_ROWS },
      },
      ...(this.#totals ?? this.#takeTotals()),
      { sql: ADD_USAGE, columns: 8, values: usage.flatMap((row) => valuesOf(row, NO_USAGE)) },
      { sql: PUT_HOLDER, columns: 5, values: holders.flatMap((row) => valuesOf(row, NO_HOLDER)) },
      { sql: SET_CLOCK, columns: 1, values: settled === null ? [] : [settled] },
    ];
  }

  #takeTotals(): Bulk[] {
    const counters: (string | number | null)[] = [];
    const balances: (string | number | null)[] = [];
    const windows: (string | number)[] = [];
    for (const { config, day } of this.services.keys()) {
      if (day !== null) counters.push('service', config.id, day.starts_at, day.ends_at, day.count, this.#at);
    }
    for (const [keyId, { day, keys }] of this.#keys) {
      const usage = keys.get(keyId);
      if (day === null || usage === undefined) continue;
      counters.push('key', keyId, day.starts_at, day.ends_at, usage.count, this.#at);
      balances.push(keyId, usage.finish, usage.turn, this.#at);
    }
    for (const { config, day, windows: own } of this.apps.keys()) {
      if (day !== null) counters.push('app', config.id, day.starts_at, day.ends_at, day.count, this.#at);
      if (own !== null) windows.push(...valuesOf({ ...windowsRow(config.id, own) }, NO_WINDOWS));
    }
    return [
      { sql: PUT_COUNTER, columns: 6, values: counters },
      { sql: PUT_BALANCE, columns: 4, values: balances },
      ...(windows.length === 0 ? [] : [{ sql: PUT_WINDOWS, columns: 5, values: windows }]),
    ];
  }

  #addQuery(query: Compilable): void {
    const { sql, parameters } = query.compile();
    this.#changes.push({
      sql,
      columns: parameters.length,
      values: parameters as readonly (string | number | null)[],
    });
  }
}

/** In the order of the row that the statement was compiled with. */
function valuesOf<R extends Record<string, string | number>>(row: R, order: R): (string | number)[] {
  return Object.keys(order).map((column) => row[column] as string | number);
}
