/** When turns under `time` end, while clocks jump: the rule alone, with the clock of domain/clock.ts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BELIEVED_AFTER_MS, type ClockState, readClock, startClock } from '../../../src/domain/clock.ts';
import { handedOutUntil, turnEndsAt } from '../../../src/domain/policy.ts';
import { RotationSchedule } from '../../../src/domain/rotation-schedule.ts';
import { policyKey, SimulatedService } from '../../support/simulated-service.ts';

const T0 = Date.parse('2026-03-01T12:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

interface Rule {
  readonly minutes: number | null;
  readonly schedule: string | null;
}

const RULES: readonly Rule[] = [
  { minutes: 60, schedule: null },
  { minutes: null, schedule: '30 2 * * *' },
  { minutes: null, schedule: '*/20 * * * *' },
  { minutes: 7 * 60, schedule: '0 3 * * MON' },
];

/** A service of three keys in a circle, beside a clock that can be moved. */
class Turns {
  #wall = T0;
  #mono = 0;
  #clock: ClockState = startClock(T0, 0, 0);
  readonly service: SimulatedService;

  constructor({ minutes, schedule }: Rule, zone = 'Europe/Berlin') {
    const keys = [1, 2, 3].map((id) =>
      policyKey(id, { state: id === 1 ? 'active' : 'standby', activated_at: id === 1 ? T0 : null }),
    );
    this.service = new SimulatedService('time', keys, {
      current_key_id: 1,
      on_expiry: 'cycle',
      rotate_every_minutes: minutes,
      rotation_schedule: schedule === null ? null : new RotationSchedule(schedule, zone, 0),
    });
  }

  get time(): ClockState {
    this.#clock = readClock(this.#clock, this.#wall, this.#mono);
    return this.#clock;
  }

  pass(ms: number): void {
    this.#wall += ms;
    this.#mono += ms;
  }

  step(ms: number): void {
    this.#wall += ms;
  }

  /** The process is off for so long, and starts with what it has remembered. */
  off(ms: number): void {
    this.#wall += ms;
    this.#clock = startClock(this.#wall, this.#mono, this.time.settled);
  }

  /** When the turn that is running ends. */
  get end(): number | null {
    const { policy, keys } = this.service;
    const current = keys.find(({ id }) => id === policy.current_key_id);
    return turnEndsAt(policy, current?.activated_at ?? null);
  }

  /** Asks for a key; how many keys became current by that. */
  ask(): number {
    const choice = this.service.deliver(this.time);
    return 'changes' in choice ? choice.changes.filter(({ state }) => state === 'active').length : 0;
  }
}

const anyRule = fc.constantFrom(...RULES);

