import { type NewAuditEntry, SYSTEM_ORIGIN } from '../../audit/entry.ts';
import type { KeyChange } from '../../domain/policy.ts';
import { newEvent } from '../../events/catalogue.ts';
import type { DeliveryState, KeyConfig, ServiceConfig } from '../../storage/configuration.ts';
import type { Decision } from '../../storage/engine.ts';
import { auditKeyChange } from '../keys/audit-key-change.ts';
import { keyChangeEvents } from '../keys/key-events.ts';

/**
 * What is recorded of keys on the way of a delivery: of those that a choice has changed, and of those that were found not to
 * decrypt, each of which is flagged once until somebody enables it.
 */
export function keyRecords(
  { tenant, service, time }: DeliveryState,
  changes: readonly KeyChange[],
  broken: ReadonlyMap<number, KeyConfig> | null,
): Pick<Decision, 'auditEntries' | 'events'> {
  if (tenant === null || service === null) return { auditEntries: [], events: [] };
  const { config } = service;
  const brokenIds = broken === null ? [] : [...broken.keys()];
  const whose = { tenantId: tenant.id, tenant: tenant.slug, service: config.slug };
  return {
    auditEntries: [
      ...brokenIds.map((id) => auditBroken(id, config, time.now)),
      ...changes.map((change) =>
        auditKeyChange(change, config.keys.get(change.key_id), config, time.now, SYSTEM_ORIGIN),
      ),
    ],
    events: [
      ...brokenIds.map((key_id) =>
        newEvent('key.decrypt_failed', tenant.id, time.now, {
          tenant: tenant.slug,
          service: config.slug,
          key_id,
        }),
      ),
      ...keyChangeEvents(whose, changes, config.current_key_id, time.now),
    ],
  };
}

function auditBroken(id: number, { tenant_id, slug }: ServiceConfig, at: number): NewAuditEntry {
  return {
    at,
    tenant_id,
    type: 'key.decrypt_failed',
    origin: SYSTEM_ORIGIN,
    target: `service:${slug}/key:${id}`,
    reason: 'could not be decrypted',
    before: { decrypt_failed: false },
    after: { decrypt_failed: true },
  };
}
