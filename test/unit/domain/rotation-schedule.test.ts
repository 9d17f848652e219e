import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import {
  LONGEST_SCHEDULE,
  RotationSchedule,
  scheduleMistake,
} from '../../../src/domain/rotation-schedule.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const EVERY_OTHER = Array.from({ length: 30 }, (_, n) => n * 2).join(',');

/** The first `count` times of a schedule after `from`, as UTC to the minute. */
function times(expression: string, timezone: string, from: string, count: number): string[] {
  const schedule = new RotationSchedule(expression, timezone, 0);
  const found: string[] = [];
  for (let at = Date.parse(from); found.length < count; ) {
    at = schedule.after(at) ?? Number.NaN;
    found.push(new Date(at).toISOString().slice(0, 16));
  }
  return found;
}

describe('a rotation schedule', () => {
  it.each([
    '* * * * *',
    '0 3 * * *',
    '*/15 0-6,22 1,15 JAN-MAR mon-fri',
    '0 0 29 2 *',
    '0 0 * * 7',
    '0 0 31 2 1',
    '0 8-18/2 * * *',
    `${EVERY_OTHER} * * * *`,
  ])('may be "%s"', (expression) => {
    expect(expression.length).toBeLessThanOrEqual(LONGEST_SCHEDULE);
    expect(scheduleMistake(expression)).toBeNull();
  });

  it.each([
    ['', 'must be five fields'],
    ['0 3 * *', 'must be five fields'],
    ['0 0 3 * * *', 'must be five fields'],
    ['0  3 * * *', 'must be five fields'],
    ['@daily', 'must be five fields'],
    ['2026-01-01T00:00:00', 'must be five fields'],
    ['60 3 * * *', 'has no valid minute: it takes 0 to 59'],
    ['*/0 3 * * *', 'has no valid minute'],
    ['0/5 3 * * *', 'has no valid minute'],
    ['0 24 * * *', 'has no valid hour'],
    ['0 22-2 * * *', 'has no valid hour'],
    ['0 3 0 * *', 'has no valid day of the month'],
    ['0 3 L * *', 'has no valid day of the month'],
    ['0 3 ? * *', 'has no valid day of the month'],
    ['0 3 1W * *', 'has no valid day of the month'],
    ['0 3 1 MON *', 'has no valid month'],
    ['0 3 * * MON#1', 'has no valid day of the week'],
    ['0 3 * * 8', 'has no valid day of the week'],
    ['0 3 30 2 *', 'never comes'],
    ['0 3 31 4,6,9,11 *', 'never comes'],
  ])('cannot be "%s"', (expression, mistake) => {
    expect(scheduleMistake(expression)).toContain(mistake);
  });

  it('whatever is written, is told of or can be kept to', () => {
    const characters = fc.constantFrom(...'0123456789*/,- MONLW#?@'.split(''));
    const near = fc.array(fc.string({ unit: characters, minLength: 1, maxLength: 4 }), {
      minLength: 5,
      maxLength: 5,
    });
    fc.assert(
      fc.property(
        fc.oneof(
          near.map((fields) => fields.join(' ')),
          fc.string(),
        ),
        (expression) => {
          if (scheduleMistake(expression) !== null) return;
          expect(new RotationSchedule(expression, 'Europe/Berlin', 0).after(Date.now())).toBeGreaterThan(0);
        },
      ),
    );
  });

  it('comes where either day does, if both are given', () => {
    expect(times('0 0 13 * FRI', 'UTC', '2026-03-10T00:00Z', 4)).toEqual([
      '2026-03-13T00:00',
      '2026-03-20T00:00',
      '2026-03-27T00:00',
      '2026-04-03T00:00',
    ]);
  });

  it('comes on 29 February in leap years alone, also across 2100', () => {
    expect(times('0 0 29 2 *', 'UTC', '2095-01-01T00:00Z', 3)).toEqual([
      '2096-02-29T00:00',
      '2104-02-29T00:00',
      '2108-02-29T00:00',
    ]);
  });

  it('does not come before it was set', () => {
    const set = Date.parse('2026-03-10T12:00Z');
    const schedule = new RotationSchedule('0 3 * * *', 'UTC', set);
    expect(schedule.after(set - 10 * DAY)).toBe(Date.parse('2026-03-11T03:00Z'));
    expect(schedule.after(set + DAY)).toBe(Date.parse('2026-03-12T03:00Z'));
  });
});

