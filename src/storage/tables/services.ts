import type { Day } from '../configuration.ts';
import type { Reader, ServiceChanges, ServiceRow, Transaction } from '../rows.ts';
import { holds, type ListFilter, type RowRange } from './list-filter.ts';

export function findService(db: Reader, tenantId: number, slug: string): Promise<ServiceRow | undefined> {
  return db
    .selectFrom('services')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('slug', '=', slug)
    .executeTakeFirst();
}

export function findServiceById(db: Reader, id: number): Promise<ServiceRow | undefined> {
  return db.selectFrom('services').selectAll().where('id', '=', id).executeTakeFirst();
}

/** In the order of ids; `after` is the last id of the page before. */
export function listServices(
  db: Reader,
  tenantId: number,
  { limit, after }: RowRange,
  { status, q }: ListFilter<'enabled' | 'disabled'>,
): Promise<ServiceRow[]> {
  let query = db.selectFrom('services').selectAll().where('tenant_id', '=', tenantId);
  if (status !== undefined) query = query.where('enabled', '=', status === 'enabled' ? 1 : 0);
  if (q !== undefined) query = query.where(holds(['slug', 'name'], q));
  return query
    .where('id', '>', after ?? 0)
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** Slug → id, of those services that the tenant has. At most 10,000, which is below what a statement may hold. */
export async function findServiceIds(
  db: Reader,
  tenantId: number,
  slugs: readonly string[],
): Promise<Map<string, number>> {
  if (slugs.length === 0) return new Map();
  const rows = await db
    .selectFrom('services')
    .select(['id', 'slug'])
    .where('tenant_id', '=', tenantId)
    .where('slug', 'in', slugs)
    .execute();
  return new Map(rows.map(({ id, slug }) => [slug, id]));
}

export async function insertService(unit: Transaction, row: ServiceRow): Promise<void> {
  await unit.insertInto('services').values(row).execute();
}

/** Changes a service, and its version whatever has changed: of its keys too, then with no changes of its own. */
export async function updateService(
  unit: Transaction,
  id: number,
  changes: Omit<ServiceChanges, 'id' | 'tenant_id' | 'slug' | 'version' | 'created_at'>,
): Promise<void> {
  await unit
    .updateTable('services')
    .set((set) => ({ ...changes, version: set('version', '+', 1) }))
    .where('id', '=', id)
    .execute();
}

/** Deletes a service with its keys, and the counters of both. */
export async function deleteService(unit: Transaction, id: number): Promise<void> {
  const keys = unit.selectFrom('provider_keys').select('id').where('service_id', '=', id);
  await unit
    .deleteFrom('counters')
    .where((where) =>
      where.or([
        where.and([where('subject', '=', 'service'), where('subject_id', '=', id)]),
        where.and([where('subject', '=', 'key'), where('subject_id', 'in', keys)]),
      ]),
    )
    .execute();
  await unit.deleteFrom('services').where('id', '=', id).execute();
}

/** Service → how many keys it has; a service without any is left out. */
export async function countKeys(db: Reader, serviceIds: readonly number[]): Promise<Map<number, number>> {
  if (serviceIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('provider_keys')
    .select(['service_id', (select) => select.fn.countAll<number>().as('count')])
    .where('service_id', 'in', serviceIds)
    .groupBy('service_id')
    .execute();
  return new Map(rows.map(({ service_id, count }) => [service_id, count]));
}

/** Service → the limit day that is running at `settled`; a service that has served nothing in it is left out. */
export async function runningDays(
  db: Reader,
  serviceIds: readonly number[],
  settled: number,
): Promise<Map<number, Day>> {
  if (serviceIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('counters')
    .select(['subject_id', 'starts_at', 'ends_at', 'count'])
    .where('subject', '=', 'service')
    .where('subject_id', 'in', serviceIds)
    .where('ends_at', '>', settled)
    .orderBy('starts_at')
    .execute();
  return new Map(rows.map(({ subject_id, ...day }) => [subject_id, day]));
}

/** The services of which it is written that the current key's turn has ended by `settled`, the longest ended first. */
export function listServicesWithTurnDue(
  db: Reader,
  settled: number,
  limit: number,
): Promise<{ id: number; tenant_id: number }[]> {
  return db
    .selectFrom('services')
    .select(['id', 'tenant_id'])
    .where('next_rotation_at', '<=', settled)
    .orderBy('next_rotation_at')
    .limit(limit)
    .execute();
}
