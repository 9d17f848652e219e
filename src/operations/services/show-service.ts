import { showTime } from '../../contract/common.ts';
import type { ServiceSettingsView, ServiceView } from '../../contract/services.ts';
import type { Reader, ServiceRow } from '../../storage/rows.ts';
import { countKeys, runningDays } from '../../storage/tables/services.ts';

/** Services as they are shown; `settled` says which limit day is running. */
export async function showServices(
  db: Reader,
  rows: readonly ServiceRow[],
  settled: number,
): Promise<ServiceView[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const keys = await countKeys(db, ids);
  const days = await runningDays(db, ids, settled);
  return rows.map((row) => ({
    ...showServiceSettings(row),
    usage_today: days.get(row.id)?.count ?? 0,
    keys: keys.get(row.id) ?? 0,
    created_at: showTime(row.created_at),
    updated_at: showTime(row.updated_at),
  }));
}

export async function showService(db: Reader, row: ServiceRow, settled: number): Promise<ServiceView> {
  const [view] = await showServices(db, [row], settled);
  return view as ServiceView;
}

/** What the audit trail keeps of a service. */
export function showServiceSettings(row: ServiceRow): ServiceSettingsView {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    policy: row.policy,
    rotate_every_minutes: row.rotate_every_minutes,
    on_expiry: row.on_expiry,
    rotation_schedule: row.rotation_schedule,
    timezone: row.timezone,
    day_resets_at: row.day_resets_at,
    max_daily_requests: row.max_daily_requests,
    warn_at_percent: row.warn_at_percent,
    max_age_seconds: row.max_age_seconds,
    enabled: row.enabled === 1,
    current_key_id: row.current_key_id,
  };
}
