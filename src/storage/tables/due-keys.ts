/** Keys for which the time has come. Each list is served by a partial index whose condition it repeats word for word. */
import { type SqlBool, sql } from 'kysely';
import { LONGEST_COOLING_MS } from '../../domain/policy-key.ts';
import type { WarnedDays } from '../../domain/warnings.ts';
import type { ProviderKeyRow, Reader } from '../rows.ts';

export interface DueKey {
  readonly id: number;
  readonly service_id: number;
  readonly tenant_id: number;
}

/** Keys that serve and whose own `expires_at` has come. */
export function listExpiredKeys(db: Reader, settled: number, limit: number): Promise<DueKey[]> {
  return listDue(db, sql`state IN ('standby', 'active')`, 'expires_at', settled, limit);
}

/** Keys that were disabled for a time. */
export function listKeysToEnable(db: Reader, settled: number, limit: number): Promise<DueKey[]> {
  return listDue(db, sql`auto_enable_at IS NOT NULL`, 'auto_enable_at', settled, limit);
}

/** Keys whose grace is over. */
export function listKeysToRetire(db: Reader, settled: number, limit: number): Promise<DueKey[]> {
  return listDue(db, sql`state = 'retiring'`, 'retires_at', settled, limit);
}

/** Keys that cool no more, by the rule of `coolsUntil` in domain/policy-key.ts. */
export function listCooledKeys(db: Reader, now: number, limit: number): Promise<DueKey[]> {
  return db
    .selectFrom('provider_keys')
    .select(['id', 'service_id', 'tenant_id'])
    .where(sql<SqlBool>`cooling_until IS NOT NULL`)
    .where((where) =>
      where.or([where('cooling_until', '<=', now), where('cooling_until', '>', now + LONGEST_COOLING_MS)]),
    )
    .orderBy('cooling_until')
    .limit(limit)
    .execute();
}

/** Keys that serve, end after `settled` and by `until`, and were warned of last as many days before it as `told` says. */
export function listKeysToWarn(
  db: Reader,
  { told, settled, until }: { told: 0 | WarnedDays; settled: number; until: number },
  limit: number,
): Promise<DueKey[]> {
  return db
    .selectFrom('provider_keys')
    .select(['id', 'service_id', 'tenant_id'])
    .where(sql<SqlBool>`state IN ('standby', 'active')`)
    .where('expiry_told', '=', told)
    .where('expires_at', '>', settled)
    .where('expires_at', '<=', until)
    .orderBy('expires_at')
    .limit(limit)
    .execute();
}

/** Keys that were withdrawn after `since`, but that somebody may still hold; `after` is the last id of the page before. */
export function listUndrainedKeys(
  db: Reader,
  since: number,
  after: number,
  limit: number,
): Promise<ProviderKeyRow[]> {
  return db
    .selectFrom('provider_keys')
    .selectAll()
    .where(sql<boolean>`state IN ('retiring', 'burned') AND drained_at IS NULL`)
    .where('withdrawn_at', '>', since)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** The rows of these keys, as they are now. */
export function findKeys(db: Reader, ids: readonly number[]): Promise<ProviderKeyRow[]> {
  return db.selectFrom('provider_keys').selectAll().where('id', 'in', ids).orderBy('id').execute();
}

function listDue(
  db: Reader,
  condition: ReturnType<typeof sql<SqlBool>>,
  column: 'expires_at' | 'auto_enable_at' | 'retires_at',
  settled: number,
  limit: number,
): Promise<DueKey[]> {
  return db
    .selectFrom('provider_keys')
    .select(['id', 'service_id', 'tenant_id'])
    .where(condition)
    .where(column, '<=', settled)
    .orderBy(column)
    .limit(limit)
    .execute();
}
