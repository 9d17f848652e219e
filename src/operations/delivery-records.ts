/** The events that a delivery leaves behind beside its own record. */
import { ulid } from 'ulid';
import type { NewEvent } from '../events/catalogue.ts';
import type { ServiceSubject, TenantConfig } from '../storage/configuration.ts';

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
