import type { Insertable } from 'kysely';
import type { Suspicion } from '../../domain/suspicion.ts';
import type { Reader, TenantRow, TenantsTable, Transaction } from '../rows.ts';
import { holds, type ListFilter, type RowRange } from './list-filter.ts';

export function findTenant(db: Reader, slug: string): Promise<TenantRow | undefined> {
  return db.selectFrom('tenants').selectAll().where('slug', '=', slug).executeTakeFirst();
}

export function findTenantById(db: Reader, id: number): Promise<TenantRow | undefined> {
  return db.selectFrom('tenants').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function slugOfTenant(db: Reader, id: number): Promise<string | null> {
  const row = await db.selectFrom('tenants').select('slug').where('id', '=', id).executeTakeFirst();
  return row?.slug ?? null;
}

type SuspicionColumns = Pick<
  TenantRow,
  'suspect_new_address' | 'suspect_rate_factor' | 'suspect_refusals_per_minute'
>;

export function readSuspicion(row: SuspicionColumns): Suspicion {
  return {
    new_address: row.suspect_new_address === 1,
    rate_factor: row.suspect_rate_factor,
    refusals_per_minute: row.suspect_refusals_per_minute,
  };
}

export function suspicionColumns(suspicion: Suspicion): SuspicionColumns {
  return {
    suspect_new_address: suspicion.new_address ? 1 : 0,
    suspect_rate_factor: suspicion.rate_factor,
    suspect_refusals_per_minute: suspicion.refusals_per_minute,
  };
}

/** In the order of ids. */
export function listTenants(
  db: Reader,
  { limit, after }: RowRange,
  { status, q }: ListFilter<TenantRow['status']>,
): Promise<TenantRow[]> {
  let query = db.selectFrom('tenants').selectAll();
  if (status !== undefined) query = query.where('status', '=', status);
  if (q !== undefined) query = query.where(holds(['slug', 'name'], q));
  return query
    .where('id', '>', after ?? 0)
    .orderBy('id')
    .limit(limit)
    .execute();
}

export async function insertTenant(unit: Transaction, row: Insertable<TenantsTable>): Promise<void> {
  await unit.insertInto('tenants').values(row).execute();
}

export async function updateTenant(
  unit: Transaction,
  id: number,
  changes: Partial<Omit<TenantsTable, 'id' | 'slug' | 'created_at'>>,
): Promise<void> {
  await unit.updateTable('tenants').set(changes).where('id', '=', id).execute();
}

/** Deletes the tenant and all that is its own but its audit entries; its data keys go with it. */
export async function deleteTenant(unit: Transaction, id: number): Promise<void> {
  await unit
    .deleteFrom('counters')
    .where((where) =>
      where.or([
        where.and([where('subject', '=', 'service'), where('subject_id', 'in', idsOf(unit, 'services', id))]),
        where.and([where('subject', '=', 'app'), where('subject_id', 'in', idsOf(unit, 'apps', id))]),
        where.and([
          where('subject', '=', 'key'),
          where('subject_id', 'in', idsOf(unit, 'provider_keys', id)),
        ]),
      ]),
    )
    .execute();
  await unit.deleteFrom('tenants').where('id', '=', id).execute();
}

function idsOf(unit: Transaction, table: 'services' | 'apps' | 'provider_keys', tenantId: number) {
  return unit.selectFrom(table).select('id').where('tenant_id', '=', tenantId);
}
