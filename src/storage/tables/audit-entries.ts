/** The audit trail: entries are added in the unit of the change that they tell of. */
import { auditRow, type NewAuditEntry } from '../../audit/entry.ts';
import type { AuditEntryRow, Reader, Transaction } from '../rows.ts';

export async function addAuditEntry(unit: Transaction, entry: NewAuditEntry): Promise<void> {
  await unit.insertInto('audit_entries').values(auditRow(entry)).execute();
}

export interface AuditFilter {
  readonly from: number | null;
  readonly to: number | null;
  readonly type: string | null;
  readonly actor: string | null;
}

/** Oldest first; `after` is the id of the last entry that was read before. */
export function exportAuditEntries(
  db: Reader,
  tenantId: number,
  { from, to }: Pick<AuditFilter, 'from' | 'to'>,
  limit: number,
  after: number,
): Promise<AuditEntryRow[]> {
  let query = db.selectFrom('audit_entries').selectAll().where('tenant_id', '=', tenantId);
  if (from !== null) query = query.where('at', '>=', from);
  if (to !== null) query = query.where('at', '<', to);
  return query.where('id', '>', after).orderBy('id').limit(limit).execute();
}

/** Newest first; `after` is the id of the last entry of the page before. Times in Unix milliseconds, `to` exclusive. */
export function listAuditEntries(
  db: Reader,
  tenantId: number,
  filter: AuditFilter,
  limit: number,
  after: number | null,
): Promise<AuditEntryRow[]> {
  let query = db.selectFrom('audit_entries').selectAll().where('tenant_id', '=', tenantId);
  if (filter.from !== null) query = query.where('at', '>=', filter.from);
  if (filter.to !== null) query = query.where('at', '<', filter.to);
  if (filter.type !== null) query = query.where('type', '=', filter.type);
  if (filter.actor !== null) query = query.where('actor_name', '=', filter.actor);
  if (after !== null) query = query.where('id', '<', after);
  return query.orderBy('id', 'desc').limit(limit).execute();
}
