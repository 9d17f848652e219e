/** What a delivery leaves behind beside its own record: audit entries of changed keys, and events. */
import { ulid } from 'ulid';
import { type NewAuditEntry, SYSTEM_ORIGIN } from '../audit/entry.ts';
import type { KeyChange } from '../domain/policy.ts';
import type { NewEvent } from '../events/catalogue.ts';
import type { DeliveryState, ServiceSubject, TenantConfig } from '../storage/configuration.ts';

/** The event of the delivery that was the last one within the service's daily limit. */
export function limitReached(tenant: TenantConfig, service: ServiceSubject, now: number): NewEvent {
  const { slug, max_daily_requests } = service.config;
  return {
    event_id: `msg_${ulid(now)}`,
    tenant_id: tenant.id,
    type: 'service.limit_reached',
    at: now,
    data: {
      tenant: tenant.slug,
      service: slug,
      max_daily_requests: max_daily_requests ?? 0,
      usage_today: max_daily_requests ?? 0,
      resets_at: new Date(service.day?.ends_at ?? now).toISOString(),
    },
  };
}

/** A change of key by policy, as the audit trail has it. */
export function auditChange(change: KeyChange, state: DeliveryState, service: ServiceSubject): NewAuditEntry {
  const before = service.config.keys.find(({ id }) => id === change.key_id);
  return {
    at: state.time.now,
    tenant_id: service.config.tenant_id,
    type: change.state === 'expired' ? 'key.expired' : 'key.rotated',
    origin: SYSTEM_ORIGIN,
    target: `service:${service.config.slug}/key:${change.key_id}`,
    reason: change.why,
    before: before === undefined ? null : { state: before.state, activated_at: before.activated_at },
    after: { state: change.state, activated_at: change.activated_at ?? before?.activated_at ?? null },
  };
}
