/** The audit trail as a file, oldest first: read a page at a time, so that neither memory nor the others feel its length. */
import { setTimeout as pause } from 'node:timers/promises';
import type { AuditExportQuery, VaultAuditExportQuery } from '../../contract/queries.ts';
import {
  type AuditRow,
  type AuditScope,
  exportAuditEntries,
  lastAuditEntry,
} from '../../storage/tables/audit-entries.ts';
import { requireTenant } from '../tenants/tenants.ts';
import type { Vault } from '../vault/vault.ts';
import { AUDIT_FORMATS, type Part } from './audit-formats.ts';
import { scopeOf } from './list-audit.ts';

/** A page is so short that no delivery has to wait for it; entries can be long. */
const PAGE_CHARACTERS = 50_000;
const PAGE_ROWS = { first: 10, least: 1, most: 50 } as const;
/** So many times as long as a page took, the others have the database and the processor to themselves. */
const REST = 1;

/**
 * Resolves with the file in parts once the tenant was found. The parts come as fast as they are taken, and whoever takes no
 * more of them ends the reading.
 */
export async function exportAudit(
  vault: Vault,
  tenantSlug: string,
  query: AuditExportQuery,
): Promise<AsyncIterable<Part>> {
  const { id } = await requireTenant(vault.engine.read, tenantSlug);
  return partsOf(vault, { tenantId: id }, query);
}

/** The same of the whole vault, or of the tenants that have or had a slug. */
export async function exportVaultAudit(
  vault: Vault,
  query: VaultAuditExportQuery,
): Promise<AsyncIterable<Part>> {
  return partsOf(vault, await scopeOf(vault.engine.read, query.tenant), query);
}

async function* partsOf(vault: Vault, scope: AuditScope, query: AuditExportQuery): AsyncGenerator<Part> {
  const format = AUDIT_FORMATS[query.format]('named' in scope);
  try {
    let started = performance.now();
    for await (const rows of pagesOf(vault, scope, query)) {
      const part = await format.add(rows);
      await pause((performance.now() - started) * REST);
      // Also where it is empty: only here does it come to light that nobody is there any more.
      yield part;
      started = performance.now();
    }
    yield await format.end();
  } finally {
    format.close?.();
  }
}

/** A page is empty where what was looked at is not of the time that is asked for. */
async function* pagesOf(
  { engine: { read } }: Vault,
  scope: AuditScope,
  { from, to }: AuditExportQuery,
): AsyncGenerator<AuditRow[]> {
  const last = await lastAuditEntry(read, scope);
  let limit: number = PAGE_ROWS.first;
  for (let after: number | null = 0; after !== null; ) {
    const page = await exportAuditEntries(read, scope, { from, to, after, last, limit });
    after = page.after;
    if (page.rows.length > 0) limit = rowsFor(charactersOf(page.rows) / page.rows.length);
    yield page.rows;
  }
}

function rowsFor(charactersEach: number): number {
  const rows = Math.round(PAGE_CHARACTERS / Math.max(1, charactersEach));
  return Math.min(PAGE_ROWS.most, Math.max(PAGE_ROWS.least, rows));
}

/** About how much text entries hold. */
function charactersOf(rows: readonly AuditRow[]): number {
  return rows.reduce((sum, { before, after }) => sum + (before?.length ?? 0) + (after?.length ?? 0), 0);
}
