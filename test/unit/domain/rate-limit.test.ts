import { describe, expect, it } from 'vitest';
import { EMPTY } from '../../../src/domain/bucket.ts';
import {
  countsWindows,
  HOUR_MS,
  judgeRateLimit,
  MINUTE_MS,
  mergeRateLimit,
  type RateLimit,
  takeOne,
  utcWindow,
} from '../../../src/domain/rate-limit.ts';

const NONE: RateLimit = { per_second: null, per_minute: null, per_hour: null, burst: null };
const T0 = Date.parse('2026-03-01T12:34:20.500Z');
const TIME = { now: T0, settled: T0, mono: 5_000.25 };

const used = (minute: number, hour: number, level = EMPTY) => ({
  level,
  windows: {
    minute: { ...utcWindow(T0, MINUTE_MS), count: minute },
    hour: { ...utcWindow(T0, HOUR_MS), count: hour },
  },
});

describe('a rate limit', () => {
  it.each([
    [null, { per_minute: 5 }, { ...NONE, per_minute: 5 }],
    [{ ...NONE, per_minute: 5 }, { per_hour: 9 }, { ...NONE, per_minute: 5, per_hour: 9 }],
    [{ ...NONE, per_minute: 5, per_hour: 9 }, { per_hour: null }, { ...NONE, per_minute: 5 }],
    [{ ...NONE, per_minute: 5 }, { per_hour: undefined }, { ...NONE, per_minute: 5 }],
    [{ ...NONE, per_minute: 5 }, { per_minute: null }, null],
    [{ ...NONE, per_minute: 5 }, null, null],
    [null, {}, null],
  ])('%j changed by %j is %j', (current, patch, expected) => {
    expect(mergeRateLimit(current, patch)).toEqual(expected);
  });

  it('counts minutes and hours only where one of them is limited', () => {
    expect(countsWindows(null)).toBe(false);
    expect(countsWindows({ ...NONE, per_second: 5, burst: 5 })).toBe(false);
    expect(countsWindows({ ...NONE, per_minute: 5 })).toBe(true);
    expect(countsWindows({ ...NONE, per_hour: 5 })).toBe(true);
  });

  it('admits up to its minute and its hour, and names the end of the one that is spent', () => {
    const limit = { ...NONE, per_minute: 5, per_hour: 9 };
    expect(judgeRateLimit(limit, used(4, 8), TIME)).toBeNull();
    expect(judgeRateLimit(limit, used(5, 5), TIME)).toEqual({
      name: 'app-minute',
      quota: 5,
      window_seconds: 60,
      retry_after_seconds: 40,
    });
    expect(judgeRateLimit(limit, used(0, 9), TIME)).toEqual({
      name: 'app-hour',
      quota: 9,
      window_seconds: 3600,
      retry_after_seconds: 25 * 60 + 40,
    });
  });

  it('names of several that are spent the one that takes longest', () => {
    const limit = { per_second: 1, burst: 1, per_minute: 5, per_hour: 9 };
    const level = takeOne(limit, EMPTY, TIME);
    expect(judgeRateLimit(limit, used(0, 0, level), TIME)?.name).toBe('app-second');
    expect(judgeRateLimit(limit, used(5, 0, level), TIME)?.name).toBe('app-minute');
    expect(judgeRateLimit(limit, used(5, 9, level), TIME)?.name).toBe('app-hour');
  });

  it('tells the wait by the time that opens windows, not by a wall clock that leapt ahead', () => {
    const limit = { ...NONE, per_minute: 5 };
    const leapt = { ...TIME, now: T0 + HOUR_MS };
    expect(judgeRateLimit(limit, used(5, 5), leapt)?.retry_after_seconds).toBe(40);
  });

  it('has as much at once as in a second, unless its burst says otherwise', () => {
    for (const [burst, most] of [
      [null, 3],
      [1, 1],
      [7, 7],
    ] as const) {
      const limit = { ...NONE, per_second: 3, burst };
      let level = EMPTY;
      let count = 0;
      while (judgeRateLimit(limit, { level, windows: null }, TIME) === null) {
        level = takeOne(limit, level, TIME);
        count++;
      }
      expect(count).toBe(most);
    }
  });
});
