/** What has been told already, so that nobody is told again and again. */
import type { Reader, Transaction } from '../rows.ts';

/** How many names a query has. */
const MOST_NAMES = 500;

/**
 * Whether `name` is to be told now: it was not before, or that was for a time that is over at `settled`. Then it counts as
 * told before `until`, in Unix milliseconds. By the settled time, so that a clock that leaps ahead silences nothing. For a
 * unit of the tenant.
 */
export async function tellOnce(
  unit: Transaction,
  tenantId: number,
  name: string,
  settled: number,
  until: number,
): Promise<boolean> {
  const row = await unit
    .insertInto('told')
    .values({ tenant_id: tenantId, name, until })
    .onConflict((conflict) =>
      conflict.columns(['tenant_id', 'name']).doUpdateSet({ until }).where('told.until', '<=', settled),
    )
    .returning('name')
    .executeTakeFirst();
  return row !== undefined;
}

/** Forgets what may be told again since `before`. */
export async function forgetTold(unit: Transaction, before: number): Promise<void> {
  await unit.deleteFrom('told').where('until', '<', before).execute();
}

/** Those of the names that one of the tenants was told of for a time that is not over at `now`. */
export async function findTold(
  db: Reader,
  tenantIds: readonly number[],
  names: readonly string[],
  now: number,
): Promise<Set<string>> {
  const told = new Set<string>();
  for (let at = 0; at < names.length; at += MOST_NAMES) {
    const rows = await db
      .selectFrom('told')
      .select('name')
      .where('tenant_id', 'in', tenantIds)
      .where('name', 'in', names.slice(at, at + MOST_NAMES))
      .where('until', '>', now)
      .execute();
    for (const { name } of rows) told.add(name);
  }
  return told;
}

/** Until when `name` counts as told, where that is beyond `now`; null where it may be told. */
export async function toldUntil(
  db: Reader,
  tenantId: number,
  name: string,
  now: number,
): Promise<number | null> {
  const row = await db
    .selectFrom('told')
    .select('until')
    .where('tenant_id', '=', tenantId)
    .where('name', '=', name)
    .where('until', '>', now)
    .executeTakeFirst();
  return row?.until ?? null;
}
