import type { IdempotentRepliesTable, Reader, Transaction } from '../rows.ts';

/** The reply of that name, unless it is from before `since`. */
export function findReply(
  db: Reader,
  name: Uint8Array,
  since: number,
): Promise<IdempotentRepliesTable | undefined> {
  return db
    .selectFrom('idempotent_replies')
    .selectAll()
    .where('name', '=', name)
    .where('at', '>', since)
    .executeTakeFirst();
}

/** In the place of the one of that name that there may be. */
export async function keepReply(unit: Transaction, row: IdempotentRepliesTable): Promise<void> {
  const { name, ...rest } = row;
  await unit
    .insertInto('idempotent_replies')
    .values(row)
    .onConflict((conflict) => conflict.column('name').doUpdateSet(rest))
    .execute();
}

const STEP = 500;

/** The oldest replies that are from before `before`; whether there may be more. */
export async function removeOldestReplies(unit: Transaction, before: number): Promise<boolean> {
  const old = await unit
    .selectFrom('idempotent_replies')
    .select('name')
    .where('at', '<=', before)
    .orderBy('at')
    .limit(STEP)
    .execute();
  if (old.length === 0) return false;
  const names = old.map(({ name }) => name);
  await unit.deleteFrom('idempotent_replies').where('name', 'in', names).execute();
  return old.length === STEP;
}
