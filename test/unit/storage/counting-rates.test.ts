import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readClock, startClock } from '../../../src/domain/clock.ts';
import { judgeRateLimit } from '../../../src/domain/rate-limit.ts';
import type { AppSubject, ServiceSubject } from '../../../src/storage/configuration.ts';
import { charge, openAppDay } from '../../../src/storage/counting.ts';
import type { Delivered } from '../../../src/storage/engine.ts';
import { Buckets } from '../../../src/storage/rate-limits.ts';

const LIMIT = { per_second: null, burst: null, per_minute: 3, per_hour: 20 };
const T0 = Date.parse('2026-03-01T12:00:30Z');
const NEVER = { starts_at: 0, ends_at: 0, count: 0 };

/** What a charge of an app needs of a delivery and its service. */
const DELIVERY = {
  key: { id: 1 },
  balance: { start: 0, finish: 0, turn: 0 },
  changes: [],
} as unknown as Delivered;
const service = () => ({ day: null, keys: new Map(), order: null }) as unknown as ServiceSubject;

function appWith(limit: typeof LIMIT): AppSubject {
  return {
    config: { id: 1, rate_limit: limit } as unknown as AppSubject['config'],
    day: null,
    bucket: new Buckets().of(1, limit),
    windows: { minute: NEVER, hour: NEVER },
  };
}

/** Time passes, and somebody may set the wall clock. */
const moments = fc.array(
  fc.record({
    passes: fc.oneof(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 0, max: 4_000_000 })),
    step: fc.option(fc.integer({ min: -90_000_000, max: 90_000_000 })),
    asks: fc.integer({ min: 1, max: 8 }),
  }),
  { minLength: 1, maxLength: 60 },
);

it('a minute and an hour are spent once and opened in their order, however the wall clock is set', () => {
  fc.assert(
    fc.property(moments, (all) => {
      const app = appWith(LIMIT);
      let [wall, mono] = [T0, 0];
      let clock = startClock(wall, mono, 0);
      const delivered = new Map<string, number>();
      let lastMinute = 0;
      for (const { passes, step, asks } of all) {
        wall += passes + (step ?? 0);
        mono += passes;
        clock = readClock(clock, wall, mono);
        for (let ask = 0; ask < asks; ask++) {
          openAppDay(app, clock.settled);
          if (app.windows === null) throw new Error('windows were lost');
          const { minute, hour } = app.windows;
          expect(minute.starts_at).toBeGreaterThanOrEqual(lastMinute);
          lastMinute = minute.starts_at;
          expect(clock.settled).toBeLessThan(minute.ends_at);
          const refused = judgeRateLimit(LIMIT, { level: { used: 0, at: 0 }, windows: app.windows }, clock);
          if (refused !== null) {
            expect(refused.retry_after_seconds).toBeGreaterThanOrEqual(1);
            continue;
          }
          charge(DELIVERY, service(), app, clock);
          for (const name of [`minute ${minute.starts_at}`, `hour ${hour.starts_at}`])
            delivered.set(name, (delivered.get(name) ?? 0) + 1);
        }
      }
      for (const [name, count] of delivered)
        expect(count, name).toBeLessThanOrEqual(name.startsWith('minute') ? 3 : 20);
    }),
  );
});

it('a bucket outlives what was loaded of its app, and there is none without a limit per second', () => {
  const buckets = new Buckets();
  const limit = { ...LIMIT, per_second: 5 };
  const bucket = buckets.of(1, limit);
  expect(buckets.of(1, { ...limit, per_second: 9 })).toBe(bucket);
  expect(buckets.of(2, limit)).not.toBe(bucket);
  expect(buckets.of(1, LIMIT)).toBeNull();
  expect(buckets.of(1, null)).toBeNull();
});
