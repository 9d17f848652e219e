/** Daily limits that a change of them has made reached ones, or ones to be warned of, by what was served today already. */
import type { AppView } from '../../contract/apps.ts';
import { showTime } from '../../contract/common.ts';
import type { ClockReading } from '../../domain/clock.ts';
import { utcDay } from '../../domain/limit-day.ts';
import { warnedAt } from '../../domain/warnings.ts';
import { newEvent } from '../../events/catalogue.ts';
import type { ServiceRow, Transaction } from '../../storage/rows.ts';
import { addEvent } from '../../storage/tables/outbox.ts';
import { runningDays } from '../../storage/tables/services.ts';

/**
 * A reached limit is told of alone, without the warning that came before it. Another limit is warned of anew, another percentage of
 * the same limit only where there was no warning yet.
 */
export async function raiseServiceLimit(
  unit: Transaction,
  tenant: string,
  before: ServiceRow,
  after: ServiceRow,
  time: ClockReading,
): Promise<void> {
  const { max_daily_requests: limit, warn_at_percent: percent } = after;
  if (limit === null) return;
  const day = (await runningDays(unit, [after.id], time.settled)).get(after.id);
  if (day === undefined) return;
  const has = (threshold: number | null) => threshold !== null && day.count >= threshold;
  const data = {
    tenant,
    service: after.slug,
    max_daily_requests: limit,
    usage_today: day.count,
    resets_at: showTime(day.ends_at),
  };
  if (has(limit)) {
    if (has(before.max_daily_requests)) return;
    await addEvent(unit, newEvent('service.limit_reached', after.tenant_id, time.now, data));
  } else if (percent !== null && has(warnedAt(limit, percent))) {
    if (limit === before.max_daily_requests && has(warnedAt(limit, before.warn_at_percent))) return;
    await addEvent(unit, newEvent('service.limit_warning', after.tenant_id, time.now, { ...data, percent }));
  }
}

/** `before` and `after`: the app as it was and as it is. */
export async function raiseAppLimit(
  unit: Transaction,
  path: { readonly tenant: string; readonly tenantId: number },
  before: AppView,
  after: AppView,
  time: ClockReading,
): Promise<void> {
  const { max_daily_requests: limit, usage_today } = after;
  if (limit === null || usage_today < limit) return;
  if (before.max_daily_requests !== null && usage_today >= before.max_daily_requests) return;
  const event = newEvent('app.limit_reached', path.tenantId, time.now, {
    tenant: path.tenant,
    app_id: after.id,
    max_daily_requests: limit,
    usage_today,
    resets_at: showTime(utcDay(time.settled).endsAt),
  });
  await addEvent(unit, event);
}
