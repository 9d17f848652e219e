import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NetworkThrottle } from '../../../src/domain/network-throttle.ts';

const T = 1_700_000_000_000;
const MINUTE = 60_000;

function throttleOf(limit: number, maxNetworks = 1000): NetworkThrottle {
  return new NetworkThrottle({ limit, windowMs: MINUTE, maxNetworks });
}

/** Charges while the throttle lets it, at most `tries` times; how many passed. */
function chargeAsAllowed(throttle: NetworkThrottle, network: string, now: number, tries: number): number {
  let passed = 0;
  for (let i = 0; i < tries; i++) {
    if (throttle.retryAfter(network, now) > 0) continue;
    throttle.charge(network, now);
    passed++;
  }
  return passed;
}

describe('a network', () => {
  test('gets exactly the limit in a window, and again in the next', () => {
    const throttle = throttleOf(200);
    expect(chargeAsAllowed(throttle, 'a', T, 500)).toBe(200);
    expect(chargeAsAllowed(throttle, 'a', T + MINUTE - 1, 500)).toBe(0);
    expect(chargeAsAllowed(throttle, 'a', T + MINUTE, 500)).toBe(200);
  });

  test('is told the seconds until its window ends, rounded up and at least one', () => {
    const throttle = throttleOf(1);
    throttle.charge('a', T);
    expect(throttle.retryAfter('a', T)).toBe(60);
    expect(throttle.retryAfter('a', T + 1)).toBe(60);
    expect(throttle.retryAfter('a', T + 58_001)).toBe(2);
    expect(throttle.retryAfter('a', T + 59_999)).toBe(1);
    expect(throttle.retryAfter('a', T + 60_000)).toBe(0);
  });

  test('has its window begin with its own first charge, not with a full minute', () => {
    const throttle = throttleOf(2);
    throttle.charge('a', T + 59_000);
    throttle.charge('a', T + 61_000);
    expect(throttle.retryAfter('a', T + 118_999)).toBe(1);
    expect(throttle.retryAfter('a', T + 119_000)).toBe(0);
  });

  test('does not pay for asking', () => {
    const throttle = throttleOf(1);
    for (let i = 0; i < 50; i++) expect(throttle.retryAfter('a', T)).toBe(0);
    throttle.charge('a', T + 500);
    expect(throttle.retryAfter('a', T + 500)).toBe(60);
  });

  test('is not held back by another', () => {
    const throttle = throttleOf(1);
    throttle.charge('a', T);
    expect(throttle.retryAfter('b', T)).toBe(0);
  });
});

describe('when the clock goes backwards', () => {
  test('nobody waits longer than one window', () => {
    const throttle = throttleOf(1);
    throttle.charge('a', T);
    expect(throttle.retryAfter('a', T - 3_600_000)).toBe(60);
    expect(throttle.retryAfter('a', T - 3_600_000 + MINUTE)).toBe(0);
  });

  test('a spent window is not reopened', () => {
    const throttle = throttleOf(3);
    expect(chargeAsAllowed(throttle, 'a', T, 5)).toBe(3);
    expect(chargeAsAllowed(throttle, 'a', T - 3_600_000, 5)).toBe(0);
    expect(chargeAsAllowed(throttle, 'a', T - 3_600_000 + MINUTE - 1, 5)).toBe(0);
  });

  test('a step within the window leaves its end where it was', () => {
    const throttle = throttleOf(1);
    throttle.charge('a', T);
    expect(throttle.retryAfter('a', T + 50_000)).toBe(10);
    expect(throttle.retryAfter('a', T + 20_000)).toBe(40);
    expect(throttle.retryAfter('a', T + 59_999)).toBe(1);
    expect(throttle.retryAfter('a', T + 60_000)).toBe(0);
  });

  test('out of an ended window back into it, the window is still spent', () => {
    const throttle = throttleOf(1);
    throttle.charge('a', T);
    expect(throttle.retryAfter('a', T + 60_000)).toBe(0);
    expect(throttle.retryAfter('a', T + 59_000)).toBe(1);
  });
});

