/** Inserts very many rows: the statement is compiled once for each number of rows, and not for each of them. */
import { CompiledQuery } from 'kysely';
import type { NewHolder, Tables, Transaction } from '../../../src/storage/rows.ts';
import { addingUsage } from '../../../src/storage/tables/usage.ts';

const ROWS = 400;

interface Compilable {
  compile(): CompiledQuery;
}

/** Runs what `query` makes of some rows, with the values of all `rows` in turn; each row has the same columns. */
export class WideInsert<R extends object> {
  readonly #query: (unit: Transaction, rows: R[]) => Compilable;
  readonly #compiled = new Map<number, string>();

  constructor(query: (unit: Transaction, rows: R[]) => Compilable) {
    this.#query = query;
  }

  async run(unit: Transaction, rows: readonly R[]): Promise<void> {
    for (let at = 0; at < rows.length; at += ROWS) {
      const part = rows.slice(at, at + ROWS);
      let text = this.#compiled.get(part.length);
      if (text === undefined) {
        text = this.#query(unit, part).compile().sql;
        if (part.length === ROWS) this.#compiled.set(part.length, text);
      }
      await unit.executeQuery(
        CompiledQuery.raw(
          text,
          part.flatMap((row) => Object.values(row)),
        ),
      );
    }
  }
}

export const INSERT_DELIVERIES = new WideInsert<Omit<Tables['deliveries'], 'seq'>>((unit, rows) =>
  // The database gives each its place.
  unit.insertInto('deliveries').values(rows as Tables['deliveries'][]),
);

export const PUT_COUNTERS = new WideInsert<Tables['counters']>((unit, rows) =>
  unit
    .insertInto('counters')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['subject', 'subject_id', 'starts_at']).doUpdateSet((row) => ({
        count: row.ref('excluded.count'),
        last_at: row.ref('excluded.last_at'),
      })),
    ),
);

export const PUT_BALANCES = new WideInsert<Tables['key_balances']>((unit, rows) =>
  unit
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

export const PUT_USAGE = new WideInsert<Tables['usage_counts']>(addingUsage);

export const PUT_HOLDERS = new WideInsert<NewHolder>((unit, rows) =>
  unit
    .insertInto('key_holders')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['key_id', 'app_id', 'ip'])
        .doUpdateSet((row) => ({ last_at: row.ref('excluded.last_at') })),
    ),
);
