import { type ListView, showTime } from '../contract/common.ts';
import type { AuditEntryView, AuditQuery } from '../contract/queries.ts';
import type { AuditEntryRow } from '../storage/rows.ts';
import { listAuditEntries } from '../storage/tables/audit-entries.ts';
import { type Page, pageOf } from './paging.ts';
import { requireTenant } from './tenants.ts';
import type { Vault } from './vault.ts';

/** What was done in a tenant, newest first. `actor` is the actor's name. */
export async function listAudit(
  vault: Vault,
  tenantSlug: string,
  query: AuditQuery,
  page: Page,
): Promise<ListView<AuditEntryView>> {
  const { id } = await requireTenant(vault.engine.read, tenantSlug);
  const filter = {
    from: query.from ?? null,
    to: query.to ?? null,
    type: query.type ?? null,
    actor: query.actor ?? null,
  };
  const rows = await listAuditEntries(vault.engine.read, id, filter, page.limit + 1, page.after);
  return pageOf(rows, page, (row) => row.id, showEntry);
}

/** An entry as it is shown. */
export function showEntry(row: AuditEntryRow): AuditEntryView {
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
