/** The groups of a tenant's services, by which apps reach several at once. */
import { isDeepStrictEqual } from 'node:util';
import type { Origin } from '../../audit/entry.ts';
import { type ListView, showTime } from '../../contract/common.ts';
import type { GroupPatch, GroupView, NewGroup } from '../../contract/groups.ts';
import type { GroupsQuery } from '../../contract/list-queries.ts';
import { conflict, notFound } from '../../domain/problem.ts';
import { isSlug } from '../../domain/slug.ts';
import type { Reader } from '../../storage/rows.ts';
import { addAuditEntry } from '../../storage/tables/audit-entries.ts';
import * as table from '../../storage/tables/groups.ts';
import { takeIds } from '../../storage/tables/sequences.ts';
import { oneMore, type Page, pageOf } from '../paging.ts';
import type { Precondition } from '../precondition.ts';
import { requireTenant } from '../tenants/tenants.ts';
import type { Vault } from '../vault/vault.ts';
import { requireServiceIds } from './find-service.ts';

export interface GroupPath {
  readonly tenant: string;
  readonly group: string;
}

export async function createGroup(
  vault: Vault,
  origin: Origin,
  tenant: string,
  input: NewGroup,
): Promise<GroupView> {
  const { now } = vault.engine.time();
  const { id: tenantId } = await requireTenant(vault.engine.read, tenant);
  // No app is in it yet, so no delivery depends on it.
  return vault.engine.write({ tenantId }, async (unit) => {
    await requireTenant(unit, tenant);
    if (await table.findGroup(unit, tenantId, input.slug)) {
      throw conflict(`There is a group "${input.slug}" already.`);
    }
    const row = {
      id: await takeIds(unit, 'groups'),
      tenant_id: tenantId,
      slug: input.slug,
      name: input.name ?? input.slug,
      created_at: now,
      updated_at: now,
    };
    await table.insertGroup(unit, row, await requireServiceIds(unit, tenantId, input.services));
    const after = showGroup(await requireGroup(unit, tenantId, row.slug));
    await addAuditEntry(unit, {
      at: now,
      tenant_id: tenantId,
      type: 'group.created',
      origin,
      target: `group:${row.slug}`,
      after,
    });
    return after;
  });
}

export async function listGroups(
  vault: Vault,
  tenant: string,
  filter: GroupsQuery,
  page: Page,
): Promise<ListView<GroupView>> {
  const { id } = await requireTenant(vault.engine.read, tenant);
  const rows = await table.listGroups(vault.engine.read, id, oneMore(page), filter);
  return pageOf(rows, page, (row) => row.id, showGroup);
}

export async function getGroup(vault: Vault, path: GroupPath): Promise<GroupView> {
  const { id } = await requireTenant(vault.engine.read, path.tenant);
  return showGroup(await requireGroup(vault.engine.read, id, path.group));
}

/** Changes a group, and with it what its apps reach. What changes nothing leaves no trace. */
export async function updateGroup(
  vault: Vault,
  origin: Origin,
  path: GroupPath,
  patch: GroupPatch,
  precondition: Precondition,
): Promise<GroupView> {
  const { now } = vault.engine.time();
  const { id: tenantId } = await requireTenant(vault.engine.read, path.tenant);
  return vault.engine.write({ tenantId }, async (unit) => {
    const row = await requireGroup(unit, tenantId, path.group);
    const before = showGroup(row);
    precondition(before);
    const name = patch.name ?? row.name;
    const services = patch.services === undefined ? row.services : [...new Set(patch.services)].toSorted();
    const ids = await requireServiceIds(unit, tenantId, patch.services ?? []);
    if (name === row.name && isDeepStrictEqual(services, row.services)) return before;
    if (patch.services !== undefined) await table.setGroupServices(unit, row.id, ids);
    await table.updateGroup(unit, row.id, { name, updated_at: now });
    const after = showGroup(await requireGroup(unit, tenantId, path.group));
    await addAuditEntry(unit, {
      at: now,
      tenant_id: tenantId,
      type: 'group.updated',
      origin,
      target: `group:${row.slug}`,
      before,
      after,
    });
    return after;
  });
}

/** Deletes a group; its apps reach its services no more, unless by another way. */
export async function deleteGroup(
  vault: Vault,
  origin: Origin,
  path: GroupPath,
  reason: string | null,
): Promise<void> {
  const { now } = vault.engine.time();
  const { id: tenantId } = await requireTenant(vault.engine.read, path.tenant);
  await vault.engine.write({ tenantId }, async (unit) => {
    const row = await requireGroup(unit, tenantId, path.group);
    await table.deleteGroup(unit, row.id);
    await addAuditEntry(unit, {
      at: now,
      tenant_id: tenantId,
      type: 'group.deleted',
      origin,
      target: `group:${row.slug}`,
      reason,
      before: showGroup(row),
    });
  });
}

async function requireGroup(db: Reader, tenantId: number, slug: string): Promise<table.GroupDetails> {
  const row = isSlug(slug) ? await table.findGroup(db, tenantId, slug) : undefined;
  if (row === undefined) throw notFound();
  return row;
}

function showGroup(row: table.GroupDetails): GroupView {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    services: row.services,
    apps: row.apps,
    created_at: showTime(row.created_at),
    updated_at: showTime(row.updated_at),
  };
}
