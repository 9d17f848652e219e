/**
 * How often an app may ask: per second with a burst, and per minute and hour of UTC. The second is kept by each process for
 * itself, minute and hour are counted like days. Pure; judging charges nothing.
 */
import { EMPTY, type Flow, type Level, take, waitForRoom } from './bucket.ts';
import type { ProcessReading } from './clock.ts';
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
export function judgeRateLimit(
  limit: RateLimit,
  { level, windows }: RateUsed,
  time: ProcessReading,
): RefusedLimit | null {
  const second = judgeSecond(limit, level, time);
  if (windows === null) return second;
  const minute = judgeWindow('app-minute', limit.per_minute, windows.minute, time);
  const hour = judgeWindow('app-hour', limit.per_hour, windows.hour, time);
  return longest(longest(second, minute), hour);
}

/** The level of the second once one more is delivered. */
export function takeOne(limit: RateLimit, level: Level, time: ProcessReading): Level {
  const flow = flowOf(limit);
  return flow === null ? EMPTY : take(level, flow, time.mono);
}

function judgeSecond(limit: RateLimit, level: Level, time: ProcessReading): RefusedLimit | null {
  const flow = flowOf(limit);
  const wait = flow === null ? 0 : waitForRoom(level, flow, time.mono);
  if (flow === null || wait === 0) return null;
  const quota = Math.max(flow.burst, flow.perSecond);
  return {
    name: 'app-second',
    quota,
    window_seconds: Math.ceil(quota / flow.perSecond),
    retry_after_seconds: Math.ceil(wait / 1000),
  };
}

function judgeWindow(
  name: 'app-minute' | 'app-hour',
  quota: number | null,
  { starts_at, ends_at, count }: Window,
  time: ProcessReading,
): RefusedLimit | null {
  if (quota === null || count < quota) return null;
  return {
    name,
    quota,
    window_seconds: (ends_at - starts_at) / 1000,
    // Windows go by the settled time: the next one opens then, and no sooner.
    retry_after_seconds: Math.ceil((ends_at - time.settled) / 1000),
  };
}

function longest(one: RefusedLimit | null, other: RefusedLimit | null): RefusedLimit | null {
  if (one === null || other === null) return one ?? other;
  return one.retry_after_seconds >= other.retry_after_seconds ? one : other;
}

function flowOf({ per_second: perSecond, burst }: RateLimit): Flow | null {
  return perSecond === null ? null : { perSecond, burst: burst ?? perSecond };
}
