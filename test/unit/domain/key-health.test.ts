import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  coolAlong,
  coolDown,
  coolLastDown,
  forgiven,
  isRefused,
  type KeyHealth,
  type KeyRefusal,
  refusedOnceMore,
  WELL,
  wellAgain,
} from '../../../src/domain/key-health.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const SECOND = 1_000;
const HOUR = 3_600_000;

/** The health after a report of a delivery made just now. */
function limited(health: KeyHealth, now: number, retryAfterSeconds: number | null = null): KeyHealth {
  return coolDown(health, { deliveredAt: now, retryAfterSeconds }, now) ?? health;
}

const secondsOf = ({ cooled_at, cooled_until }: KeyHealth) =>
  ((cooled_until ?? 0) - (cooled_at ?? 0)) / SECOND;

describe('a key that its provider limits', () => {
  it('cools for 30 s, and twice as long each time in a row, up to 15 minutes', () => {
    let health = WELL;
    const took: number[] = [];
    for (let now = NOW; took.length < 8; now = health.cooled_until ?? 0) {
      health = limited(health, now);
      took.push(secondsOf(health));
    }
    expect(took).toEqual([30, 60, 120, 240, 480, 900, 900, 900]);
  });

  it.each([
    [0, 1],
    [1, 1],
    [20, 20],
    [3600, 3600],
    [3601, 3600],
    [Number.MAX_SAFE_INTEGER, 3600],
  ])('that says to wait %d s cools for %d s', (asked, cooled) => {
    expect(secondsOf(limited(WELL, NOW, asked))).toBe(cooled);
  });

  it('and cools already goes on cooling for as long as a report says, but not beyond an hour from the beginning', () => {
    const health = limited(WELL, NOW, 20);
    const later = NOW + 10 * SECOND;
    expect(coolDown(health, { deliveredAt: NOW, retryAfterSeconds: null }, later)).toBe(null);
    expect(coolDown(health, { deliveredAt: NOW, retryAfterSeconds: 5 }, later)).toBe(null);
    expect(secondsOf(limited(health, later, 20))).toBe(30);
    expect(limited(health, later, 20).coolings).toBe(1);
    expect(secondsOf(limited(health, later, 3600))).toBe(3600);
  });

  it('and cools already goes on only for a quarter longer or more', () => {
    const health = limited(WELL, NOW, 100);
    expect(coolDown(health, { deliveredAt: NOW, retryAfterSeconds: 124 }, NOW)).toBe(null);
    expect(coolAlong(health, limited(WELL, NOW, 124), NOW)).toBe(null);
    expect(secondsOf(limited(health, NOW, 125))).toBe(125);
    let [lengthened, longest] = [0, health];
    for (let asked = 2; asked <= 3600; asked++) {
      const after = coolDown(longest, { deliveredAt: NOW, retryAfterSeconds: asked }, NOW);
      lengthened += after === null ? 0 : 1;
      longest = after ?? longest;
    }
    expect(lengthened).toBeLessThan(20);
  });

  it('and is the last of several callers cools no longer than unasked, nor than it has served since', () => {
    const last = (health: KeyHealth, now: number, retryAfterSeconds: number | null) =>
      coolLastDown(health, { deliveredAt: now, retryAfterSeconds }, now);
    const first = last(WELL, NOW, 3600) ?? WELL;
    expect([secondsOf(first), secondsOf(last(WELL, NOW, 5) ?? WELL)]).toEqual([30, 5]);
    expect(last(first, NOW + SECOND, 3600)).toBe(null);
    expect(last(first, NOW + 89 * SECOND, 3600)).toBe(null);
    expect(secondsOf(last(first, NOW + 90 * SECOND, 3600) ?? WELL)).toBe(60);
    expect(secondsOf(last(first, NOW + 40 * SECOND, 10) ?? WELL)).toBe(10);
    let [health, away, now] = [WELL, 0, NOW];
    for (; now < NOW + 12 * HOUR; now += SECOND) {
      health = last(health, now, 3600) ?? health;
      if (now < (health.cooled_until ?? 0)) away += SECOND;
    }
    expect(away / (12 * HOUR)).toBeLessThanOrEqual(0.51);
  });

  it('does not cool again for a delivery that was made before it was back', () => {
    const health = limited(WELL, NOW, 30);
    const back = NOW + 30 * SECOND;
    for (const deliveredAt of [NOW - HOUR, NOW, back - 1])
      expect(coolDown(health, { deliveredAt, retryAfterSeconds: 3600 }, back + SECOND)).toBe(null);
    expect(coolDown(health, { deliveredAt: back, retryAfterSeconds: 3600 }, back + SECOND)).not.toBe(null);
  });

  it('cools as before once it was well', () => {
    let health = limited(limited(WELL, NOW), NOW + 30 * SECOND);
    const back = NOW + 90 * SECOND;
    expect(wellAgain(health, NOW + 30 * SECOND - 1, back)).toBe(null);
    health = wellAgain(health, back, back) ?? health;
    expect(secondsOf(limited(health, back))).toBe(30);
  });

  it('cools anew where the clock was set back by days meanwhile', () => {
    const health = limited(WELL, NOW + 48 * HOUR);
    expect(secondsOf(limited(health, NOW, 20))).toBe(20);
  });

  it('never cools for more than an hour from when it began, whatever is reported', () => {
    const step = fc.record({
      wait: fc.integer({ min: 0, max: 2 * HOUR }),
      age: fc.integer({ min: 0, max: 25 * HOUR }),
      retry: fc.option(fc.integer({ min: 0, max: 100_000 })),
      along: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let health = WELL;
        let now = NOW;
        for (const { wait, age, retry, along } of steps) {
          now += wait;
          const before = health;
          const report = { deliveredAt: now - age, retryAfterSeconds: retry };
          const other = limited(WELL, now, retry);
          const after = along ? coolAlong(health, other, now) : coolDown(health, report, now);
          if (after === null) continue;
          health = after;
          const [from, until] = [health.cooled_at ?? 0, health.cooled_until ?? 0];
          expect(until - from).toBeLessThanOrEqual(HOUR);
          expect(from).toBeLessThanOrEqual(now);
          expect(until).toBeGreaterThan(now);
          // One that cooled goes on, and one that did not begins now.
          expect(from).toBe((before.cooled_until ?? 0) > now ? before.cooled_at : now);
        }
      }),
    );
  });
});

