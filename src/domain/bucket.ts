/**
 * So many a second, and so many at once: the generic cell rate algorithm (ITU-T I.371) as a bucket that leaks. It counts in
 * whole numbers, so that a burst of N is N and no rounding adds up.
 */

/** `burst` at once and then `perSecond`; whole numbers above 0. */
export interface Flow {
  readonly perSecond: number;
  readonly burst: number;
}

/** How full a bucket was `at` a time in whole microseconds of a monotonic clock; `used` in millionths of a request. */
export interface Level {
  readonly used: number;
  readonly at: number;
}

export const EMPTY: Level = { used: 0, at: 0 };
/** What a request takes of the room. In a microsecond, as many millionths leak out as requests may come in a second. */
const REQUEST = 1_000_000;

/** The level at `now`, in monotonic milliseconds with a fraction, as everywhere here. A bucket made smaller is full at most. */
function levelAt({ used, at }: Level, { perSecond, burst }: Flow, now: number): Level {
  const time = Math.max(at, Math.floor(now * 1000));
  return { used: Math.min(burst * REQUEST, Math.max(0, used - (time - at) * perSecond)), at: time };
}

/** The milliseconds from `now` until the next request has room: 0 where it has. Takes nothing. */
export function waitForRoom(level: Level, flow: Flow, now: number): number {
  const { used } = levelAt(level, flow, now);
  return Math.ceil(Math.max(0, used + REQUEST - flow.burst * REQUEST) / flow.perSecond) / 1000;
}

/** The level with one more request in it, which there was room for. */
export function take(level: Level, flow: Flow, now: number): Level {
  const { used, at } = levelAt(level, flow, now);
  return { used: used + REQUEST, at };
}
