/** Deliveries that were reported on, each once. */
import type { Reader, ReportsTable, Transaction } from '../rows.ts';
import { portionsOf } from './portions.ts';

const STEP = 500;

/** Adds those that are not there; returns the ids of their deliveries. */
export async function insertReports(
  unit: Transaction,
  rows: readonly ReportsTable[],
): Promise<ReadonlySet<string>> {
  const added = new Set<string>();
  for (const portion of portionsOf(rows)) {
    const inserted = await unit
      .insertInto('reports')
      .values(portion)
      .onConflict((conflict) => conflict.column('delivery_id').doNothing())
      .returning('delivery_id')
      .execute();
    for (const { delivery_id } of inserted) added.add(delivery_id);
  }
  return added;
}

/** Those of these deliveries that were reported on. */
export async function findReported(db: Reader, deliveryIds: readonly string[]): Promise<ReadonlySet<string>> {
  if (deliveryIds.length === 0) return new Set();
  const rows = await db
    .selectFrom('reports')
    .select('delivery_id')
    .where('delivery_id', 'in', deliveryIds)
    .execute();
  return new Set(rows.map(({ delivery_id }) => delivery_id));
}

/**
 * Of those whose deliveries have the lowest ids, the ones that were made before `since`, or after `until`: by a clock that ran
 * ahead. Whether there may be more. Their ids do not tell how old they are, for ids go on from where such a clock has brought them.
 */
export async function removeOldestReports(unit: Transaction, since: number, until: number): Promise<boolean> {
  const oldest = await unit
    .selectFrom('reports')
    .select(['delivery_id', 'at'])
    .orderBy('delivery_id')
    .limit(STEP)
    .execute();
  const last = oldest.findLast(({ at }) => at < since || at > until);
  if (last === undefined) return false;
  await unit
    .deleteFrom('reports')
    .where('delivery_id', '<=', last.delivery_id)
    .where((of) => of.or([of('at', '<', since), of('at', '>', until)]))
    .execute();
  return oldest.length === STEP;
}
