import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClockReading } from '../../../src/domain/clock.ts';
import {
  chooseKey,
  handedOutUntil,
  howCurrentEnded,
  nextInTurn,
  type ServicePolicy,
} from '../../../src/domain/policy.ts';
import { type PolicyKey, usable } from '../../../src/domain/policy-key.ts';
import { ServiceKeys } from '../../../src/domain/service-keys.ts';
import { policyKey, SimulatedService } from '../../support/simulated-service.ts';

const T0 = Date.parse('2026-03-01T12:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = { now: T0, settled: T0 };
const at = (ms: number) => ({ now: T0 + ms, settled: T0 + ms });

/** A call: which keys cannot serve in it, and which key it brought. */
interface Served {
  readonly away: ReadonlySet<number>;
  readonly id: number | null;
}

type Event =
  | { readonly kind: 'call'; readonly excluded: readonly number[] }
  | { readonly kind: 'toggle' | 'break' | 'add'; readonly key: number };

const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Event>({ kind: 'call', excluded: [] }) },
  { weight: 1, arbitrary: fc.nat(5).map((key): Event => ({ kind: 'call', excluded: [key + 1] })) },
  { weight: 1, arbitrary: fc.nat(5).map((key): Event => ({ kind: 'toggle', key: key + 1 })) },
  { weight: 1, arbitrary: fc.nat(5).map((key): Event => ({ kind: 'break', key: key + 1 })) },
  { weight: 1, arbitrary: fc.constant<Event>({ kind: 'add', key: 0 }) },
);
const weights = fc.array(fc.constantFrom(1, 1, 2, 3, 7, 1000), { minLength: 2, maxLength: 5 });

/** Lets keys of these weights live through the events. */
function live(
  policy: 'usage' | 'failover',
  keyWeights: readonly number[],
  events: readonly Event[],
): Served[] {
  const service = new SimulatedService(
    policy,
    keyWeights.map((weight, n) => policyKey(n + 1, { weight })),
  );
  const served: Served[] = [];
  for (const each of events) {
    if (each.kind === 'add') {
      const id = service.keys.length + 1;
      service.keys.push(policyKey(id, { weight: keyWeights[id % keyWeights.length] ?? 1 }));
      service.changed();
    } else if (each.kind === 'call') {
      const excluded = new Set(each.excluded);
      const away = new Set(service.keys.filter((key) => !usable(key, T0, excluded)).map(({ id }) => id));
      for (let id = service.keys.length + 1; id < 100; id++) away.add(id);
      served.push({ away, id: service.deliver(NOW, excluded).key?.id ?? null });
    } else {
      const key = service.keys.find(({ id }) => id === each.key);
      if (key === undefined) continue;
      if (each.kind === 'break') key.broken = !key.broken;
      else key.state = key.state === 'active' ? 'disabled' : 'active';
      service.changed();
    }
  }
  return served;
}

/** The greatest and least difference of two sums, each key's calls over its weight, in any window in which both could serve. */
function spread(
  served: readonly Served[],
  one: number,
  other: number,
  weightOne = 1,
  weightOther = 1,
): number {
  let sum = 0;
  let high = 0;
  let low = 0;
  let widest = 0;
  for (const { away, id } of served) {
    if (away.has(one) || away.has(other)) {
      sum = high = low = 0;
      continue;
    }
    if (id === one) sum += 1 / weightOne;
    if (id === other) sum -= 1 / weightOther;
    high = Math.max(high, sum);
    low = Math.min(low, sum);
    widest = Math.max(widest, high - low);
  }
  return widest;
}

