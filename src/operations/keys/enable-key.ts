/** Brings keys back: by hand, or when the time has come for which they were disabled. */
import { type Origin, SYSTEM_ORIGIN } from '../../audit/entry.ts';
import { showTime } from '../../contract/common.ts';
import type { KeyView } from '../../contract/keys.ts';
import type { ClockReading } from '../../domain/clock.ts';
import { forgiven } from '../../domain/key-health.ts';
import { coolsUntil, serves } from '../../domain/policy-key.ts';
import { conflict } from '../../domain/problem.ts';
import { newEvent } from '../../events/catalogue.ts';
import type { ProviderKeyRow, ServiceRow, Transaction } from '../../storage/rows.ts';
import { addAuditEntry } from '../../storage/tables/audit-entries.ts';
import { findKeys, listKeysToEnable } from '../../storage/tables/due-keys.ts';
import { saveHealth } from '../../storage/tables/key-health.ts';
import { addEvent } from '../../storage/tables/outbox.ts';
import { updateKey } from '../../storage/tables/provider-keys.ts';
import { findServiceById, updateService } from '../../storage/tables/services.ts';
import { type KeyPath, requireKey, requireService, requireServiceOf } from '../services/find-service.ts';
import type { Vault } from '../vault/vault.ts';
import { hasCurrentKey, settleCurrent } from './current-key.ts';
import { forEachDue } from './due-keys.ts';
import { expireKey } from './expire-keys.ts';
import { showKey, showKeySettings } from './show-key.ts';
import { whoseKeys } from './whose-keys.ts';

/**
 * Enables a key that was disabled, quarantined, expired, retiring, retired or found broken, or that cools, of which
 * `key.recovered` tells then. It stands by, or is active where keys serve
 * side by side, or becomes current where none serves. Enabling what is enabled changes nothing. Throws a conflict where
 * the key's own `expires_at` has passed, or where it is burned.
 */
export async function enableKey(vault: Vault, origin: Origin, path: KeyPath): Promise<KeyView> {
  const { tenant_id } = await requireService(vault.engine.read, path);
  return vault.engine.write({ tenantId: tenant_id }, async (unit) => {
    const time = vault.engine.time();
    const service = await requireServiceOf(unit, tenant_id, path.service);
    const before = await requireKey(unit, service, path.key);
    if (before.expires_at !== null && before.expires_at <= time.now) {
      throw conflict(`The key expired at ${showTime(before.expires_at)}: change its expires_at first.`);
    }
    if (before.state === 'burned')
      throw conflict('The key is burned for good: add another one in its place.');
    const rests = before.decrypt_failed_at !== null || coolsUntil(before, time.now) !== null;
    if (serves(before) && !rests) return showKey(vault, unit, service, before);
    const current_key_id = await bringBack(unit, service, before, time, origin, null);
    return showKey(vault, unit, { ...service, current_key_id }, await requireKey(unit, service, before.id));
  });
}

/**
 * Enables the keys whose `auto_enable_at` the settled time has reached, each once. One whose `expires_at` has come
 * meanwhile is expired instead. Returns how many there were.
 */
export function enableDueKeys(vault: Vault, time: ClockReading): Promise<number> {
  const due = (limit: number) => listKeysToEnable(vault.engine.read, time.settled, limit);
  return forEachDue(vault, due, async (unit, serviceId, keyIds) => {
    let enabled = 0;
    for (const key of await findKeys(unit, keyIds)) {
      if (key.state !== 'disabled' || key.auto_enable_at === null || key.auto_enable_at > time.settled)
        continue;
      const service = await findServiceById(unit, serviceId);
      if (service === undefined) continue;
      if (key.expires_at !== null && key.expires_at <= time.settled)
        await expireKey(unit, service, key, time);
      else
        await bringBack(unit, service, key, time, SYSTEM_ORIGIN, 'the time that it was disabled for is over');
      enabled++;
    }
    return enabled;
  });
}

/** Returns the id of the key that is current then. */
async function bringBack(
  unit: Transaction,
  service: ServiceRow,
  before: ProviderKeyRow,
  time: ClockReading,
  origin: Origin,
  reason: string | null,
): Promise<number | null> {
  const fresh = hasCurrentKey(service.policy)
    ? { state: 'standby' as const }
    : { state: 'active' as const, activated_at: time.now };
  const changes = {
    ...(serves(before) ? {} : fresh),
    disabled_reason: null,
    auto_enable_at: null,
    retires_at: null,
    decrypt_failed_at: null,
    cooling_until: null,
    updated_at: time.now,
  };
  await updateKey(unit, before.id, changes);
  await saveHealth(unit, before.id, forgiven(time.now));
  await updateService(unit, service.id, {});
  await addAuditEntry(unit, {
    at: time.now,
    tenant_id: service.tenant_id,
    type: 'key.enabled',
    origin,
    target: `service:${service.slug}/key:${before.id}`,
    reason,
    before: showKeySettings(before, service.current_key_id),
    after: showKeySettings({ ...before, ...changes }, service.current_key_id),
  });
  if (serves(before) && before.cooling_until !== null) {
    const { tenantId, ...names } = await whoseKeys(unit, service);
    const data = { ...names, key_id: before.id, cause: 'by hand' as const };
    await addEvent(unit, newEvent('key.recovered', tenantId, time.now, data));
  }
  return settleCurrent(unit, service, time, origin);
}
