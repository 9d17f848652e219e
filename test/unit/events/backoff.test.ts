import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_ATTEMPTS, retryDelay } from '../../../src/events/backoff.ts';

const SECONDS = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
const jitters = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('the retry schedule', () => {
  test('waits 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h', () => {
    const waits = SECONDS.map((_, index) => retryDelay(index + 1, 0.5));
    expect(waits).toEqual(SECONDS.map((seconds) => seconds * 1_000));
  });

  test('gives up after the tenth attempt', () => {
    expect(MAX_ATTEMPTS).toBe(10);
    expect(retryDelay(9, 0)).not.toBeNull();
    expect(retryDelay(10, 0)).toBeNull();
    expect(retryDelay(Number.MAX_SAFE_INTEGER, 0)).toBeNull();
  });

  test('spreads each wait by a tenth to either side, and no further', () => {
    expect([retryDelay(1, 0), retryDelay(1, 0.75)]).toEqual([4_500, 5_250]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), jitters, (attempts, jitter) => {
        const delay = retryDelay(attempts, jitter) ?? Number.NaN;
        const wait = (SECONDS[attempts - 1] ?? Number.NaN) * 1_000;
        expect(Number.isSafeInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(wait * 0.9);
        expect(delay).toBeLessThanOrEqual(wait * 1.1);
      }),
    );
  });

  test('waits longer after each further failure up to the eighth, whatever the jitter', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), jitters, jitters, (attempts, one, other) => {
        expect(retryDelay(attempts + 1, other)).toBeGreaterThan(retryDelay(attempts, one) ?? Number.NaN);
      }),
    );
  });

  test.each([
    [0, 0.5],
    [-1, 0.5],
    [1.5, 0.5],
    [Number.NaN, 0.5],
    [1, 1],
    [1, -0.1],
    [1, Number.NaN],
  ])('refuses %d attempts with a jitter of %d', (attempts, jitter) => {
    expect(() => retryDelay(attempts, jitter)).toThrow(RangeError);
  });
});