describe('keys of one bucket', () => {
  it('cool as long as the one that was reported', () => {
    const health = limited(WELL, NOW, 20);
    expect(coolAlong(WELL, health, NOW)).toEqual(health);
    expect(coolAlong(limited(WELL, NOW - SECOND, 60), health, NOW)).toBe(null);
  });

  it('and one that cools already stays within its own hour', () => {
    const mine = limited(WELL, NOW - HOUR / 2, 2000);
    const other = limited(WELL, NOW, 3600);
    expect(coolAlong(mine, other, NOW)?.cooled_until).toBe(NOW + HOUR / 2);
  });
});

describe('a key that its provider refuses', () => {
  const refused = (by: readonly (readonly [app: number, network: string])[], health = WELL) =>
    by.reduce(
      (sum, [app, network], at) => refusedOnceMore(sum, { app, network, at: NOW + at }, NOW + at) ?? sum,
      health,
    );

  it.each([
    [
      'three in a row from two networks by two apps',
      [
        [1, 'a'],
        [2, 'b'],
        [1, 'a'],
      ],
      true,
      true,
    ],
    [
      'two',
      [
        [1, 'a'],
        [2, 'b'],
      ],
      false,
      false,
    ],
    [
      'one network',
      [
        [1, 'a'],
        [2, 'a'],
        [3, 'a'],
        [1, 'a'],
      ],
      false,
      false,
    ],
    [
      'one app of several',
      [
        [1, 'a'],
        [1, 'b'],
        [1, 'c'],
        [1, 'd'],
      ],
      false,
      true,
    ],
    ['one app among very many from it', [[1, 'a'], ...Array(20).fill([2, 'b'])], true, true],
    [
      'an address that cannot be read',
      [
        [1, 'a'],
        [2, 'unknown'],
        [1, 'a'],
      ],
      false,
      false,
    ],
  ] as [string, [number, string][], boolean, boolean][])('%s', (_what, by, several, sole) => {
    // As in the vault: what convicts does so at the first report that completes it.
    const at = (callerIsSole: boolean) =>
      by.some((_, count) => isRefused(refused(by.slice(0, count + 1)), callerIsSole));
    expect([at(false), at(true)]).toEqual([several, sole]);
  });

  it('in a row: one that served in between counts from the beginning', () => {
    const health = refused([
      [1, 'a'],
      [2, 'b'],
    ]);
    const well = wellAgain(health, NOW + 10, NOW + 10) ?? health;
    expect(isRefused(refused([[1, 'a']], well), false)).toBe(false);
    // It had been delivered before the refused ones were: it says nothing of them.
    expect(wellAgain(health, NOW - 1, NOW + 10)).toBe(null);
  });

  it('a day later counts from the beginning', () => {
    const health = refused([
      [1, 'a'],
      [2, 'b'],
    ]);
    const late = NOW + 25 * HOUR;
    const after = refusedOnceMore(health, { app: 3, network: 'c', at: late }, late);
    expect(after?.refused_by).toHaveLength(1);
  });

  it('is not held to what was delivered before it was enabled again', () => {
    const enabled = forgiven(NOW);
    expect(refusedOnceMore(enabled, { app: 1, network: 'a', at: NOW - 1 }, NOW + 1)).toBe(null);
    expect(coolDown(enabled, { deliveredAt: NOW - 1, retryAfterSeconds: 3600 }, NOW + 1)).toBe(null);
    expect(refusedOnceMore(enabled, { app: 1, network: 'a', at: NOW }, NOW + 1)).not.toBe(null);
  });

  it('takes two callers in two networks, whatever they report in whatever order', () => {
    const refusal = fc.record({
      app: fc.integer({ min: 0, max: 3 }),
      network: fc.constantFrom('a', 'b', 'unknown'),
      served: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(refusal, { maxLength: 40 }), (reports) => {
        let health = WELL;
        let row: KeyRefusal[] = [];
        reports.forEach(({ app, network, served }, at) => {
          const now = NOW + at;
          if (served) {
            health = wellAgain(health, now, now) ?? health;
            row = [];
            return;
          }
          const each = { app, network, at: now };
          health = refusedOnceMore(health, each, now) ?? health;
          row.push(each);
          const networks = new Set(row.map((one) => one.network).filter((name) => name !== 'unknown'));
          const callers = new Set(row.map((one) => one.app));
          if (isRefused(health, false)) {
            expect(row.length).toBeGreaterThanOrEqual(3);
            expect([networks.size, callers.size].every((size) => size >= 2)).toBe(true);
          }
        });
        expect(health.refused_by.length).toBeLessThanOrEqual(8);
      }),
    );
  });
});
