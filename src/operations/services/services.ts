/** The services of a tenant: making, showing, changing and deleting them. */
import { isDeepStrictEqual } from 'node:util';
import type { Origin } from '../../audit/entry.ts';
import type { ListView } from '../../contract/common.ts';
import type { ServicesQuery } from '../../contract/list-queries.ts';
import type { NewService, ServicePatch, ServiceView } from '../../contract/services.ts';
import { conflict, mistake } from '../../domain/problem.ts';
import type { ServiceRow } from '../../storage/rows.ts';
import { addAuditEntry } from '../../storage/tables/audit-entries.ts';
import { takeIds } from '../../storage/tables/sequences.ts';
import * as table from '../../storage/tables/services.ts';
import { noteTurnEnd } from '../keys/current-key.ts';
import { oneMore, type Page, pageOf } from '../paging.ts';
import type { Precondition } from '../precondition.ts';
import { requireTenant } from '../tenants/tenants.ts';
import type { Vault } from '../vault/vault.ts';
import { changePolicy } from './change-policy.ts';
import { requireService, requireServiceOf, type ServicePath } from './find-service.ts';
import { raiseServiceLimit } from './raise-limit-events.ts';
import { showService, showServiceSettings, showServices } from './show-service.ts';

export async function listServices(
  vault: Vault,
  tenant: string,
  filter: ServicesQuery,
  page: Page,
): Promise<ListView<ServiceView>> {
  const { read } = vault.engine;
  const { id } = await requireTenant(read, tenant);
  const rows = await table.listServices(read, id, oneMore(page), filter);
  const { data, next_cursor } = pageOf(
    rows,
    page,
    (row) => row.id,
    (row) => row,
  );
  return { data: await showServices(read, data, vault.engine.time().settled), next_cursor };
}

export async function getService(vault: Vault, path: ServicePath): Promise<ServiceView> {
  const { read } = vault.engine;
  return showService(read, await requireService(read, path), vault.engine.time().settled);
}

export async function createService(
  vault: Vault,
  origin: Origin,
  tenant: string,
  input: NewService,
): Promise<ServiceView> {
  checkTurns(input);
  const { id: tenantId } = await requireTenant(vault.engine.read, tenant);
  return vault.engine.write({ tenantId }, async (unit) => {
    const { now, settled } = vault.engine.time();
    await requireTenant(unit, tenant);
    if (await table.findService(unit, tenantId, input.slug)) {
      throw conflict(`There is a service "${input.slug}" already.`);
    }
    const row: ServiceRow = {
      ...input,
      id: await takeIds(unit, 'services'),
      tenant_id: tenantId,
      name: input.name ?? input.slug,
      enabled: input.enabled ? 1 : 0,
      schedule_since: input.rotation_schedule === null ? null : settled,
      current_key_id: null,
      next_rotation_at: null,
      version: 1,
      keys_version: 0,
      keys_removed: 0,
      created_at: now,
      updated_at: now,
    };
    await table.insertService(unit, row);
    await addAuditEntry(unit, {
      at: now,
      tenant_id: tenantId,
      type: 'service.created',
      origin,
      target: `service:${row.slug}`,
      after: showServiceSettings(row),
    });
    return showService(unit, row, settled);
  });
}

/**
 * Changes a service. A new policy moves its keys to the states that it knows. A limit that is lowered to what has been
 * served today, or below, is reached by that, and told of; so is one that this makes one to be warned of. What changes nothing leaves no trace.
 */
export async function updateService(
  vault: Vault,
  origin: Origin,
  path: ServicePath,
  patch: ServicePatch,
  precondition: Precondition,
): Promise<ServiceView> {
  const { tenant_id } = await requireService(vault.engine.read, path);
  return vault.engine.write({ tenantId: tenant_id }, async (unit) => {
    const time = vault.engine.time();
    const before = await requireServiceOf(unit, tenant_id, path.service);
    precondition(showServiceSettings(before));
    const { enabled, ...changes } = patch;
    const policy = patch.policy ?? before.policy;
    // They leave with the policy that they belong to.
    const turns = policy === 'time' ? {} : { rotate_every_minutes: null, rotation_schedule: null };
    const changed: ServiceRow = {
      ...before,
      ...turns,
      ...changes,
      policy,
      enabled: enabled === undefined ? before.enabled : Number(enabled),
      updated_at: time.now,
    };
    checkTurns(changed);
    if (isDeepStrictEqual(showServiceSettings(changed), showServiceSettings(before))) {
      return showService(unit, before, time.settled);
    }
    changed.schedule_since = scheduleSince(before, changed, time.settled);
    const {
      id,
      tenant_id: _tenant,
      slug: _slug,
      version: _version,
      keys_version: _keysVersion,
      keys_removed: _keysRemoved,
      created_at: _created,
      ...columns
    } = changed;
    await table.updateService(unit, id, columns);
    const current_key_id = await changePolicy(unit, before, changed, time, origin);
    const after = { ...changed, current_key_id };
    if (changed.policy === 'time' || before.policy === 'time') await noteTurnEnd(unit, after);
    await addAuditEntry(unit, {
      at: time.now,
      tenant_id,
      type: 'service.updated',
      origin,
      target: `service:${path.service}`,
      before: showServiceSettings(before),
      after: showServiceSettings(after),
    });
    await raiseServiceLimit(unit, path.tenant, before, after, time);
    return showService(unit, after, time.settled);
  });
}

/** Deletes a service with its keys and counters. What it delivered stays on record. */
export async function deleteService(
  vault: Vault,
  origin: Origin,
  path: ServicePath,
  reason: string | null,
): Promise<void> {
  const { tenant_id } = await requireService(vault.engine.read, path);
  await vault.engine.write({ tenantId: tenant_id }, async (unit) => {
    const row = await requireServiceOf(unit, tenant_id, path.service);
    await table.deleteService(unit, row.id);
    await addAuditEntry(unit, {
      at: vault.engine.time().now,
      tenant_id,
      type: 'service.deleted',
      origin,
      target: `service:${path.service}`,
      reason,
      before: showServiceSettings(row),
    });
  });
}

/** What belongs to the policy `time`, which needs one of the two. */
const TURNS = ['rotate_every_minutes', 'rotation_schedule'] as const;

function checkTurns(service: Pick<ServiceRow, 'policy' | (typeof TURNS)[number]>): void {
  const { policy } = service;
  const given = TURNS.find((member) => service[member] !== null);
  if (policy === 'time' && given === undefined) {
    throw mistake('/rotate_every_minutes', 'is needed by the policy "time", or a rotation_schedule');
  }
  if (policy !== 'time' && given !== undefined) {
    throw mistake(`/${given}`, `goes with the policy "time" alone, and this one is "${policy}"`);
  }
}

/** Times before a schedule, or its time zone, was set do not count: they would end a turn that was not to end then. */
function scheduleSince(before: ServiceRow, after: ServiceRow, settled: number): number | null {
  if (after.rotation_schedule === null) return null;
  const same = after.rotation_schedule === before.rotation_schedule && after.timezone === before.timezone;
  return same ? before.schedule_since : settled;
}
