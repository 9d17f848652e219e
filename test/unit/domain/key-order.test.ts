import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LONGEST_COOLING_MS,
  type PolicyKey,
  type Usage,
  underLimit,
  usable,
} from '../../../src/domain/policy-key.ts';
import { ServiceKeys } from '../../../src/domain/service-keys.ts';
import { policyKey, SimulatedService } from '../../support/simulated-service.ts';

const T0 = Date.parse('2026-03-01T12:00:00Z');

/** The rule of the usage policy as one look at every key: the earliest start, then the turn that is longest ago. */
function balanced(keys: readonly PolicyKey[], usage: Usage, now: number, excluded: ReadonlySet<number>) {
  const able = keys.filter((key) => usable(key, now, excluded) && underLimit(key, usage));
  const rank = (key: PolicyKey) => {
    const { finish, turn } = usage.keys.get(key.id) ?? { finish: 0, turn: 0 };
    return [Math.max(finish, usage.virtual), turn, key.position, key.id];
  };
  return able.toSorted((one, other) => compare(rank(one), rank(other)))[0]?.id ?? null;
}

function firstByPosition(
  keys: readonly PolicyKey[],
  usage: Usage,
  now: number,
  excluded: ReadonlySet<number>,
) {
  const able = keys.filter((key) => usable(key, now, excluded) && underLimit(key, usage));
  return (
    able.toSorted((one, other) => compare([one.position, one.id], [other.position, other.id]))[0]?.id ?? null
  );
}

function compare(one: readonly number[], other: readonly number[]): number {
  for (const [at, value] of one.entries()) if (value !== other[at]) return value - (other[at] ?? 0);
  return 0;
}

const key = fc.record({
  weight: fc.constantFrom(1, 1, 2, 3, 1000),
  position: fc.integer({ min: 1, max: 4 }),
  max_daily_requests: fc.constantFrom(null, null, 1, 3),
  expires_at: fc.constantFrom(null, null, T0 + 5, T0 + 10),
  state: fc.constantFrom('active' as const, 'active' as const, 'standby' as const, 'disabled' as const),
  broken: fc.constantFrom(false, false, false, true),
  cooling_until: fc.constantFrom(null, null, T0 + 3, T0 + 8, T0 + 6 + LONGEST_COOLING_MS),
});
const step = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('deliver' as const),
      excluded: fc.uniqueArray(fc.nat(8), { maxLength: 2 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('clock' as const), to: fc.integer({ min: 0, max: 12 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('new day' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('elsewhere' as const), of: fc.nat(8), calls: fc.nat(3) }),
  },
);

describe.each([
  ['usage', balanced],
  ['failover', firstByPosition],
] as const)('what a choice under %s keeps for the next one', (policy, rule) => {
  it('leads to the same key as a look at all of them, whatever was served, expired, set back or excluded', () => {
    fc.assert(
      fc.property(
        fc.array(key, { minLength: 1, maxLength: 8 }),
        fc.array(step, { maxLength: 80 }),
        (keys, steps) => {
          const service = new SimulatedService(
            policy,
            keys.map((more, n) => policyKey(n + 1, more)),
          );
          let now = T0;
          for (const each of steps) {
            if (each.kind === 'clock') now = T0 + each.to;
            if (each.kind === 'new day') {
              for (const used of service.usage.keys.values()) used.count = 0;
              service.usage.order = null;
            }
            if (each.kind === 'elsewhere') {
              const id = (each.of % keys.length) + 1;
              const { finish, turn, count } = service.usage.keys.get(id) ?? { finish: 0, turn: 0, count: 0 };
              const used = {
                count: count + each.calls,
                finish: finish + each.calls,
                turn: turn + each.calls,
              };
              service.usage.keys.set(id, used);
              service.usage.order?.delivered(service.key(id), used);
            }
            if (each.kind !== 'deliver') continue;
            const excluded = new Set(each.excluded);
            const expected = rule(service.keys, service.usage, now, excluded);
            expect(service.deliver({ now, settled: now }, excluded).key?.id ?? null).toBe(expected);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('the keys of a service', () => {
  const keys = (...places: [id: number, position: number][]) =>
    ServiceKeys.of(places.map(([id, position]) => policyKey(id, { position })));
  const ids = (of: Iterable<PolicyKey>) => [...of].map(({ id }) => id);

  it('stand in the order of position and id, and follow each other round and round', () => {
    const some = keys([3, 1], [1, 2], [2, 1]);
    expect(ids(some)).toEqual([2, 3, 1]);
    expect(ids(some.after(3))).toEqual([1, 2]);
    expect(ids(some.after(99))).toEqual([2, 3, 1]);
    expect(ids(some.after(null))).toEqual([2, 3, 1]);
  });

  it('are replaced in their place, and only there', () => {
    const some = keys([1, 1], [2, 1], [3, 2]);
    some.replace(policyKey(2, { position: 1, max_daily_requests: 7, broken: true }));
    expect(some.get(2)).toMatchObject({ max_daily_requests: 7 });
    expect(ids(some)).toEqual([1, 2, 3]);
    expect([some.largestDailyLimit, some.anyBroken]).toEqual([7, true]);
    expect(() => some.replace(policyKey(2, { position: 5 }))).toThrow('key 2');
    expect(() => some.replace(policyKey(9))).toThrow('key 9');
  });

  it('become others by what is added and left out', () => {
    const before = keys([1, 1], [2, 2], [3, 3]);
    const after = before.with(
      [policyKey(2, { position: 9 }), policyKey(4, { position: 2 })],
      new Set([2, 3]),
    );
    expect(ids(after)).toEqual([1, 4, 2]);
    expect(ids(before)).toEqual([1, 2, 3]);
  });
});
