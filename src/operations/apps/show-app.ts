/** An app as it is shown. */
import type { AppView } from '../../contract/apps.ts';
import { showTime } from '../../contract/common.ts';
import type { ClockReading } from '../../domain/clock.ts';
import { utcDay } from '../../domain/limit-day.ts';
import { readRateLimit } from '../../storage/rate-limits.ts';
import type { AppDetails } from '../../storage/tables/apps.ts';

/** Each service that an app reaches, and by what. */
function reachOf({ services, groups }: AppDetails): Exclude<AppView['reach'], 'all'> {
  const slugs = new Set([...services, ...groups.flatMap((group) => group.services)]);
  return [...slugs].toSorted().map((service) => ({
    service,
    direct: services.includes(service),
    groups: groups.filter((group) => group.services.includes(service)).map(({ slug }) => slug),
  }));
}

export function showApp(row: AppDetails, time: ClockReading): AppView {
  const expired = row.expires_at !== null && time.now >= row.expires_at;
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    environment: row.environment,
    tags: JSON.parse(row.tags),
    services: row.all_services === 1 ? 'all' : row.services,
    groups: row.groups.map(({ slug }) => slug),
    reach: row.all_services === 1 ? 'all' : reachOf(row),
    allowed_ips: JSON.parse(row.allowed_ips),
    denied_ips: JSON.parse(row.denied_ips),
    allowed_origins: JSON.parse(row.allowed_origins),
    allowed_referrers: JSON.parse(row.allowed_referrers),
    allowed_user_agents: JSON.parse(row.allowed_user_agents),
    blocked_countries: JSON.parse(row.blocked_countries),
    require_https: row.require_https === 1,
    require_signature: row.require_signature === 1,
    max_daily_requests: row.max_daily_requests,
    rate_limit: readRateLimit(row),
    expires_at: showTime(row.expires_at),
    enabled: row.enabled === 1,
    status: row.enabled === 0 ? 'disabled' : expired ? 'expired' : 'active',
    disabled_reason: row.disabled_reason,
    auto_enable_at: showTime(row.auto_enable_at),
    token_prefix: row.token_prefix,
    last_used_at: showTime(row.last_at),
    usage_today: row.starts_at === utcDay(time.settled).startsAt ? row.count : 0,
    created_at: showTime(row.created_at),
    updated_at: showTime(row.updated_at),
  };
}
