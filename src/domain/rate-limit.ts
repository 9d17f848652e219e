/**
 * How often an app may ask: per second with a burst, and per minute and hour of UTC. The second is kept by each process for
 * itself, minute and hour are counted like days. Pure; judging charges nothing.
 */
import { EMPTY, type Flow, type Level, refilledAfter, roomLeft, take, waitForRoom } from './bucket.ts';
import type { ProcessReading } from './clock.ts';
import type { RateLimitState } from './rate-limit-fields.ts';
import type { RefusedLimit } from './refusal.ts';
import type { Window } from './window.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

/** In deliveries; null: no such limit. At least one is set, and `burst` only beside `per_second`, to which it else is equal. */
export interface RateLimit {
  readonly per_second: number | null;
  readonly per_minute: number | null;
  readonly per_hour: number | null;
  readonly burst: number | null;
}

const UNLIMITED: RateLimit = { per_second: null, per_minute: null, per_hour: null, burst: null };

export interface RateWindows {
  readonly minute: Window;
  readonly hour: Window;
}

/** What an app has used up. `windows` is null where neither minute nor hour is limited. */
export interface RateUsed {
  readonly level: Level;
  readonly windows: RateWindows | null;
}

/** `patch` merged into a limit (RFC 7396): null for none, also where nothing is left of it. */
export function mergeRateLimit(
  current: RateLimit | null,
  patch: { readonly [member in keyof RateLimit]?: number | null | undefined } | null,
): RateLimit | null {
  if (patch === null) return null;
  const named = Object.entries(patch).filter(([, value]) => value !== undefined);
  const merged: RateLimit = { ...(current ?? UNLIMITED), ...Object.fromEntries(named) };
  return Object.values(merged).every((value) => value === null) ? null : merged;
}

/** Whether minutes and hours have to be counted. */
export function countsWindows(limit: RateLimit | null): boolean {
  return limit !== null && (limit.per_minute !== null || limit.per_hour !== null);
}

/** The window of UTC of that length that `at` lies in, with nothing counted; milliseconds. */
export function utcWindow(at: number, lengthMs: number): Window {
  const starts_at = Math.floor(at / lengthMs) * lengthMs;
  return { starts_at, ends_at: starts_at + lengthMs, count: 0 };
}

/** The limit that is used up, of several the one that takes longest to come back; null where one more is within all of them. */
export function judgeRateLimit(limit: RateLimit, used: RateUsed, time: ProcessReading): RefusedLimit | null {
  if (hasRoom(limit, used, time)) return null;
  let longest: RefusedLimit | null = null;
  for (const state of statesOf(limit, used, time)) {
    if (state.remaining > 0) continue;
    const { name, quota, windowSeconds, resetSeconds } = state;
    if (longest !== null && longest.retry_after_seconds >= resetSeconds) continue;
    longest = { name, quota, window_seconds: windowSeconds, retry_after_seconds: resetSeconds };
  }
  return longest;
}

/** What is left, once this request is delivered, of the limit that has least left; null where nothing is limited. */
export function afterDelivery(limit: RateLimit, used: RateUsed, time: ProcessReading): RateLimitState | null {
  const counted = (window: Window): Window => ({ ...window, count: window.count + 1 });
  const windows = used.windows && {
    minute: counted(used.windows.minute),
    hour: counted(used.windows.hour),
  };
  let least: RateLimitState | null = null;
  for (const state of statesOf(limit, { level: takeOne(limit, used.level, time), windows }, time)) {
    if (least === null || state.remaining < least.remaining) least = state;
  }
  return least;
}

/** The level of the second once one more is delivered. */
export function takeOne(limit: RateLimit, level: Level, time: ProcessReading): Level {
  const flow = flowOf(limit);
  return flow === null ? EMPTY : take(level, flow, time.mono);
}

/** Whether one more is within every limit: what nearly every request comes to. */
function hasRoom(limit: RateLimit, { level, windows }: RateUsed, time: ProcessReading): boolean {
  const flow = flowOf(limit);
  if (flow !== null && roomLeft(level, flow, time.mono) < 1) return false;
  if (windows === null) return true;
  const { per_minute, per_hour } = limit;
  return (
    (per_minute === null || windows.minute.count < per_minute) &&
    (per_hour === null || windows.hour.count < per_hour)
  );
}

function statesOf(limit: RateLimit, { level, windows }: RateUsed, time: ProcessReading): RateLimitState[] {
  const states: RateLimitState[] = [];
  const flow = flowOf(limit);
  if (flow !== null) {
    const quota = Math.max(flow.burst, flow.perSecond);
    const remaining = roomLeft(level, flow, time.mono);
    const resetMs = (remaining > 0 ? refilledAfter : waitForRoom)(level, flow, time.mono);
    states.push({
      name: 'app-second',
      quota,
      windowSeconds: Math.ceil(quota / flow.perSecond),
      remaining,
      resetSeconds: Math.ceil(resetMs / 1000),
    });
  }
  if (windows === null) return states;
  for (const [name, quota, { starts_at, ends_at, count }] of [
    ['app-minute', limit.per_minute, windows.minute],
    ['app-hour', limit.per_hour, windows.hour],
  ] as const) {
    if (quota === null) continue;
    states.push({
      name,
      quota,
      windowSeconds: (ends_at - starts_at) / 1000,
      remaining: Math.max(0, quota - count),
      // Windows go by the settled time: the next one opens then, and no sooner.
      resetSeconds: Math.ceil((ends_at - time.settled) / 1000),
    });
  }
  return states;
}

function flowOf({ per_second: perSecond, burst }: RateLimit): Flow | null {
  return perSecond === null ? null : { perSecond, burst: burst ?? perSecond };
}
