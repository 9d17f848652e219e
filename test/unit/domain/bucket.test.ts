import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EMPTY, type Flow, type Level, take, waitForRoom } from '../../../src/domain/bucket.ts';

/** Takes as many as there is room for at `now`. */
function drain(level: Level, flow: Flow, now: number): { level: Level; taken: number } {
  let taken = 0;
  let after = level;
  while (waitForRoom(after, flow, now) === 0) {
    after = take(after, flow, now);
    taken++;
  }
  return { level: after, taken };
}

const flows = fc.record({
  perSecond: fc.integer({ min: 1, max: 100_000 }),
  burst: fc.integer({ min: 1, max: 300 }),
});

it('lets a burst through at once, to the last one, at any pace and any time', () => {
  fc.assert(
    fc.property(flows, fc.double({ min: 0, max: 1e12, noNaN: true }), (flow, now) => {
      expect(drain(EMPTY, flow, now).taken).toBe(flow.burst);
    }),
  );
});

it('lets no more through in any time than the burst and what the pace makes of the time', () => {
  const steps = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 60 });
  const slow = fc.record({
    perSecond: fc.integer({ min: 1, max: 50 }),
    burst: fc.integer({ min: 1, max: 20 }),
  });
  fc.assert(
    fc.property(slow, steps, (flow, gaps) => {
      const admitted: number[] = [];
      let level = EMPTY;
      let now = 1_000_000;
      for (const gap of gaps) {
        now += gap;
        const drained = drain(level, flow, now);
        level = drained.level;
        for (let each = 0; each < drained.taken; each++) admitted.push(now);
      }
      for (const [from, first] of admitted.entries()) {
        for (let until = from; until < admitted.length; until++) {
          const elapsed = (admitted[until] as number) - first;
          expect(until - from + 1).toBeLessThanOrEqual(flow.burst + (elapsed * flow.perSecond) / 1000);
        }
      }
    }),
  );
});

it('has room after the wait that it names, and not sooner', () => {
  fc.assert(
    fc.property(flows, fc.integer({ min: 0, max: 1e9 }), (flow, now) => {
      const { level } = drain(EMPTY, flow, now);
      const wait = waitForRoom(level, flow, now);
      expect(wait).toBeCloseTo(1000 / flow.perSecond, 2);
      expect(waitForRoom(level, flow, now + wait + 0.001)).toBe(0);
      expect(waitForRoom(level, flow, now + wait - 0.002)).toBeGreaterThan(0);
    }),
  );
});

it('gives the whole of its pace to whoever waits as long as told, at a pace that is no part of a second too', () => {
  const flow = { perSecond: 3, burst: 1 };
  let level = EMPTY;
  let now = 0;
  for (let each = 0; each < 3_000; each++) {
    now += waitForRoom(level, flow, now);
    level = take(level, flow, now);
  }
  expect(now).toBeGreaterThan(999_000);
  expect(now).toBeLessThan(1_000_010);
});

it('is refilled by no clock that goes back', () => {
  const flow = { perSecond: 10, burst: 5 };
  const { level } = drain(EMPTY, flow, 10_000);
  expect(waitForRoom(level, flow, 0)).toBe(100);
  expect(waitForRoom(take(level, flow, 0), flow, 10_000)).toBeGreaterThan(0);
});

it('that was made smaller keeps nobody waiting for what was used before', () => {
  const { level } = drain(EMPTY, { perSecond: 1, burst: 300 }, 0);
  expect(waitForRoom(level, { perSecond: 1, burst: 2 }, 0)).toBe(1_000);
});
