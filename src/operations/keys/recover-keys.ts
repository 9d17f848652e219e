import { SYSTEM_ORIGIN } from '../../audit/entry.ts';
import { showTime } from '../../contract/common.ts';
import type { ClockReading } from '../../domain/clock.ts';
import { coolsUntil, inService } from '../../domain/policy-key.ts';
import { newEvent } from '../../events/catalogue.ts';
import { keyConfig } from '../../storage/configuration.ts';
import { addAuditEntry } from '../../storage/tables/audit-entries.ts';
import { findKeys, listCooledKeys } from '../../storage/tables/due-keys.ts';
import { addEvent } from '../../storage/tables/outbox.ts';
import { updateKey } from '../../storage/tables/provider-keys.ts';
import { findServiceById, updateService } from '../../storage/tables/services.ts';
import { findTenantById } from '../../storage/tables/tenants.ts';
import type { Vault } from '../vault/vault.ts';
import { forEachDue } from './due-keys.ts';

/**
 * Tells of the keys that have cooled by `time.now`, each once; deliveries have not waited for it. Of one that has gone out of service
 * meanwhile there is nothing to tell. Returns how many there were.
 */
export function recoverKeys(vault: Vault, { now }: ClockReading): Promise<number> {
  const due = (limit: number) => listCooledKeys(vault.engine.read, now, limit);
  return forEachDue(vault, due, async (unit, serviceId, keyIds) => {
    const service = await findServiceById(unit, serviceId);
    const tenant = service === undefined ? undefined : await findTenantById(unit, service.tenant_id);
    if (service === undefined || tenant === undefined) return 0;
    let recovered = 0;
    for (const key of await findKeys(unit, keyIds)) {
      if (key.cooling_until === null || coolsUntil(key, now) !== null) continue;
      recovered++;
      await updateKey(unit, key.id, { cooling_until: null, updated_at: now });
      if (!inService(keyConfig(key), now)) continue;
      await addAuditEntry(unit, {
        at: now,
        tenant_id: tenant.id,
        type: 'key.recovered',
        origin: SYSTEM_ORIGIN,
        target: `service:${service.slug}/key:${key.id}`,
        reason: 'it has cooled for long enough',
        before: { state: key.state, cooling_until: showTime(key.cooling_until) },
        after: { state: key.state, cooling_until: null },
      });
      const told = { tenant: tenant.slug, service: service.slug, key_id: key.id, cause: 'cooled' as const };
      await addEvent(unit, newEvent('key.recovered', tenant.id, now, told));
    }
    await updateService(unit, serviceId, {});
    return recovered;
  });
}