describe('the usage policy', () => {
  it('never spreads equal keys that serve together by more than one call, in any window, whoever comes and goes', () => {
    fc.assert(
      fc.property(weights, fc.array(event, { maxLength: 150 }), (keyWeights, events) => {
        const served = live('usage', keyWeights, events);
        const weightOf = (id: number) =>
          id <= keyWeights.length ? keyWeights[id - 1] : keyWeights[id % keyWeights.length];
        for (let one = 1; one <= 8; one++) {
          for (let other = one + 1; other <= 8; other++) {
            if (weightOf(one) === weightOf(other)) expect(spread(served, one, other)).toBeLessThanOrEqual(1);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('keeps calls in proportion to weights: never more than a turn of each key off, in any window', () => {
    fc.assert(
      fc.property(weights, fc.array(event, { maxLength: 150 }), (keyWeights, events) => {
        const served = live('usage', keyWeights, events);
        keyWeights.forEach((one, n) => {
          keyWeights.slice(n + 1).forEach((other, m) => {
            const off = spread(served, n + 1, n + m + 2, one, other);
            expect(off).toBeLessThanOrEqual(1 / one + 1 / other + 1e-9);
          });
        });
      }),
      { numRuns: 500 },
    );
  });

  it('lets a new key, and one that was away, begin level: of N keys each gets k calls in N·k, give or take one', () => {
    const cases = fc.record({
      others: fc.integer({ min: 1, max: 6 }),
      before: fc.nat(200),
      without: fc.nat(200),
      isNew: fc.boolean(),
      rounds: fc.integer({ min: 1, max: 6 }),
    });
    fc.assert(
      fc.property(cases, ({ others, before, without, isNew, rounds }) => {
        const keys = Array.from({ length: others }, (_, n) => policyKey(n + 1));
        const service = new SimulatedService('usage', keys);
        const joining = policyKey(others + 1);
        if (!isNew) keys.push(joining);
        for (let n = 0; n < before; n++) service.deliver(NOW);
        joining.state = 'disabled';
        service.changed();
        for (let n = 0; n < without; n++) service.deliver(NOW);
        joining.state = 'active';
        if (isNew) keys.push(joining);
        service.changed();
        const counts = new Map<number, number>();
        for (let n = 0; n < (others + 1) * rounds; n++) {
          const id = service.deliver(NOW).key?.id ?? 0;
          counts.set(id, (counts.get(id) ?? 0) + 1);
        }
        for (const { id } of keys) expect(Math.abs((counts.get(id) ?? 0) - rounds)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });

  it('serves equal keys in one unchanging circle', () => {
    const service = new SimulatedService('usage', [policyKey(1), policyKey(2), policyKey(3)]);
    const ids = Array.from({ length: 9 }, () => service.deliver(NOW).key?.id);
    expect(ids).toEqual([1, 2, 3, 1, 2, 3, 1, 2, 3]);
  });
});

describe('the failover policy', () => {
  it('serves the first key by position that can, and changes nothing', () => {
    fc.assert(
      fc.property(weights, fc.array(event, { maxLength: 80 }), (keyWeights, events) => {
        for (const { away, id } of live('failover', keyWeights, events)) {
          const first = Array.from({ length: 99 }, (_, n) => n + 1).find((candidate) => !away.has(candidate));
          expect(id).toBe(first ?? null);
        }
      }),
    );
  });

  it('passes over a key at its daily limit, and comes back to it', () => {
    const service = new SimulatedService('failover', [policyKey(1, { max_daily_requests: 2 }), policyKey(2)]);
    const ids = () => Array.from({ length: 3 }, () => service.deliver(NOW).key?.id);
    expect(ids()).toEqual([1, 1, 2]);
    for (const usage of service.usage.keys.values()) usage.count = 0;
    service.changed();
    expect(ids()).toEqual([1, 1, 2]);
  });
});

const anyKey = (id: number): fc.Arbitrary<PolicyKey> =>
  fc
    .record({
      state: fc.constantFrom(
        'active' as const,
        'active' as const,
        'standby' as const,
        'disabled' as const,
        'expired' as const,
        'retiring' as const,
        'retired' as const,
        'quarantined' as const,
        'burned' as const,
      ),
      weight: fc.integer({ min: 1, max: 5 }),
      expires_at: fc.constantFrom(null, null, T0 - 1, T0, T0 + 1),
      activated_at: fc.constantFrom(null, T0 - 3 * MINUTE, T0 - MINUTE, T0),
      cooling_until: fc.constantFrom(null, null, null, T0, T0 + 1, T0 + HOUR, T0 + HOUR + 1),
      broken: fc.boolean(),
      max_daily_requests: fc.constantFrom(null, 1, 2),
    })
    .map((key) => policyKey(id, key));

const anyService = fc
  .record({
    policy: fc.constantFrom('manual' as const, 'time' as const, 'usage' as const, 'failover' as const),
    keys: fc.nat(5).chain((count) => fc.tuple(...Array.from({ length: count }, (_, n) => anyKey(n + 1)))),
    current: fc.constantFrom(null, 1, 2, 3, 99),
    cycle: fc.boolean(),
    counts: fc.array(fc.nat(3), { minLength: 5, maxLength: 5 }),
    lag: fc.constantFrom(0, 0, 2 * MINUTE),
  })
  .map(({ policy, keys, current, cycle, counts, lag }) => ({
    service: {
      policy,
      keys: ServiceKeys.of<PolicyKey>(keys),
      current_key_id: current,
      on_expiry: cycle ? ('cycle' as const) : ('retire' as const),
      rotate_every_minutes: policy === 'time' ? 2 : null,
      rotation_schedule: null,
    },
    usage: {
      keys: new Map(counts.map((count, n) => [n + 1, { count, finish: count, turn: n }])),
      virtual: 0,
      turn: 5,
      order: null,
    },
    time: { now: T0, settled: T0 - lag },
  }));

/** Who comes back is no key whose turn is over. */
function firstBack(service: ServicePolicy, time: ClockReading): number | null {
  const current = service.keys.get(service.current_key_id ?? 0);
  const hasCurrent = service.policy === 'manual' || service.policy === 'time';
  const over = hasCurrent && current !== undefined && howCurrentEnded(service, current, time) !== null;
  const cooling = [...service.keys].filter(
    (key) =>
      usable({ ...key, cooling_until: null }, time.now) &&
      !usable(key, time.now) &&
      !(over && key === current),
  );
  const back = cooling.map((key) => key.cooling_until ?? 0);
  return back.length === 0 ? null : Math.min(...back);
}

describe('whatever the policy', () => {
  it('never chooses a key that is expired, cooling, out of service, broken, excluded or at its limit', () => {
    fc.assert(
      fc.property(
        anyService,
        fc.uniqueArray(fc.integer({ min: 1, max: 5 })),
        ({ service, usage, time }, ids) => {
          const excluded = new Set(ids);
          const { key } = chooseKey(service, usage, time, excluded);
          if (key === null) return;
          expect(['active', 'standby']).toContain(key.state);
          expect(key.broken).toBe(false);
          expect([null, T0, T0 + HOUR + 1]).toContain(key.cooling_until);
          expect(excluded.has(key.id)).toBe(false);
          expect(key.expires_at ?? Number.POSITIVE_INFINITY).toBeGreaterThan(time.now);
          const { count } = usage.keys.get(key.id) ?? { count: 0 };
          expect(count).toBeLessThan(key.max_daily_requests ?? Number.POSITIVE_INFINITY);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('finds a key where keys serve side by side and one can, and says truly why it finds none', () => {
    fc.assert(
      fc.property(anyService, ({ service, usage, time }) => {
        const choice = chooseKey(service, usage, time);
        const able = [...service.keys].filter((key) => usable(key, time.now));
        const spare = able.filter(
          (key) =>
            (usage.keys.get(key.id)?.count ?? 0) < (key.max_daily_requests ?? Number.POSITIVE_INFINITY),
        );
        if (able.length === 0) {
          const reason = { reason: 'no active keys', back_at: firstBack(service, time) };
          expect(choice).toEqual({ key: null, ...reason });
        }
        if (service.policy !== 'usage' && service.policy !== 'failover') return;
        if (spare.length > 0) expect(choice.key).not.toBeNull();
        else if (able.length > 0) expect(choice).toEqual({ key: null, reason: 'key daily limit reached' });
      }),
      { numRuns: 3000 },
    );
  });

  it('changes the current key only where it has ended or there is none, to a key that it then delivers', () => {
    fc.assert(
      fc.property(anyService, ({ service, usage, time }) => {
        const choice = chooseKey(service, usage, time);
        if (choice.key === null || choice.changes.length === 0) return;
        expect(['manual', 'time']).toContain(service.policy);
        const current = service.keys.get(service.current_key_id ?? 0);
        if (current !== undefined) expect(howCurrentEnded(service, current, time)).not.toBeNull();
        const active = choice.changes.filter(({ state }) => state === 'active');
        expect(active).toEqual([
          { key_id: choice.key.id, state: 'active', activated_at: time.settled, why: expect.any(String) },
        ]);
        for (const change of choice.changes) {
          if (change.state !== 'active') expect(change.key_id).toBe(service.current_key_id);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('the next key by position follows, round and round, never the one it follows', () => {
    fc.assert(
      fc.property(anyService, ({ service, time }) => {
        const { current_key_id: from } = service;
        const keys = [...service.keys];
        const index = keys.findIndex(({ id }) => id === from);
        const round = [...keys.slice(index + 1), ...keys.slice(0, Math.max(0, index))];
        const expected = round.find((key) => key.id !== from && usable(key, time.now));
        expect(nextInTurn(service, from, time.now)).toBe(expected ?? null);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the manual policy', () => {
  it('keeps the current key whatever time passes and whoever else comes and goes, until it has ended', () => {
    const step = fc.record({ ms: fc.nat(100 * MINUTE), toggled: fc.integer({ min: 2, max: 4 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const keys = [1, 2, 3, 4].map((id) => policyKey(id, { state: id === 1 ? 'active' : 'standby' }));
        const service = new SimulatedService('manual', keys, { current_key_id: 1 });
        let now = 0;
        for (const { ms, toggled } of steps) {
          now += ms;
          const other = service.key(toggled);
          other.state = other.state === 'standby' ? 'disabled' : 'standby';
          service.changed();
          expect(service.deliver(at(now))).toEqual({ key: service.key(1), changes: [] });
        }
        expect(service.policy.current_key_id).toBe(1);
      }),
    );
  });

  it('lets the next one stand in for a current key that cannot be decrypted, which stays current', () => {
    const keys = [policyKey(1), policyKey(2, { state: 'standby' })];
    const service = new SimulatedService('manual', keys, { current_key_id: 1 });
    expect(service.deliver(NOW, new Set([1]))).toMatchObject({ key: { id: 2 }, changes: [] });
    expect(service.deliver(NOW)).toMatchObject({ key: { id: 1 }, changes: [] });
  });

  it('lets the next one stand in while the current key cools, which stays current and resumes', () => {
    const keys = [policyKey(1, { cooling_until: T0 + MINUTE }), policyKey(2, { state: 'standby' })];
    const service = new SimulatedService('manual', keys, { current_key_id: 1 });
    expect(service.deliver(NOW)).toMatchObject({ key: { id: 2 }, changes: [] });
    expect(service.deliver(at(MINUTE - 1))).toMatchObject({ key: { id: 2 }, changes: [] });
    expect(service.deliver(at(MINUTE))).toMatchObject({ key: { id: 1 }, changes: [] });
  });

  it('is held back for an hour at most, however far ahead a clock was that said until when', () => {
    const keys = [policyKey(1, { cooling_until: T0 + HOUR })];
    const service = new SimulatedService('manual', keys, { current_key_id: 1 });
    expect(service.deliver(at(-1)).key?.id).toBe(1);
    expect(service.deliver(NOW)).toEqual({ key: null, reason: 'no active keys', back_at: T0 + HOUR });
  });

  it('moves on when the current key has expired, and once', () => {
    const keys = [policyKey(1, { expires_at: T0 + MINUTE }), policyKey(2, { state: 'standby' })];
    const service = new SimulatedService('manual', keys, { current_key_id: 1 });
    expect(service.deliver(at(MINUTE - 1)).key?.id).toBe(1);
    expect(service.deliver(at(MINUTE))).toMatchObject({
      key: { id: 2 },
      changes: [
        { key_id: 1, state: 'expired', why: 'expired' },
        { key_id: 2, state: 'active', activated_at: T0 + MINUTE },
      ],
    });
    expect(service.deliver(at(MINUTE + 1))).toMatchObject({ key: { id: 2 }, changes: [] });
  });
});

describe('the time policy', () => {
  const gaps = fc.array(fc.nat(25 * MINUTE), { minLength: 1, maxLength: 60 });
  const PERIOD = 10 * MINUTE;
  const cycling = (count: number) =>
    new SimulatedService(
      'time',
      Array.from({ length: count }, (_, n) =>
        policyKey(n + 1, { state: n === 0 ? 'active' : 'standby', activated_at: n === 0 ? T0 : null }),
      ),
      { current_key_id: 1, rotate_every_minutes: 10, on_expiry: 'cycle' },
    );

  it('changes exactly once when a turn is over, however long it has been, and the new turn begins then', () => {
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 4 }), (times, count) => {
        const service = cycling(count);
        let now = 0;
        let activated = 0;
        let current = 0;
        for (const gap of times) {
          now += gap;
          const due = now - activated >= PERIOD;
          const choice = service.deliver(at(now));
          if (due) {
            activated = now;
            current = (current + 1) % count;
          }
          expect(choice.key?.id).toBe(current + 1);
          expect(
            'changes' in choice && choice.changes.filter(({ state }) => state === 'active'),
          ).toHaveLength(due ? 1 : 0);
          expect(service.key(current + 1)).toMatchObject({ state: 'active', activated_at: T0 + activated });
          expect(service.keys.filter(({ state }) => state === 'active')).toHaveLength(1);
        }
      }),
    );
  });

  it('uses each key for one turn where keys retire, and then has none', () => {
    const service = cycling(3);
    service.policy.on_expiry = 'retire';
    const ids = [0, PERIOD, 2 * PERIOD, 3 * PERIOD, 4 * PERIOD].map(
      (ms) => service.deliver(at(ms)).key?.id ?? null,
    );
    expect(ids).toEqual([1, 2, 3, null, null]);
    expect(service.keys.map(({ state }) => state)).toEqual(['expired', 'expired', 'active']);
  });

  it('ends no turn by a time that is not settled: the next key stands in and nothing changes', () => {
    fc.assert(
      fc.property(fc.integer({ min: PERIOD, max: 100 * PERIOD }), (ahead) => {
        const service = cycling(2);
        const choice = service.deliver({ now: T0 + ahead, settled: T0 + PERIOD - 1 });
        expect(choice).toMatchObject({ key: { id: 2 }, changes: [] });
        expect(service.deliver(at(1))).toMatchObject({ key: { id: 1 }, changes: [] });
      }),
    );
  });

  it('tells until when a key is handed out: the end of its turn or its own, whichever is first', () => {
    const { policy } = cycling(1);
    const key = policyKey(1, { expires_at: T0 + 4 * MINUTE });
    expect(handedOutUntil(policy, key, T0)).toBe(T0 + 4 * MINUTE);
    expect(handedOutUntil(policy, { ...key, expires_at: T0 + 2 * PERIOD }, T0)).toBe(T0 + PERIOD);
    expect(handedOutUntil(policy, { ...key, expires_at: null }, T0)).toBe(T0 + PERIOD);
    expect(handedOutUntil({ ...policy, policy: 'manual' }, { ...key, expires_at: null }, T0)).toBeNull();
  });
});
