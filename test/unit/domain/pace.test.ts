import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Pace } from '../../../src/domain/pace.ts';

const paceOf = (more: { maxWaitMs?: number; maxNames?: number } = {}) =>
  new Pace({ perSecond: 100, burst: 5, maxWaitMs: 1_000, maxNames: 10, ...more });

it('lets a burst through at once, and then one at a time', () => {
  const pace = paceOf();
  const waits = Array.from({ length: 8 }, () => pace.takeTurn('a', 0));
  expect(waits).toEqual([0, 0, 0, 0, 0, 10, 20, 30]);
});

it('lets a whole burst through again after as long as it takes at its pace', () => {
  const pace = paceOf();
  for (let turn = 0; turn < 5; turn++) pace.takeTurn('a', 0);
  expect(Array.from({ length: 6 }, () => pace.takeTurn('a', 50))).toEqual([0, 0, 0, 0, 0, 10]);
});

it('puts off the next ones by the turns that were charged, and no further than the bound', () => {
  const pace = paceOf({ maxWaitMs: 60 });
  expect(pace.takeTurn('a', 0)).toBe(0);
  pace.charge('a', 0, 3);
  expect([pace.takeTurn('a', 0), pace.takeTurn('a', 0)]).toEqual([0, 10]);
  for (let page = 0; page < 50; page++) pace.charge('a', 0, 3);
  expect(pace.takeTurn('a', 0)).toBe(60);
  expect(pace.takeTurn('a', 100)).toBe(0);
  expect(pace.takeTurn('b', 0)).toBe(0);
});

it('makes nobody wait for another, nor longer than the bound', () => {
  const pace = paceOf({ maxWaitMs: 25 });
  const waits = Array.from({ length: 100 }, () => pace.takeTurn('a', 0));
  expect(Math.max(...waits)).toBe(25);
  expect(pace.takeTurn('b', 0)).toBe(0);
  // What waited no longer than the bound was not put off any further.
  expect(pace.takeTurn('a', 25)).toBeLessThanOrEqual(10);
});

it('slows whoever asks again only after an answer to the pace, however many ask', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 80 }), fc.integer({ min: 1, max: 20 }), (connections, seconds) => {
      const pace = paceOf();
      const freeAt = Array.from({ length: connections }, () => 0);
      let answers = 0;
      for (;;) {
        const now = Math.min(...freeAt);
        if (now >= seconds * 1_000) break;
        freeAt[freeAt.indexOf(now)] = now + 0.1 + pace.takeTurn('a', now);
        answers++;
      }
      expect(answers).toBeLessThanOrEqual(seconds * 100 + 5 + connections);
    }),
    { numRuns: 50 },
  );
});

it('remembers no more names than its bound', () => {
  const pace = paceOf({ maxNames: 2 });
  for (let turn = 0; turn < 6; turn++) pace.takeTurn('a', 0);
  for (const name of ['b', 'c']) pace.takeTurn(name, 0);
  expect(pace.takeTurn('a', 0)).toBe(0);
});
