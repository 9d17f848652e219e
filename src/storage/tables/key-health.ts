/** What is held against keys by what clients have reported, see domain/key-health.ts. */
import { type KeyHealth, WELL } from '../../domain/key-health.ts';
import type { Reader, Transaction } from '../rows.ts';

/** Of those of these keys that have ever been reported to be other than well. */
export async function findHealth(db: Reader, keyIds: readonly number[]): Promise<Map<number, KeyHealth>> {
  if (keyIds.length === 0) return new Map();
  const rows = await db.selectFrom('key_health').selectAll().where('key_id', 'in', keyIds).execute();
  return new Map(
    rows.map(({ key_id, coolings, cooled_at, cooled_until, refused_by }) => [
      key_id,
      { ...WELL, coolings, cooled_at, cooled_until, refused_by: JSON.parse(refused_by) },
    ]),
  );
}

/** The key has to be there. */
export async function saveHealth(unit: Transaction, keyId: number, health: KeyHealth): Promise<void> {
  const { coolings, cooled_at, cooled_until, refused_by } = health;
  const row = {
    coolings,
    cooled_at,
    cooled_until,
    refusals: refused_by.length,
    refused_by: JSON.stringify(refused_by),
  };
  await unit
    .insertInto('key_health')
    .values({ key_id: keyId, ...row })
    .onConflict((conflict) => conflict.column('key_id').doUpdateSet(row))
    .execute();
}
