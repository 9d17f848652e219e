/** The statements by which a batch is written, each for one row and most for several at once. */
import {
  type Compilable,
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { AppWindowsTable, CountersTable, NewHolder, Tables, UsageCountsTable } from '../rows.ts';
import { addingUsage } from '../tables/usage.ts';
import type { Bulk, SqlScalar } from './protocol.ts';

export const compiler = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

/** How many rows a wide statement takes: with more of them each costs no less. */
const WIDE_ROWS = 8;

class RowsStatement<R extends { readonly [C in keyof R]: SqlScalar }> {
  readonly #columns: readonly (keyof R)[];
  readonly #sql: string;
  readonly #wide: Bulk['wide'];

  /**
   * `sample` has all columns of a row, in the order in which `query` takes them; `wide`: the same for several rows. Throws
   * where the order is another.
   */
  constructor(sample: R, query: (row: R) => Compilable, wide?: (rows: R[]) => Compilable) {
    const names = Object.keys(sample);
    // Each value is the name of its column, by which it is found again.
    const { sql, parameters } = query(Object.fromEntries(names.map((name) => [name, name])) as R).compile();
    if (parameters.join() !== names.join()) throw new Error(`the columns are ${parameters.join()}: ${sql}`);
    this.#columns = names as (keyof R)[];
    this.#sql = sql;
    const rows = Array.from({ length: WIDE_ROWS }, () => sample);
    this.#wide = wide && { sql: wide(rows).compile().sql, rows: WIDE_ROWS };
  }

  of(rows: readonly R[]): Bulk {
    return this.ofValues(rows.flatMap((row) => this.#columns.map((column) => row[column])));
  }

  /** `values`: those of the columns in their order, one row after the other. */
  ofValues(values: readonly SqlScalar[]): Bulk {
    const columns = this.#columns.length;
    const wide = this.#wide !== undefined && values.length >= columns * this.#wide.rows;
    return { sql: this.#sql, columns, values, ...(wide && { wide: this.#wide }) };
  }
}

/** A statement that inserts rows, however many. */
function inserting<R extends { readonly [C in keyof R]: SqlScalar }>(
  sample: R,
  query: (rows: R[]) => Compilable,
): RowsStatement<R> {
  return new RowsStatement(sample, (row) => query([row]), query);
}

export const INSERT_DELIVERIES = inserting(
  {
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
  },
  (rows) => compiler.insertInto('deliveries').values(rows),
);

export const PUT_COUNTERS = inserting<CountersTable>(
  { subject: 'service', subject_id: 0, starts_at: 0, ends_at: 0, count: 0, last_at: 0 },
  (rows) =>
    compiler
      .insertInto('counters')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['subject', 'subject_id', 'starts_at']).doUpdateSet((row) => ({
          count: row.ref('excluded.count'),
          last_at: row.ref('excluded.last_at'),
        })),
      ),
);

/** Of windows before the one that starts then. */
export const REMOVE_COUNTERS = new RowsStatement<Pick<CountersTable, 'subject' | 'subject_id' | 'starts_at'>>(
  { subject: 'service', subject_id: 0, starts_at: 0 },
  ({ subject, subject_id, starts_at }) =>
    compiler
      .deleteFrom('counters')
      .where('subject', '=', subject)
      .where('subject_id', '=', subject_id)
      .where('starts_at', '<', starts_at),
);

export const PUT_WINDOWS = inserting<AppWindowsTable>(
  { app_id: 0, minute_starts_at: 0, minute_count: 0, hour_starts_at: 0, hour_count: 0 },
  (rows) =>
    compiler
      .insertInto('app_windows')
      .values(rows)
      .onConflict((conflict) =>
        conflict.column('app_id').doUpdateSet((row) => ({
          minute_starts_at: row.ref('excluded.minute_starts_at'),
          minute_count: row.ref('excluded.minute_count'),
          hour_starts_at: row.ref('excluded.hour_starts_at'),
          hour_count: row.ref('excluded.hour_count'),
        })),
      ),
);

export const PUT_BALANCES = inserting<Tables['key_balances']>(
  { key_id: 0, finish: 0, turn: 0, last_delivered_at: 0 },
  (rows) =>
    compiler
      .insertInto('key_balances')
      .values(rows)
      .onConflict((conflict) =>
        conflict.column('key_id').doUpdateSet((row) => ({
          finish: row.ref('excluded.finish'),
          turn: row.ref('excluded.turn'),
          last_delivered_at: row.ref('excluded.last_delivered_at'),
        })),
      ),
);

export const ADD_USAGE = inserting<UsageCountsTable>(
  {
    tenant_id: 0,
    bucket_ms: 0,
    starts_at: 0,
    service_id: 0,
    app_id: 0,
    key_id: 0,
    outcome: '',
    count: 0,
  },
  (rows) => addingUsage(compiler, rows),
);

export const PUT_HOLDERS = inserting<NewHolder>(
  { key_id: 0, app_id: 0, ip: '', first_at: 0, last_at: 0 },
  (rows) =>
    compiler
      .insertInto('key_holders')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['key_id', 'app_id', 'ip']).doUpdateSet((row) => ({
          first_at: row.fn.coalesce('key_holders.first_at', 'key_holders.last_at'),
          last_at: row.ref('excluded.last_at'),
        })),
      ),
);

export const SPEND_NONCES = inserting({ app_id: 0, nonce: '', until: 0 }, (rows) =>
  compiler
    .insertInto('spent_nonces')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['app_id', 'nonce']).doUpdateSet((row) => ({ until: row.ref('excluded.until') })),
    ),
);

export const SET_CLOCK = new RowsStatement({ settled: 0 }, (row) => compiler.updateTable('clock').set(row));