describe('a turn', () => {
  it('ends after its period or at a time of its schedule, whichever comes first', () => {
    const schedule = new RotationSchedule('0 3 * * *', 'UTC', 0);
    const rule = { policy: 'time', rotate_every_minutes: 600, rotation_schedule: schedule } as const;
    const at = (text: string) => Date.parse(`2026-03-10T${text}Z`);
    expect(turnEndsAt(rule, at('12:00'))).toBe(at('22:00'));
    expect(turnEndsAt(rule, at('22:00'))).toBe(at('03:00') + DAY);
    expect(turnEndsAt({ ...rule, rotate_every_minutes: null }, at('12:00'))).toBe(at('03:00') + DAY);
    expect(turnEndsAt({ ...rule, rotation_schedule: null }, at('22:00'))).toBe(at('08:00') + DAY);
    expect(turnEndsAt({ ...rule, policy: 'manual' }, at('12:00'))).toBeNull();
    expect(turnEndsAt(rule, null)).toBeNull();
  });

  it('tells clients when it ends', () => {
    const turns = new Turns({ minutes: null, schedule: '0 3 * * *' });
    expect(handedOutUntil(turns.service.policy, turns.service.key(1), T0)).toBe(
      Date.parse('2026-03-02T02:00Z'),
    );
  });

  it('that is over by the settled time changes the key once, and none does before', () => {
    fc.assert(
      fc.property(
        anyRule,
        fc.array(fc.integer({ min: 1, max: 3 * DAY }), { maxLength: 40 }),
        (rule, gaps) => {
          const turns = new Turns(rule);
          for (const gap of gaps) {
            turns.pass(gap);
            const due = turns.time.settled >= (turns.end ?? Number.NaN);
            expect(turns.ask()).toBe(due ? 1 : 0);
            expect(turns.ask()).toBe(0);
            expect(turns.end).toBeGreaterThan(turns.time.settled);
          }
        },
      ),
    );
  });

  it.each(RULES)(
    'by %j that was over again and again while the process was off for a week is caught up once',
    (rule) => {
      const turns = new Turns(rule);
      turns.off(7 * DAY);
      expect(turns.ask()).toBe(1);
      expect(turns.ask()).toBe(0);
      expect(turns.service.key(2).activated_at).toBe(T0 + 7 * DAY);
    },
  );

  it('that has begun is never begun again by a clock that is set back, however far and often', () => {
    fc.assert(
      fc.property(
        anyRule,
        fc.array(fc.integer({ min: 1, max: 30 * DAY }), { minLength: 1, maxLength: 5 }),
        (rule, steps) => {
          const turns = new Turns(rule);
          turns.pass((turns.end ?? Number.NaN) - T0);
          expect(turns.ask()).toBe(1);
          const end = turns.end;
          for (const back of steps) {
            turns.step(-back);
            expect(turns.ask()).toBe(0);
            turns.off(0);
            expect(turns.ask()).toBe(0);
          }
          expect(turns.end).toBe(end);
        },
      ),
    );
  });

  it('ends by a clock that leaps ahead only once that has lasted an hour, and once', () => {
    fc.assert(
      fc.property(anyRule, fc.integer({ min: 8 * DAY, max: 400 * DAY }), (rule, ahead) => {
        const turns = new Turns(rule);
        const { end } = turns;
        turns.step(ahead);
        expect(turns.service.deliver(turns.time)).toMatchObject({ key: { id: 2 }, changes: [] });
        turns.step(-ahead);
        expect(turns.service.deliver(turns.time)).toMatchObject({ key: { id: 1 }, changes: [] });
        expect(turns.end).toBe(end);
        turns.step(ahead);
        // The first reading of a step is the one from which on it has to last.
        expect(turns.ask()).toBe(0);
        turns.pass(10 * MINUTE);
        expect(turns.ask()).toBe(0);
        turns.pass(BELIEVED_AFTER_MS);
        expect(turns.ask()).toBe(1);
        expect(turns.ask()).toBe(0);
      }),
    );
  });

  it('that ends while the clock is wrong lasts no longer for that', () => {
    const turns = new Turns({ minutes: 20, schedule: null });
    turns.step(400 * DAY);
    turns.ask();
    turns.pass(20 * MINUTE);
    expect(turns.ask(), 'it is over by the monotonic clock, too').toBe(1);
    turns.step(-400 * DAY);
    turns.ask();
    expect(turns.end).toBe(T0 + 40 * MINUTE);
  });
});

describe.each([
  ['Europe/Berlin', '30 2 * * *', '2026-03-29T00:00Z', '2026-10-25T00:00Z'],
  ['America/New_York', '30 1 * * *', '2026-03-08T06:00Z', '2026-11-01T05:00Z'],
  ['America/New_York', '30 2 * * *', '2026-03-08T06:00Z', '2026-11-01T05:00Z'],
])('a turn in %s by "%s"', (zone, schedule, ...nights) => {
  it.each(nights)('changes the key once in the night of %s, in which the clock is moved', (night) => {
    const turns = new Turns({ minutes: null, schedule }, zone);
    turns.off(Date.parse(night) - T0 - HOUR);
    turns.ask();
    let changes = 0;
    for (let minute = 0; minute < 8 * 60; minute++) {
      turns.pass(MINUTE);
      changes += turns.ask();
    }
    expect(changes).toBe(1);
  });
});