describe('where daylight-saving time moves the clock', () => {
  it.each([
    // Ahead: in Berlin 02:00 to 03:00 does not come on 29 March 2026, in New York on 8 March.
    ['30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00Z', ['2026-03-29T01:00', '2026-03-30T00:30']],
    ['15,45 2 * * *', 'Europe/Berlin', '2026-03-28T12:00Z', ['2026-03-29T01:00', '2026-03-30T00:15']],
    ['0 3 * * *', 'Europe/Berlin', '2026-03-28T12:00Z', ['2026-03-29T01:00', '2026-03-30T01:00']],
    ['30 2 * * *', 'America/New_York', '2026-03-07T12:00Z', ['2026-03-08T07:00', '2026-03-09T06:30']],
    ['0 * * * *', 'Europe/Berlin', '2026-03-29T00:00Z', ['2026-03-29T01:00', '2026-03-29T02:00']],
    ['*/30 * * * *', 'America/New_York', '2026-03-08T06:30Z', ['2026-03-08T07:00', '2026-03-08T07:30']],
    ['*/30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00Z', ['2026-03-30T00:00', '2026-03-30T00:30']],
    // In Nuuk it is the hour before midnight, 23:00 to 24:00 of 28 March.
    ['30 23 * * *', 'America/Nuuk', '2026-03-28T12:00Z', ['2026-03-29T01:00', '2026-03-30T00:30']],
    ['0,30 23 28,29 3 *', 'America/Nuuk', '2026-03-28T12:00Z', ['2026-03-29T01:00', '2026-03-30T00:00']],
    ['59 22 * * *', 'America/Nuuk', '2026-03-28T12:00Z', ['2026-03-29T00:59', '2026-03-29T23:59']],
    ['*/30 23 * * *', 'America/Nuuk', '2026-03-28T12:00Z', ['2026-03-30T00:00', '2026-03-30T00:30']],
    // Back: in Berlin 02:00 to 03:00 comes twice on 25 October 2026, in New York 01:00 to 02:00 on 1 November.
    ['30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00Z', ['2026-10-25T00:30', '2026-10-26T01:30']],
    ['0 3 * * *', 'Europe/Berlin', '2026-10-24T12:00Z', ['2026-10-25T02:00', '2026-10-26T02:00']],
    ['30 1 * * *', 'America/New_York', '2026-10-31T12:00Z', ['2026-11-01T05:30', '2026-11-02T06:30']],
    ['0 * * * *', 'Europe/Berlin', '2026-10-25T00:00Z', ['2026-10-25T01:00', '2026-10-25T02:00']],
    ['*/30 * * * *', 'America/New_York', '2026-11-01T05:30Z', ['2026-11-01T06:00', '2026-11-01T06:30']],
    ['*/30 2 * * *', 'Europe/Berlin', '2026-10-25T00:30Z', ['2026-10-25T01:00', '2026-10-25T01:30']],
  ])('"%s" in %s after %s comes at %j', (expression, timezone, from, expected) => {
    expect(times(expression, timezone, from, 2)).toEqual(expected);
  });

  it('a time of day comes once a day, whichever zone and time', () => {
    const zones = [
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Africa/Cairo',
      'Asia/Kolkata',
      'UTC',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.nat(23),
        fc.nat(59),
        fc.date({ min: new Date('2020-01-01'), max: new Date('2035-01-01'), noInvalidDate: true }),
        (zone, hour, minute, start) => {
          const schedule = new RotationSchedule(`${minute} ${hour} * * *`, zone, 0);
          const dateOf = (at: number) =>
            Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDate();
          let at = schedule.after(start.getTime()) ?? Number.NaN;
          for (let day = 0; day < 200; day++) {
            const next = schedule.after(at) ?? Number.NaN;
            expect(dateOf(next).toString()).toBe(dateOf(at).add({ days: 1 }).toString());
            at = next;
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  it('a time that comes is one that was asked for, after the one given, and none is left out between the two', () => {
    const expressions = ['30 2 * * *', '*/20 1-3 * * *', '0 */6 * * *', '15 3 * * MON', '0 0 1 * *'];
    fc.assert(
      fc.property(
        fc.constantFrom(...expressions),
        fc.constantFrom('Europe/Berlin', 'America/New_York', 'UTC'),
        fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2027-01-01') }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (expression, zone, from, share) => {
          const next = new RotationSchedule(expression, zone, 0).after(from) ?? Number.NaN;
          expect(next).toBeGreaterThan(from);
          expect(next % MINUTE).toBe(0);
          const between = Math.floor(from + (next - 1 - from) * share);
          expect(new RotationSchedule(expression, zone, 0).after(between)).toBe(next);
        },
      ),
      { numRuns: 300 },
    );
  });
});
