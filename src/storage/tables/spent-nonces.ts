/** The nonces of signed requests that were delivered, each for a while. They are spent in the commit of their delivery. */
import type { Reader, SpentNoncesTable, Transaction } from '../rows.ts';

/** Whether the nonce was spent, and is remembered at `settled`. */
export async function isSpent(
  db: Reader,
  { app_id, nonce }: Pick<SpentNoncesTable, 'app_id' | 'nonce'>,
  settled: number,
): Promise<boolean> {
  const row = await db
    .selectFrom('spent_nonces')
    .select('until')
    .where('app_id', '=', app_id)
    .where('nonce', '=', nonce)
    .where('until', '>', settled)
    .executeTakeFirst();
  return row !== undefined;
}

/** Spends a nonce that is not spent; not of an app that is gone. */
export async function spendNonce(
  unit: Transaction,
  { app_id, nonce, until }: SpentNoncesTable,
): Promise<void> {
  const app = await unit.selectFrom('apps').select('id').where('id', '=', app_id).executeTakeFirst();
  if (app === undefined) return;
  await unit
    .insertInto('spent_nonces')
    .values({ app_id, nonce, until })
    .onConflict((conflict) => conflict.columns(['app_id', 'nonce']).doUpdateSet({ until }))
    .execute();
}

const STEP = 500;

/** The nonces that need not be remembered at `settled`, the oldest first; whether there may be more. */
export async function removeOldestNonces(unit: Transaction, settled: number): Promise<boolean> {
  const old = await unit
    .selectFrom('spent_nonces')
    .select('until')
    .where('until', '<=', settled)
    .orderBy('until')
    .limit(STEP)
    .execute();
  const last = old.at(-1);
  if (last === undefined) return false;
  await unit.deleteFrom('spent_nonces').where('until', '<=', last.until).execute();
  return old.length === STEP;
}
