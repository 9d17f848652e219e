/** The audit trail as a file, oldest first: read a page at a time, so that neither memory nor the others feel its length. */
import { setTimeout as pause } from 'node:timers/promises';
import { csvLine } from '../audit/csv.ts';
import type { AuditEntryView, AuditExportQuery } from '../contract/queries.ts';
import { exportAuditEntries } from '../storage/tables/audit-entries.ts';
import { showEntry } from './list-audit.ts';
import { requireTenant } from './tenants.ts';
import type { Vault } from './vault.ts';

const PAGE = 500;
/** So many times as long as a page took, the others have the database and the processor to themselves. */
const REST = 1;

const COLUMNS = [
  'id',
  'at',
  'type',
  'actor_kind',
  'actor_id',
  'actor_name',
  'actor_role',
  'ip',
  'target',
  'outcome',
  'reason',
  'before',
  'after',
  'request_id',
] as const;

/** Resolves with the text in parts once the tenant was found; the parts come as fast as they are taken. */
export async function exportAudit(
  vault: Vault,
  tenantSlug: string,
  query: AuditExportQuery,
): Promise<AsyncIterable<string>> {
  const { id } = await requireTenant(vault.engine.read, tenantSlug);
  return partsOf(vault, id, query);
}

async function* partsOf(
  vault: Vault,
  tenantId: number,
  { format, from, to }: AuditExportQuery,
): AsyncGenerator<string> {
  if (format === 'csv') yield csvLine(COLUMNS);
  const line = format === 'csv' ? toCsv : toJson;
  for (let after = 0; ; ) {
    const started = performance.now();
    const rows = await exportAuditEntries(
      vault.engine.read,
      tenantId,
      { from: from ?? null, to: to ?? null },
      PAGE,
      after,
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.id;
    const text = rows.map((row) => line(showEntry(row))).join('');
    await pause((performance.now() - started) * REST);
    yield text;
  }
}

function toJson(entry: AuditEntryView): string {
  return `${JSON.stringify(entry)}\n`;
}

function toCsv({ actor, before, after, ...entry }: AuditEntryView): string {
  return csvLine([
    entry.id,
    entry.at,
    entry.type,
    actor.kind,
    actor.id,
    actor.name,
    actor.role,
    entry.ip,
    entry.target,
    entry.outcome,
    entry.reason,
    before === null ? null : JSON.stringify(before),
    after === null ? null : JSON.stringify(after),
    entry.request_id,
  ]);
}
