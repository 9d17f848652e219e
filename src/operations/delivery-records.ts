/** The events that a delivery leaves behind beside its own record. */
import { type NewEvent, newEvent } from '../events/catalogue.ts';
import type { ServiceSubject, TenantConfig } from '../storage/configuration.ts';

/** The event of the delivery that was the last one within the service's daily limit. */
export function limitReached(tenant: TenantConfig, service: ServiceSubject, now: number): NewEvent {
  const { slug, max_daily_requests } = service.config;
  return newEvent('service.limit_reached', tenant.id, now, {
    tenant: tenant.slug,
    service: slug,
    max_daily_requests: max_daily_requests ?? 0,
    usage_today: max_daily_requests ?? 0,
    resets_at: new Date(service.day?.ends_at ?? now).toISOString(),
  });
}
