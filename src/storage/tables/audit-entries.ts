/** The audit trail: entries are added in the unit of the change that they tell of. */
import { sql } from 'kysely';
import { auditRow, type NewAuditEntry } from '../../audit/entry.ts';
import type { AuditEntryRow, Reader, Transaction } from '../rows.ts';
import { portionsOf } from './portions.ts';

export async function addAuditEntry(unit: Transaction, entry: NewAuditEntry): Promise<void> {
  await unit.insertInto('audit_entries').values(auditRow(entry)).execute();
}

/** In this order. */
export async function addAuditEntries(unit: Transaction, entries: readonly NewAuditEntry[]): Promise<void> {
  for (const portion of portionsOf(entries)) {
    await unit.insertInto('audit_entries').values(portion.map(auditRow)).execute();
  }
}

export interface AuditFilter {
  readonly from: number | null;
  readonly to: number | null;
  readonly type: string | null;
  readonly actor: string | null;
}

/** Whose entries: those of one tenant, or, each with its tenant's slug, all of the vault, or those of some tenants. */
export type AuditScope =
  | { readonly tenantId: number }
  | { readonly tenants: 'all' | readonly number[]; readonly named: true };

/** `tenant`: where the scope names them; null for what is no tenant's. */
export type AuditRow = AuditEntryRow & { readonly tenant?: string | null };

/** `tenant:acme`, which its deletion was done to. */
const GONE = sql<string | null>`(SELECT substr(gone.target, 8) FROM audit_entries AS gone
  WHERE gone.tenant_id = audit_entries.tenant_id AND gone.type = 'tenant.deleted' ORDER BY gone.id DESC LIMIT 1)`;
const TENANT = sql<string | null>`coalesce(
  (SELECT slug FROM tenants WHERE tenants.id = audit_entries.tenant_id), ${GONE})`;

type Entries = ReturnType<typeof entriesOf>;

function entriesOf(db: Reader, tenantId: number | null) {
  const entries = db.selectFrom('audit_entries');
  return tenantId === null ? entries : entries.where('tenant_id', '=', tenantId);
}

/** Each of them a range of one index, in the order of ids: of several tenants at once none would be. */
function rangesOf(db: Reader, scope: AuditScope): Entries[] {
  if ('tenantId' in scope) return [entriesOf(db, scope.tenantId)];
  if (scope.tenants === 'all') return [entriesOf(db, null)];
  return scope.tenants.map((id) => entriesOf(db, id));
}

function rowsOf(entries: Entries, scope: AuditScope) {
  return entries.selectAll().$if('named' in scope, (named) => named.select(TENANT.as('tenant')));
}

/** The ids of all tenants that have this slug, or had it when they were deleted: it may have been given again. */
export async function findTenantsOf(db: Reader, slug: string): Promise<number[]> {
  // From one tenant to the next, whatever the entries of each are.
  const { rows } = await sql<{ readonly id: number }>`
    WITH RECURSIVE known (tenant_id) AS (
      SELECT min(tenant_id) FROM audit_entries
      UNION ALL
      SELECT (SELECT min(tenant_id) FROM audit_entries WHERE tenant_id > known.tenant_id)
      FROM known WHERE known.tenant_id IS NOT NULL
    )
    SELECT audit_entries.tenant_id AS id FROM known AS audit_entries
    WHERE audit_entries.tenant_id IS NOT NULL AND ${TENANT} = ${slug}`.execute(db);
  return rows.map(({ id }) => id);
}

/** The id of the newest entry; 0 where there is none. */
export async function lastAuditEntry(db: Reader, scope: AuditScope): Promise<number> {
  const newest = rangesOf(db, scope).map((entries) =>
    entries.select((of) => of.fn.max('id').as('id')).executeTakeFirst(),
  );
  return Math.max(0, ...(await Promise.all(newest)).map((row) => Number(row?.id ?? 0)));
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
  scope: AuditScope,
  { from, to, after, last, limit }: AuditRange,
): Promise<{ readonly rows: AuditRow[]; readonly after: number | null }> {
  const ranges = rangesOf(db, scope).map((entries) => entries.where('id', '<=', last));
  const end = after + WINDOW;
  const pages = ranges.map((entries) => {
    let query = rowsOf(entries, scope).where('id', '>', after).where('id', '<=', end);
    if (from !== undefined) query = query.where('at', '>=', from);
    if (to !== undefined) query = query.where('at', '<', to);
    return query.orderBy('id').limit(limit).execute();
  });
  const rows = merged(await Promise.all(pages), (one, other) => one.id - other.id, limit);
  if (rows.length === limit) return { rows, after: rows.at(-1)?.id ?? end };
  const next = ranges.map((entries) =>
    entries.select('id').where('id', '>', end).orderBy('id').limit(1).executeTakeFirst(),
  );
  const found = (await Promise.all(next)).flatMap((row) => (row === undefined ? [] : [row.id]));
  return { rows, after: found.length === 0 ? null : Math.min(...found) - 1 };
}

/** Newest first; `after` is the id of the last entry of the page before. Times in Unix milliseconds, `to` exclusive. */
export async function listAuditEntries(
  db: Reader,
  scope: AuditScope,
  filter: AuditFilter,
  limit: number,
  after: number | null,
): Promise<AuditRow[]> {
  const pages = rangesOf(db, scope).map((entries) => {
    let query = rowsOf(entries, scope);
    if (filter.from !== null) query = query.where('at', '>=', filter.from);
    if (filter.to !== null) query = query.where('at', '<', filter.to);
    if (filter.type !== null) query = query.where('type', '=', filter.type);
    if (filter.actor !== null) query = query.where('actor_name', '=', filter.actor);
    if (after !== null) query = query.where('id', '<', after);
    return query.orderBy('id', 'desc').limit(limit).execute();
  });
  return merged(await Promise.all(pages), (one, other) => other.id - one.id, limit);
}

function merged(
  pages: readonly AuditRow[][],
  order: (one: AuditRow, other: AuditRow) => number,
  limit: number,
): AuditRow[] {
  const [only, ...others] = pages;
  return only !== undefined && others.length === 0 ? only : pages.flat().sort(order).slice(0, limit);
}
