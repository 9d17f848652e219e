import type { ClockReading } from '../domain/clock.ts';
import { newEvent } from '../events/catalogue.ts';
import type { ServiceRow, Transaction } from '../storage/rows.ts';
import { addEvent } from '../storage/tables/outbox.ts';
import { runningDays } from '../storage/tables/services.ts';

/** Tells of a daily limit that a change of it has made a reached one: by what was served today it was not before. */
export async function raiseLimitReached(
  unit: Transaction,
  tenant: string,
  before: ServiceRow,
  after: ServiceRow,
  time: ClockReading,
): Promise<void> {
  const day = (await runningDays(unit, [after.id], time.settled)).get(after.id);
  const { max_daily_requests: limit } = after;
  if (day === undefined || limit === null || day.count < limit) return;
  if (before.max_daily_requests !== null && day.count >= before.max_daily_requests) return;
  const event = newEvent('service.limit_reached', after.tenant_id, time.now, {
    tenant,
    service: after.slug,
    max_daily_requests: limit,
    usage_today: day.count,
    resets_at: new Date(day.ends_at).toISOString(),
  });
  await addEvent(unit, event);
}
