import { type ListView, showTime } from '../../contract/common.ts';
import type {
  AuditEntryView,
  AuditQuery,
  VaultAuditEntryView,
  VaultAuditQuery,
} from '../../contract/queries.ts';
import type { Reader } from '../../storage/rows.ts';
import {
  type AuditRow,
  type AuditScope,
  findTenantsOf,
  listAuditEntries,
} from '../../storage/tables/audit-entries.ts';
import { type Page, pageOf } from '../paging.ts';
import { requireTenant } from '../tenants/tenants.ts';
import type { Vault } from '../vault/vault.ts';

/** What was done in a tenant, newest first. `actor` is the actor's name. */
export async function listAudit(
  vault: Vault,
  tenantSlug: string,
  query: AuditQuery,
  page: Page,
): Promise<ListView<AuditEntryView>> {
  const { id } = await requireTenant(vault.engine.read, tenantSlug);
  return list(vault, { tenantId: id }, query, page, showEntry);
}

/** What was done in the whole vault: by root itself, in every tenant, and in those that are deleted. */
export async function listVaultAudit(
  vault: Vault,
  query: VaultAuditQuery,
  page: Page,
): Promise<ListView<VaultAuditEntryView>> {
  return list(vault, await scopeOf(vault.engine.read, query.tenant), query, page, showVaultEntry);
}

/** All entries, or those of the tenants that have or had the slug. */
export async function scopeOf(db: Reader, tenant: string | undefined): Promise<AuditScope> {
  return { tenants: tenant === undefined ? 'all' : await findTenantsOf(db, tenant), named: true };
}

async function list<V>(
  vault: Vault,
  scope: AuditScope,
  query: AuditQuery,
  page: Page,
  show: (row: AuditRow) => V,
): Promise<ListView<V>> {
  const filter = {
    from: query.from ?? null,
    to: query.to ?? null,
    type: query.type ?? null,
    actor: query.actor ?? null,
  };
  const rows = await listAuditEntries(vault.engine.read, scope, filter, page.limit + 1, page.after);
  return pageOf(rows, page, (row) => row.id, show);
}

/** An entry as it is shown where it is of the whole vault. */
export function showVaultEntry(row: AuditRow): VaultAuditEntryView {
  return { ...showEntry(row), tenant: row.tenant ?? null };
}

/** An entry as it is shown. */
export function showEntry(row: AuditRow): AuditEntryView {
  return {
    id: row.id,
    at: showTime(row.at),
    type: row.type,
    actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name, role: row.actor_role },
    ip: row.ip,
    target: row.target,
    outcome: row.outcome,
    reason: row.reason,
    before: row.before === null ? null : JSON.parse(row.before),
    after: row.after === null ? null : JSON.parse(row.after),
    request_id: row.request_id,
  };
}
