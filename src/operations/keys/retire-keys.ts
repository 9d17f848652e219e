import { SYSTEM_ORIGIN } from '../../audit/entry.ts';
import type { ClockReading } from '../../domain/clock.ts';
import { addAuditEntry } from '../../storage/tables/audit-entries.ts';
import { findKeys, listKeysToRetire } from '../../storage/tables/due-keys.ts';
import { updateKey } from '../../storage/tables/provider-keys.ts';
import { findServiceById, updateService } from '../../storage/tables/services.ts';
import type { Vault } from '../vault/vault.ts';
import { forEachDue } from './due-keys.ts';
import { showKeySettings } from './show-key.ts';

/** Retires the keys whose grace is over by the settled time, each once. Returns how many there were. */
export function retireDueKeys(vault: Vault, time: ClockReading): Promise<number> {
  const due = (limit: number) => listKeysToRetire(vault.engine.read, time.settled, limit);
  return forEachDue(vault, due, async (unit, serviceId, keyIds) => {
    const service = await findServiceById(unit, serviceId);
    if (service === undefined) return 0;
    let retired = 0;
    for (const key of await findKeys(unit, keyIds)) {
      if (key.state !== 'retiring' || key.retires_at === null || key.retires_at > time.settled) continue;
      const changes = { state: 'retired' as const, updated_at: time.now };
      await updateKey(unit, key.id, changes);
      await addAuditEntry(unit, {
        at: time.now,
        tenant_id: service.tenant_id,
        type: 'key.retired',
        origin: SYSTEM_ORIGIN,
        target: `service:${service.slug}/key:${key.id}`,
        reason: 'the grace is over',
        before: showKeySettings(key, service.current_key_id),
        after: showKeySettings({ ...key, ...changes }, service.current_key_id),
      });
      retired++;
    }
    await updateService(unit, serviceId, {});
    return retired;
  });
}
