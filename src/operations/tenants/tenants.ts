/** The tenants of the vault: making, showing, changing and deleting them. */
import { isDeepStrictEqual } from 'node:util';
import type { Origin } from '../../audit/entry.ts';
import { type ListView, showTime } from '../../contract/common.ts';
import type { TenantsQuery } from '../../contract/list-queries.ts';
import type { NewTenant, TenantPatch, TenantView } from '../../contract/tenants.ts';
import { conflict, notFound } from '../../domain/problem.ts';
import { isSlug } from '../../domain/slug.ts';
import { mergeSuspicion, USUAL_SUSPICION } from '../../domain/suspicion.ts';
import type { Reader, TenantRow } from '../../storage/rows.ts';
import { addAuditEntry } from '../../storage/tables/audit-entries.ts';
import { takeIds } from '../../storage/tables/sequences.ts';
import * as table from '../../storage/tables/tenants.ts';
import { oneMore, type Page, pageOf } from '../paging.ts';
import type { Precondition } from '../precondition.ts';
import type { Vault } from '../vault/vault.ts';
import { issueToken, replaceToken } from './issue-token.ts';

/** Makes a tenant with its data key and its first client token, which is in the result and nowhere else. */
export function createTenant(
  vault: Vault,
  origin: Origin,
  input: NewTenant,
): Promise<TenantView & { client_token: string }> {
  const { now } = vault.engine.time();
  // No delivery can have asked for a tenant whose token is made here.
  return vault.engine.write('nothing', async (unit) => {
    if (await table.findTenant(unit, input.slug))
      throw conflict(`There is a tenant "${input.slug}" already.`);
    const id = await takeIds(unit, 'tenants');
    const row: TenantRow = {
      id,
      slug: input.slug,
      name: input.name ?? input.slug,
      status: input.status,
      demo: input.demo ? 1 : 0,
      allowed_ips: JSON.stringify(input.allowed_ips),
      denied_ips: JSON.stringify(input.denied_ips),
      ...table.suspicionColumns(mergeSuspicion(USUAL_SUSPICION, input.suspicion)),
      version: 1,
      created_at: now,
      updated_at: now,
    };
    await table.insertTenant(unit, row);
    const sealed = vault.keyring.newDataKey(id, 1);
    await unit
      .insertInto('data_keys')
      .values({ tenant_id: id, version: 1, sealed, created_at: now })
      .execute();
    const { token } = await issueToken(vault, unit, { tenantId: id, appId: null }, now);
    const after = showTenant(row);
    await addAuditEntry(unit, {
      at: now,
      tenant_id: id,
      type: 'tenant.created',
      origin,
      target: `tenant:${row.slug}`,
      after,
    });
    return { ...after, client_token: token };
  });
}

export async function listTenants(
  vault: Vault,
  filter: TenantsQuery,
  page: Page,
): Promise<ListView<TenantView>> {
  const rows = await table.listTenants(vault.engine.read, oneMore(page), filter);
  return pageOf(rows, page, (row) => row.id, showTenant);
}

export async function getTenant(vault: Vault, slug: string): Promise<TenantView> {
  return showTenant(await requireTenant(vault.engine.read, slug));
}

/** Changes a tenant. What changes nothing leaves no trace. */
export async function updateTenant(
  vault: Vault,
  origin: Origin,
  slug: string,
  patch: TenantPatch,
  precondition: Precondition,
): Promise<TenantView> {
  const { now } = vault.engine.time();
  const { id } = await requireTenant(vault.engine.read, slug);
  return vault.engine.write({ tenantId: id }, async (unit) => {
    const row = await requireTenant(unit, slug);
    const changed: TenantRow = {
      ...row,
      name: patch.name ?? row.name,
      status: patch.status ?? row.status,
      demo: patch.demo === undefined ? row.demo : Number(patch.demo),
      allowed_ips: patch.allowed_ips === undefined ? row.allowed_ips : JSON.stringify(patch.allowed_ips),
      denied_ips: patch.denied_ips === undefined ? row.denied_ips : JSON.stringify(patch.denied_ips),
      ...table.suspicionColumns(mergeSuspicion(table.readSuspicion(row), patch.suspicion)),
      version: row.version + 1,
      updated_at: now,
    };
    const before = showTenant(row);
    precondition(before);
    if (isDeepStrictEqual(showTenant({ ...changed, updated_at: row.updated_at }), before)) return before;
    const { id: _id, slug: _slug, created_at: _created, ...changes } = changed;
    await table.updateTenant(unit, row.id, changes);
    await addAuditEntry(unit, {
      at: now,
      tenant_id: row.id,
      type: 'tenant.updated',
      origin,
      target: `tenant:${slug}`,
      before,
      after: showTenant(changed),
    });
    return showTenant(changed);
  });
}

/** Deletes a tenant with everything in it, its data key first of all. Its audit entries stay. */
export async function deleteTenant(
  vault: Vault,
  origin: Origin,
  slug: string,
  reason: string | null,
): Promise<void> {
  const { now } = vault.engine.time();
  const { id } = await requireTenant(vault.engine.read, slug);
  await vault.engine.write({ tenantId: id }, async (unit) => {
    const row = await requireTenant(unit, slug);
    await table.deleteTenant(unit, row.id);
    await addAuditEntry(unit, {
      at: now,
      tenant_id: row.id,
      type: 'tenant.deleted',
      origin,
      target: `tenant:${slug}`,
      reason,
      before: showTenant(row),
    });
  });
  vault.keyring.forget(id);
}

/** A new client token; the one before serves on for the grace, and not a moment longer than it would have anyway. */
export async function rotateClientToken(
  vault: Vault,
  origin: Origin,
  slug: string,
  graceSeconds: number,
): Promise<{ client_token: string; previous_valid_until: string }> {
  const { now } = vault.engine.time();
  const { id } = await requireTenant(vault.engine.read, slug);
  return vault.engine.write({ tenantId: id }, async (unit) => {
    await requireTenant(unit, slug);
    const owner = { tenantId: id, appId: null };
    const { token, previousValidUntil } = await replaceToken(vault, unit, owner, graceSeconds, now);
    const previous_valid_until = showTime(previousValidUntil);
    await addAuditEntry(unit, {
      at: now,
      tenant_id: id,
      type: 'tenant.client_token_rotated',
      origin,
      target: `tenant:${slug}`,
      after: { previous_valid_until },
    });
    return { client_token: token, previous_valid_until };
  });
}

/** The tenant, or the Problem that is the same for a missing one and another's. */
export async function requireTenant(db: Reader, slug: string): Promise<TenantRow> {
  const row = isSlug(slug) ? await table.findTenant(db, slug) : undefined;
  if (row === undefined) throw notFound();
  return row;
}

function showTenant(row: TenantRow): TenantView {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    demo: row.demo === 1,
    allowed_ips: JSON.parse(row.allowed_ips),
    denied_ips: JSON.parse(row.denied_ips),
    suspicion: table.readSuspicion(row),
    status: row.status,
    created_at: showTime(row.created_at),
    updated_at: showTime(row.updated_at),
  };
}
