/** How counters and balances move in memory: the same arithmetic on every engine. */
import type { ProcessReading } from '../domain/clock.ts';
import { limitDay, utcDay } from '../domain/limit-day.ts';
import { HOUR_MS, MINUTE_MS, type RateLimit, takeOne, utcWindow } from '../domain/rate-limit.ts';
import type { AppSubject, Day, ServiceSubject } from './configuration.ts';
import type { Delivered } from './engine.ts';
import type { CountersTable } from './rows.ts';

/**
 * Opens the limit day of `settled`, unless the open one still runs: a change of time zone or reset time shows only then.
 * The key counts of the day before are over.
 */
export function openServiceDay(service: ServiceSubject, settled: number): void {
  if (service.day !== null && settled < service.day.ends_at) return;
  const { timezone, day_resets_at } = service.config;
  service.day = nextDay(service.day, limitDay(settled, timezone, day_resets_at));
  for (const usage of service.keys.values()) usage.count = 0;
  service.order = null;
}

/** Opens the day, the minute and the hour of UTC that `settled` lies in, unless the open ones still run. */
export function openAppDay(app: AppSubject, settled: number): void {
  if (app.day === null || settled >= app.day.ends_at) app.day = nextDay(app.day, utcDay(settled));
  if (app.windows === null) return;
  const { minute, hour } = app.windows;
  if (settled >= minute.ends_at) app.windows = { ...app.windows, minute: utcWindow(settled, MINUTE_MS) };
  if (settled >= hour.ends_at) app.windows = { ...app.windows, hour: utcWindow(settled, HOUR_MS) };
}

/** Moves the counters by one delivery, and takes over the changes that came with it. */
export function charge(
  decision: Delivered,
  service: ServiceSubject,
  app: AppSubject | null,
  time: ProcessReading,
): void {
  const { key, balance } = decision;
  if (service.day !== null) service.day.count++;
  const usage = service.keys.get(key.id) ?? { count: 0, finish: 0, turn: 0 };
  usage.count++;
  usage.finish = balance.finish;
  usage.turn = balance.turn;
  service.keys.set(key.id, usage);
  service.order?.delivered(key, usage);
  service.virtual = balance.start;
  service.turn = balance.turn;
  if (app?.day) app.day.count++;
  if (app?.config.rate_limit) chargeRate(app, app.config.rate_limit, time);
  for (const { key_id, state, activated_at } of decision.changes) {
    const changed = service.config.keys.get(key_id);
    if (changed === undefined) continue;
    service.config.keys.replace({ ...changed, state, activated_at: activated_at ?? changed.activated_at });
    service.order = null;
    if (state === 'active') service.config.current_key_id = key_id;
  }
}

function chargeRate(app: AppSubject, limit: RateLimit, time: ProcessReading): void {
  if (app.bucket !== null) app.bucket.level = takeOne(limit, app.bucket.level, time);
  if (app.windows === null) return;
  const { minute, hour } = app.windows;
  app.windows = {
    minute: { ...minute, count: minute.count + 1 },
    hour: { ...hour, count: hour.count + 1 },
  };
}

/** A window that a counter has begun to count in. */
export interface BegunWindow extends Pick<CountersTable, 'subject' | 'subject_id' | 'starts_at'> {}

/** The windows in which a delivery, charged just now, is the first: what their counters came to before is read by nobody. */
export function begunBy(
  { delivery }: Delivered,
  { config, day, keys }: ServiceSubject,
  app: AppSubject | null,
): readonly BegunWindow[] {
  const begun: BegunWindow[] = [];
  if (day !== null) {
    const { starts_at } = day;
    if (day.count === 1) begun.push({ subject: 'service', subject_id: config.id, starts_at });
    if (keys.get(delivery.key_id)?.count === 1)
      begun.push({ subject: 'key', subject_id: delivery.key_id, starts_at });
  }
  if (app?.day?.count === 1)
    begun.push({ subject: 'app', subject_id: app.config.id, starts_at: app.day.starts_at });
  return begun;
}

/** Marks keys as broken in memory; the database learns of it with the batch. */
export function flagBroken(ids: ReadonlySet<number>, service: ServiceSubject): void {
  const { keys } = service.config;
  for (const id of ids) {
    const key = keys.get(id);
    if (key !== undefined) keys.replace({ ...key, broken: true });
  }
  service.order = null;
}

/** The day to count in after `last`: it never begins before that one ended, whatever the calendar says of its start. */
function nextDay(last: Day | null, day: { startsAt: number; endsAt: number }): Day {
  const starts_at = last === null ? day.startsAt : Math.max(day.startsAt, last.ends_at);
  return { starts_at, ends_at: day.endsAt, count: 0 };
}
