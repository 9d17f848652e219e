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

/** The id of the tenant's newest entry; 0 where there is none. */
export async function lastAuditEntry(db: Reader, tenantId: number): Promise<number> {
  const row = await db
    .selectFrom('audit_entries')
    .select((of) => of.fn.max('id').as('id'))
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst();
  return Number(row?.id ?? 0);
}

/** `after`: where the page before ended, 0 for the first one. `last`: the id of the last entry that is asked for. */
export interface AuditRange {
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly after: number;
  readonly last: number;
  readonly limit: number;
}

/** How many ids a page looks at, whatever part of them is of the time that is asked for. */
const WINDOW = 5_000;

/** Oldest first. `after` in the result: where the page ended; null where there is no more. */
export async function exportAuditEntries(
  db: Reader,
  tenantId: number,
  { from, to, after, last, limit }: AuditRange,
): Promise<{ readonly rows: AuditEntryRow[]; readonly after: number | null }> {
  const entries = db.selectFrom('audit_entries').where('tenant_id', '=', tenantId).where('id', '<=', last);
  const next = entries.select('id').where('id', '>', after).orderBy('id').limit(1);
  const first = await next.executeTakeFirst();
  if (first === undefined) return { rows: [], after: null };
  const end = first.id + WINDOW - 1;
  let query = entries.selectAll().where('id', '>=', first.id).where('id', '<=', end);
  if (from !== undefined) query = query.where('at', '>=', from);
  if (to !== undefined) query = query.where('at', '<', to);
  const rows = await query.orderBy('id').limit(limit).execute();
  return { rows, after: rows.length < limit ? end : (rows.at(-1)?.id ?? end) };
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
