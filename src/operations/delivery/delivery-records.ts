/** The events that a delivery leaves behind beside its own record. */
import { showTime } from '../../contract/common.ts';
import type { ClockReading } from '../../domain/clock.ts';
import type { KeyChange } from '../../domain/policy.ts';
import { inService, serves } from '../../domain/policy-key.ts';
import { warnedAt } from '../../domain/warnings.ts';
import { type NewEvent, newEvent } from '../../events/catalogue.ts';
import { lastKeyEvent, type OnceEvent } from '../../events/once.ts';
import type { AppSubject, KeyConfig, ServiceSubject, TenantConfig } from '../../storage/configuration.ts';

const NONE: readonly NewEvent[] = [];

/**
 * Of the delivery that is the last one within a daily limit, of its service or its app, and of the one of which the service
 * warns. `usageToday` and the app's day count it, and nobody else has its number: so each is told once.
 */
export function limitEvents(
  tenant: TenantConfig,
  service: ServiceSubject,
  app: AppSubject | null,
  usageToday: number,
  now: number,
): readonly NewEvent[] {
  const { max_daily_requests: limit, warn_at_percent } = service.config;
  const ofService = usageToday === limit || usageToday === warnedAt(limit, warn_at_percent);
  const appUsage = (app?.day?.count ?? 0) + 1;
  const ofApp = app !== null && appUsage === app.config.max_daily_requests;
  if (!ofService && !ofApp) return NONE;
  return [
    ...(ofService ? [ofServiceLimit(tenant, service, usageToday, now)] : []),
    ...(ofApp ? [ofAppLimit(tenant, app, appUsage, now)] : []),
  ];
}

function ofServiceLimit(
  tenant: TenantConfig,
  { config, day }: ServiceSubject,
  usageToday: number,
  now: number,
): NewEvent {
  const limit = config.max_daily_requests ?? 0;
  const data = {
    tenant: tenant.slug,
    service: config.slug,
    max_daily_requests: limit,
    usage_today: usageToday,
    resets_at: showTime(day?.ends_at ?? now),
  };
  return usageToday === limit
    ? newEvent('service.limit_reached', tenant.id, now, data)
    : newEvent('service.limit_warning', tenant.id, now, { ...data, percent: config.warn_at_percent ?? 0 });
}

function ofAppLimit(tenant: TenantConfig, { config, day }: AppSubject, usageToday: number, now: number) {
  return newEvent('app.limit_reached', tenant.id, now, {
    tenant: tenant.slug,
    app_id: config.id,
    max_daily_requests: usageToday,
    usage_today: usageToday,
    resets_at: showTime(day?.ends_at ?? now),
  });
}

/** Of the delivery whose changes have left a single key of several in service; null of any other. */
export function leftAlone(
  tenant: TenantConfig,
  { config }: ServiceSubject,
  changes: readonly KeyChange[],
  broken: ReadonlyMap<number, KeyConfig> | null,
  time: ClockReading,
): OnceEvent | null {
  const gone = new Set(changes.filter((change) => !serves(change)).map(({ key_id }) => key_id));
  if (gone.size === 0) return null;
  let left: KeyConfig | null = null;
  for (const key of config.keys) {
    if (gone.has(key.id) || broken?.has(key.id) || !inService(key, time.now)) continue;
    if (left !== null) return null;
    left = key;
  }
  if (left === null) return null;
  const data = { tenant: tenant.slug, service: config.slug, key_id: left.id, cause: 'left alone' } as const;
  return lastKeyEvent(config, data, time);
}
