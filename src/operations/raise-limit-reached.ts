import { ulid } from 'ulid';
import type { ClockReading } from '../domain/clock.ts';
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
  await addEvent(unit, {
    event_id: `msg_${ulid(time.now)}`,
    tenant_id: after.tenant_id,
    type: 'service.limit_reached',
    at: time.now,
    data: {
      tenant,
      service: after.slug,
      max_daily_requests: limit,
      usage_today: day.count,
      resets_at: new Date(day.ends_at).toISOString(),
    },
  });
}
