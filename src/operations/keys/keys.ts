/** The provider keys of a service: adding, showing, changing and deleting them. */
import { isDeepStrictEqual } from 'node:util';
import type { Origin } from '../../audit/entry.ts';
import type { ListView } from '../../contract/common.ts';
import type { KeyPatch, KeyView, NewKey } from '../../contract/keys.ts';
import type { KeysQuery } from '../../contract/list-queries.ts';
import { mergeTags } from '../../domain/merge-tags.ts';
import { serves } from '../../domain/policy-key.ts';
import { conflict, mistake } from '../../domain/problem.ts';
import type { ProviderKeyRow } from '../../storage/rows.ts';
import { addAuditEntry } from '../../storage/tables/audit-entries.ts';
import * as table from '../../storage/tables/provider-keys.ts';
import { updateService } from '../../storage/tables/services.ts';
import { oneMore, type Page, pageOf } from '../paging.ts';
import type { Precondition } from '../precondition.ts';
import {
  type KeyPath,
  requireKey,
  requireService,
  requireServiceOf,
  type ServicePath,
} from '../services/find-service.ts';
import type { Vault } from '../vault/vault.ts';
import { addKeys } from './add-keys.ts';
import { settleCurrent } from './current-key.ts';
import { MOST_KEYS, roomForKeys } from './key-room.ts';
import { tellIfNoneServes } from './no-active-keys.ts';
import { showKey, showKeySettings, showKeys } from './show-key.ts';
import { tellLastKey } from './tell-last-key.ts';

export async function listKeys(
  vault: Vault,
  path: ServicePath,
  filter: KeysQuery,
  page: Page,
): Promise<ListView<KeyView>> {
  const { read } = vault.engine;
  const service = await requireService(read, path);
  const rows = await table.listKeys(read, service.id, oneMore(page), filter, vault.engine.time().now);
  const { data, next_cursor } = pageOf(
    rows,
    page,
    (row) => row.id,
    (row) => row,
  );
  return { data: await showKeys(vault, read, service, data), next_cursor };
}

export async function getKey(vault: Vault, path: KeyPath): Promise<KeyView> {
  const { read } = vault.engine;
  const service = await requireService(read, path);
  return showKey(vault, read, service, await requireKey(read, service, path.key));
}

/** Adds a key. A key that the service has already, in whatever state, is a conflict that names the other's id. */
export async function createKey(
  vault: Vault,
  origin: Origin,
  path: ServicePath,
  input: NewKey,
): Promise<KeyView> {
  const { id, tenant_id } = await requireService(vault.engine.read, path);
  const fingerprint = vault.digests.ofProviderKey(id, input.key);
  return vault.engine.write({ tenantId: tenant_id }, async (unit) => {
    const time = vault.engine.time();
    const service = await requireServiceOf(unit, tenant_id, path.service);
    // Deleted and made anew meanwhile: the fingerprint is not one of this service.
    if (service.id !== id) throw conflict('The service was made anew just now: try again.');
    checkExpiry(input.expires_at, time.now);
    const [other] = (await table.findByFingerprints(unit, id, [fingerprint])).values();
    if (other !== undefined) throw conflict(`This is the same key as key ${other} of the service.`);
    if ((await roomForKeys(unit, id)) === 0)
      throw conflict(`A service has at most ${MOST_KEYS} keys: add it to another one.`);
    const added = await addKeys(vault, unit, origin, service, [{ input, fingerprint }], time);
    const row = await requireKey(unit, service, added.firstId);
    await addAuditEntry(unit, {
      at: time.now,
      tenant_id,
      type: 'key.created',
      origin,
      target: `service:${service.slug}/key:${row.id}`,
      after: showKeySettings(row, added.currentKeyId),
    });
    return showKey(vault, unit, { ...service, current_key_id: added.currentKeyId }, row);
  });
}

/** Changes a key's settings. What changes nothing leaves no trace. */
export async function updateKey(
  vault: Vault,
  origin: Origin,
  path: KeyPath,
  patch: KeyPatch,
  precondition: Precondition,
): Promise<KeyView> {
  const { tenant_id } = await requireService(vault.engine.read, path);
  return vault.engine.write({ tenantId: tenant_id }, async (unit) => {
    const { now } = vault.engine.time();
    const service = await requireServiceOf(unit, tenant_id, path.service);
    const before = await requireKey(unit, service, path.key);
    precondition(showKeySettings(before, service.current_key_id));
    if (patch.expires_at !== undefined && patch.expires_at !== before.expires_at)
      checkExpiry(patch.expires_at, now);
    const { tags, ...changes } = patch;
    const merged = mergeTags(JSON.parse(before.tags), tags);
    if (Object.keys(merged).length > 50) throw mistake('/tags', 'must be at most 50 tags');
    const changed: ProviderKeyRow = { ...before, ...changes, tags: JSON.stringify(merged), updated_at: now };
    const settings = showKeySettings(changed, service.current_key_id);
    if (isDeepStrictEqual(settings, showKeySettings(before, service.current_key_id))) {
      return showKey(vault, unit, service, before);
    }
    const { label, weight, position, max_daily_requests, expires_at, bucket, updated_at } = changed;
    await table.updateKey(unit, before.id, {
      label,
      weight,
      position,
      max_daily_requests,
      expires_at,
      bucket,
      ...(expires_at === before.expires_at ? {} : { expiry_told: 0 }),
      tags: changed.tags,
      updated_at,
    });
    if (weight !== before.weight) await table.reweighBalance(unit, before.id, before.weight, weight);
    await updateService(unit, service.id, {});
    await addAuditEntry(unit, {
      at: now,
      tenant_id,
      type: 'key.updated',
      origin,
      target: `service:${service.slug}/key:${before.id}`,
      before: showKeySettings(before, service.current_key_id),
      after: settings,
    });
    return showKey(vault, unit, service, changed);
  });
}

/** Deletes a key with its counters. Where it was the current one, the next becomes current. */
export async function deleteKey(
  vault: Vault,
  origin: Origin,
  path: KeyPath,
  reason: string | null,
): Promise<void> {
  const { tenant_id } = await requireService(vault.engine.read, path);
  await vault.engine.write({ tenantId: tenant_id }, async (unit) => {
    const time = vault.engine.time();
    const service = await requireServiceOf(unit, tenant_id, path.service);
    const row = await requireKey(unit, service, path.key);
    await addAuditEntry(unit, {
      at: time.now,
      tenant_id,
      type: 'key.deleted',
      origin,
      target: `service:${service.slug}/key:${row.id}`,
      reason,
      before: showKeySettings(row, service.current_key_id),
    });
    if (row.id === service.current_key_id) {
      // Out of service first, so that who follows is the one behind it.
      await table.updateKey(unit, row.id, { state: 'retired' });
      await settleCurrent(unit, service, time, origin);
    }
    await table.deleteKey(unit, row.id);
    await tellLastKey(unit, service, row, time);
    await updateService(unit, service.id, {});
    if (serves(row)) await tellIfNoneServes(unit, service, time);
  });
}

/** Throws for a time that has passed: the key would never serve. */
function checkExpiry(expiresAt: number | null, now: number): void {
  if (expiresAt !== null && expiresAt <= now) throw mistake('/expires_at', 'must be in the future');
}
