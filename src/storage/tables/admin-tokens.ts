import type { AdminTokenRow, AdminTokensTable, Reader, Transaction } from '../rows.ts';
import { holds, type ListFilter, notExpired, type RowRange } from './list-filter.ts';

/** With what of its tenant it is judged by, null for a token of root. */
export interface AdminCredential extends AdminTokenRow {
  readonly tenant_slug: string | null;
  readonly tenant_status: 'active' | 'suspended' | null;
  readonly tenant_allowed_ips: string | null;
  readonly tenant_denied_ips: string | null;
}

export function findAdminToken(db: Reader, digest: Uint8Array): Promise<AdminCredential | undefined> {
  return db
    .selectFrom('admin_tokens')
    .leftJoin('tenants', 'tenants.id', 'admin_tokens.tenant_id')
    .selectAll('admin_tokens')
    .select([
      'tenants.slug as tenant_slug',
      'tenants.status as tenant_status',
      'tenants.allowed_ips as tenant_allowed_ips',
      'tenants.denied_ips as tenant_denied_ips',
    ])
    .where('digest', '=', digest)
    .executeTakeFirst();
}

/** `tenantId` null: those of root. In the order of ids; `now` says which have expired. */
export function listAdminTokens(
  db: Reader,
  tenantId: number | null,
  { limit, after }: RowRange,
  { status, q }: ListFilter<'active' | 'expired'>,
  now: number,
): Promise<AdminTokenRow[]> {
  let query = db
    .selectFrom('admin_tokens')
    .selectAll()
    .where('tenant_id', tenantId === null ? 'is' : '=', tenantId);
  if (status === 'expired') query = query.where('expires_at', '<=', now);
  if (status === 'active') query = query.where(notExpired(now));
  if (q !== undefined) query = query.where(holds(['name'], q));
  return query
    .where('id', '>', after ?? 0)
    .orderBy('id')
    .limit(limit)
    .execute();
}

export function findAdminTokenById(
  db: Reader,
  tenantId: number | null,
  id: number,
): Promise<AdminTokenRow | undefined> {
  return db
    .selectFrom('admin_tokens')
    .selectAll()
    .where('id', '=', id)
    .where('tenant_id', tenantId === null ? 'is' : '=', tenantId)
    .executeTakeFirst();
}

/** How many tokens of owners a tenant has that are valid at `now`, the one of `without` not counted. */
export async function countOwners(
  unit: Transaction,
  tenantId: number,
  without: number,
  now: number,
): Promise<number> {
  const { count } = await unit
    .selectFrom('admin_tokens')
    .select((of) => of.fn.countAll<number>().as('count'))
    .where('tenant_id', '=', tenantId)
    .where('role', '=', 'owner')
    .where('id', '!=', without)
    .where(notExpired(now))
    .executeTakeFirstOrThrow();
  return Number(count);
}

export async function insertAdminToken(unit: Transaction, row: AdminTokensTable): Promise<void> {
  await unit.insertInto('admin_tokens').values(row).execute();
}

export async function deleteAdminToken(unit: Transaction, id: number): Promise<void> {
  await unit.deleteFrom('admin_tokens').where('id', '=', id).execute();
}