describe('memory', () => {
  test('is bounded: a new network displaces the one longest unused, and only that', () => {
    const throttle = throttleOf(1, 3);
    for (const network of ['a', 'b', 'c']) throttle.charge(network, T);
    expect(throttle.retryAfter('a', T)).toBe(60);
    throttle.charge('d', T);
    expect(['a', 'b', 'c', 'd'].map((network) => throttle.retryAfter(network, T))).toEqual([60, 0, 60, 60]);
  });

  test('forgets networks in the order of their last use', () => {
    const throttle = throttleOf(1, 3);
    for (const network of ['a', 'b', 'c']) throttle.charge(network, T);
    expect(throttle.retryAfter('b', T)).toBe(60);
    for (const network of ['d', 'e']) throttle.charge(network, T);
    expect(['b', 'd', 'e'].map((network) => throttle.retryAfter(network, T))).toEqual([60, 60, 60]);
    expect(['a', 'c'].map((network) => throttle.retryAfter(network, T))).toEqual([0, 0]);
  });

  test('stays bounded when an unknown network only asks', () => {
    const throttle = throttleOf(1, 1);
    throttle.charge('a', T);
    for (let i = 0; i < 10; i++) throttle.retryAfter(`stranger ${i}`, T);
    expect(throttle.retryAfter('a', T)).toBe(60);
  });

  test('of a single network still throttles that one', () => {
    const throttle = throttleOf(1, 1);
    throttle.charge('a', T);
    throttle.charge('b', T);
    expect(throttle.retryAfter('b', T)).toBe(60);
    expect(throttle.retryAfter('a', T)).toBe(0);
  });
});

test.each([
  { limit: 0, windowMs: 1, maxNetworks: 1 },
  { limit: 1, windowMs: 0, maxNetworks: 1 },
  { limit: 1, windowMs: 1, maxNetworks: 0 },
  { limit: 1.5, windowMs: 1, maxNetworks: 1 },
])('a throttle of %j is refused', (settings) => {
  expect(() => new NetworkThrottle(settings)).toThrow(RangeError);
});

/** The same rules over a plain array, the longest unused network first. */
class NaiveThrottle {
  readonly #settings: { limit: number; windowMs: number; maxNetworks: number };
  #known: { network: string; startsAt: number; charges: number }[] = [];

  constructor(settings: { limit: number; windowMs: number; maxNetworks: number }) {
    this.#settings = settings;
  }

  #touch(network: string, now: number) {
    const entry = this.#known.find((known) => known.network === network);
    if (entry === undefined) return undefined;
    this.#known = [...this.#known.filter((known) => known !== entry), entry];
    entry.startsAt = Math.min(entry.startsAt, now);
    return entry;
  }

  retryAfter(network: string, now: number): number {
    const entry = this.#touch(network, now);
    const endsAt = entry === undefined ? now : entry.startsAt + this.#settings.windowMs;
    if (entry === undefined || now >= endsAt || entry.charges < this.#settings.limit) return 0;
    return Math.ceil((endsAt - now) / 1000);
  }

  charge(network: string, now: number): void {
    const entry = this.#touch(network, now);
    if (entry !== undefined && now < entry.startsAt + this.#settings.windowMs) {
      entry.charges++;
      return;
    }
    this.#known = this.#known.filter((known) => known !== entry);
    this.#known.push({ network, startsAt: now, charges: 1 });
    this.#known = this.#known.slice(-this.#settings.maxNetworks);
  }
}

test('over any sequence of calls it answers as a naive model does, and never more than one window', () => {
  const settings = fc.record({
    limit: fc.integer({ min: 1, max: 4 }),
    windowMs: fc.integer({ min: 1, max: 5000 }),
    maxNetworks: fc.integer({ min: 1, max: 4 }),
  });
  const steps = fc.array(
    fc.record({
      network: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      charge: fc.boolean(),
      elapsed: fc.oneof(
        { weight: 8, arbitrary: fc.integer({ min: 0, max: 20 }) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 2500 }) },
        { weight: 1, arbitrary: fc.integer({ min: -6000, max: 6000 }) },
      ),
    }),
    { maxLength: 80 },
  );
  fc.assert(
    fc.property(settings, steps, (given, calls) => {
      const throttle = new NetworkThrottle(given);
      const model = new NaiveThrottle(given);
      let now = T;
      for (const { network, charge, elapsed } of calls) {
        now += elapsed;
        const wait = throttle.retryAfter(network, now);
        expect(wait).toBe(model.retryAfter(network, now));
        expect(wait).toBeLessThanOrEqual(Math.ceil(given.windowMs / 1000));
        if (charge) {
          throttle.charge(network, now);
          model.charge(network, now);
        }
      }
    }),
    { numRuns: 1000 },
  );
});
