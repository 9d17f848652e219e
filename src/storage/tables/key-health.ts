/** What is held against keys by what clients have reported, see domain/key-health.ts. */
import { type KeyHealth, WELL } from '../../domain/key-health.ts';
import type { Reader, Transaction } from '../rows.ts';
import { portionsOf } from './portions.ts';

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
export function saveHealth(unit: Transaction, keyId: number, health: KeyHealth): Promise<void> {
  return saveHealths(unit, new Map([[keyId, health]]));
}

/** Of each of these keys, which have to be there. */
export async function saveHealths(unit: Transaction, healths: ReadonlyMap<number, KeyHealth>): Promise<void> {
  const rows = [...healths].map(([key_id, { coolings, cooled_at, cooled_until, refused_by }]) => ({
    key_id,
    coolings,
    cooled_at,
    cooled_until,
    refusals: refused_by.length,
    refused_by: JSON.stringify(refused_by),
  }));
  for (const portion of portionsOf(rows)) {
    await unit
      .insertInto('key_health')
      .values(portion)
      .onConflict((conflict) =>
        conflict.column('key_id').doUpdateSet(({ ref }) => ({
          coolings: ref('excluded.coolings'),
          cooled_at: ref('excluded.cooled_at'),
          cooled_until: ref('excluded.cooled_until'),
          refusals: ref('excluded.refusals'),
          refused_by: ref('excluded.refused_by'),
        })),
      )
      .execute();
  }
}
