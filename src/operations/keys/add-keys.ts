import type { Origin } from '../../audit/entry.ts';
import type { NewKey } from '../../contract/keys.ts';
import type { ClockReading } from '../../domain/clock.ts';
import { loadDataKeys } from '../../storage/configuration.ts';
import type { ProviderKeyRow, ServiceRow, Transaction } from '../../storage/rows.ts';
import { insertKeys, lastPosition } from '../../storage/tables/provider-keys.ts';
import { takeIds } from '../../storage/tables/sequences.ts';
import { updateService } from '../../storage/tables/services.ts';
import type { Vault } from '../vault/vault.ts';
import { hasCurrentKey, settleCurrent } from './current-key.ts';

/** A key to add, with its fingerprint in the service. */
export interface FingerprintedKey {
  readonly input: NewKey;
  readonly fingerprint: Uint8Array;
}

/**
 * Seals and adds at most 200 keys, none of which the service has, and for which it has room. Where keys serve side by side
 * they are active at once; where one is current they stand by, unless none serves: then the next in turn becomes current.
 * Returns the id of the first, which the others follow in the order given, and that of the key that is current then. Adds
 * no audit entry of them.
 */
export async function addKeys(
  vault: Vault,
  unit: Transaction,
  origin: Origin,
  service: ServiceRow,
  keys: readonly FingerprintedKey[],
  time: ClockReading,
): Promise<{ firstId: number; currentKeyId: number | null }> {
  const standby = hasCurrentKey(service.policy);
  const dataKeys = await loadDataKeys(unit, service.tenant_id);
  const firstId = await takeIds(unit, 'provider_keys', keys.length);
  let position = await lastPosition(unit, service.id);
  const rows = keys.map(({ input, fingerprint }, at): ProviderKeyRow => {
    const { key, tags, position: wanted, ...settings } = input;
    const id = firstId + at;
    const place = { purpose: 'provider-key', tenantId: service.tenant_id, id } as const;
    const own = wanted ?? position + 1;
    position = Math.max(position, own);
    return {
      ...settings,
      id,
      tenant_id: service.tenant_id,
      service_id: service.id,
      sealed_key: vault.keyring.seal(dataKeys, place, Buffer.from(key, 'utf8')),
      fingerprint,
      state: standby ? 'standby' : 'active',
      position: own,
      tags: JSON.stringify(tags),
      activated_at: standby ? null : time.now,
      retires_at: null,
      disabled_reason: null,
      auto_enable_at: null,
      decrypt_failed_at: null,
      cooling_until: null,
      expiry_told: 0,
      withdrawn_at: null,
      drained_at: null,
      created_at: time.now,
      updated_at: time.now,
      version: 0,
    };
  });
  await insertKeys(unit, rows);
  await updateService(unit, service.id, {});
  return { firstId, currentKeyId: await settleCurrent(unit, service, time, origin) };
}
