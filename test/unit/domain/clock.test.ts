import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BELIEVED_AFTER_MS,
  type ClockState,
  readClock,
  startClock,
  TOLERANCE_MS,
} from '../../../src/domain/clock.ts';

const T0 = Date.parse('2026-03-01T12:00:00Z');
const HOUR = 3_600_000;
const YEAR = 8_766 * HOUR;

const wallClock = fc.oneof(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: T0 - YEAR, max: T0 + YEAR }));
const readings = fc.array(fc.tuple(wallClock, fc.nat(2 * HOUR)), { minLength: 1, maxLength: 60 });
/** How much time passes between readings; adds up to less than an hour. */
const shortGaps = fc.array(fc.nat(59_000), { minLength: 1, maxLength: 60 });

describe('the clock', () => {
  it('never settles on an earlier time than before, whatever is read, and is never behind it', () => {
    fc.assert(
      fc.property(readings, wallClock, (pairs, mark) => {
        let state = startClock(pairs[0]?.[0] ?? 0, 0, mark);
        expect(state.settled).toBeGreaterThanOrEqual(mark);
        let mono = 0;
        for (const [wall, gap] of pairs) {
          mono += gap;
          const next = readClock(state, wall, mono);
          expect(next.settled).toBeGreaterThanOrEqual(state.settled);
          expect(next.now).toBeGreaterThanOrEqual(next.settled);
          state = next;
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('reads whole milliseconds from a monotonic clock that has fractions, and loses no time between close readings', () => {
    for (const step of [-HOUR, HOUR]) {
      let state = startClock(T0, 0.25, 0);
      for (let reading = 1; reading <= 1_000; reading++) {
        state = readClock(state, T0 + step, 0.25 + reading * 0.75);
        expect(Number.isInteger(state.settled)).toBe(true);
        expect(Number.isInteger(state.now)).toBe(true);
      }
      expect(state.settled).toBe(T0 + 750);
    }
  });

  it('does not even go back when the monotonic clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(wallClock, fc.integer({ min: -1e9, max: 1e9 }))), (pairs) => {
        let state = startClock(T0, 0, 0);
        for (const [wall, mono] of pairs) {
          const next = readClock(state, wall, mono);
          expect(next.settled).toBeGreaterThanOrEqual(state.settled);
          state = next;
        }
      }),
    );
  });

  it('is the wall clock, give or take its small corrections, while both clocks agree', () => {
    const gap = fc.record({ ms: fc.nat(10 * HOUR), correction: fc.integer({ min: -1000, max: 1000 }) });
    fc.assert(
      fc.property(fc.array(gap), (gaps) => {
        let state = startClock(T0, 0, 0);
        let mono = 0;
        let latest = T0;
        for (const { ms, correction } of gaps) {
          mono += ms;
          const wall = T0 + mono + correction;
          latest = Math.max(latest, wall);
          state = readClock(state, wall, mono);
          expect([state.now, state.settled]).toEqual([latest, latest]);
        }
      }),
    );
  });

  it('does not settle on a step ahead before it has lasted an hour by the monotonic clock', () => {
    fc.assert(
      fc.property(fc.integer({ min: TOLERANCE_MS + 1, max: YEAR }), shortGaps, (step, gaps) => {
        let state = startClock(T0, 0, 0);
        let mono = 0;
        for (const gap of gaps) {
          mono += gap;
          state = readClock(state, T0 + mono + step, mono);
          expect(state.settled, 'what cannot be undone').toBe(T0 + mono);
          expect(state.now, 'what is refused as too late').toBe(T0 + mono + step);
        }
        const seen = gaps[0] ?? 0;
        const before = readClock(state, T0 + seen + HOUR - 1 + step, seen + HOUR - 1);
        expect(before.settled).toBe(T0 + seen + HOUR - 1);
        const after = readClock(before, T0 + seen + HOUR + step, seen + HOUR);
        expect(after).toMatchObject({ settled: T0 + seen + HOUR + step, now: T0 + seen + HOUR + step });
      }),
    );
    expect(BELIEVED_AFTER_MS).toBe(HOUR);
  });

  it('counts the hour anew for a step that was taken back meanwhile', () => {
    let state = startClock(T0, 0, 0);
    const read = (minutes: number, step: number) => {
      const mono = minutes * 60_000;
      state = readClock(state, T0 + mono + step, mono);
      return state.settled - T0 - mono;
    };
    expect(read(1, 24 * HOUR)).toBe(0);
    expect(read(50, 24 * HOUR)).toBe(0);
    expect(read(51, 0)).toBe(0);
    expect(read(52, 24 * HOUR)).toBe(0);
    expect(read(100, 24 * HOUR)).toBe(0);
    expect(read(112, 24 * HOUR)).toBe(24 * HOUR);
  });

  it('counts the hour anew for a step in the other direction', () => {
    let state = startClock(T0, 0, 0);
    state = readClock(state, T0 - HOUR, 1);
    state = readClock(state, T0 + 24 * HOUR + HOUR, HOUR);
    state = readClock(state, T0 + 24 * HOUR + HOUR + 2, HOUR + 2);
    expect(state.settled).toBe(T0 + HOUR + 2);
  });

  it('goes on by the monotonic clock after a step back, and holds still once that has lasted', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2 * HOUR, max: YEAR }), shortGaps, (step, gaps) => {
        let state: ClockState = startClock(T0, 0, 0);
        let mono = 0;
        for (const gap of gaps) {
          mono += gap;
          state = readClock(state, T0 + mono - step, mono);
          expect([state.settled, state.now]).toEqual([T0 + mono, T0 + mono]);
        }
        const held = state.settled;
        const later = (gaps[0] ?? 0) + HOUR;
        state = readClock(state, T0 + later - step, later);
        expect([state.settled, state.now]).toEqual([held, held]);
        state = readClock(state, held + 60_000, later + step);
        expect(state.settled).toBe(held + 60_000);
      }),
    );
  });

  it('starts at what was settled before where the wall clock is behind it, and at the wall clock otherwise', () => {
    expect(startClock(T0, 5, T0 + HOUR)).toMatchObject({ now: T0 + HOUR, settled: T0 + HOUR });
    expect(startClock(T0, 5, T0 - HOUR)).toMatchObject({ now: T0, settled: T0 });
  });
});
