import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isTimeOfDay, isTimezone, limitDay, utcDay } from '../../../src/domain/limit-day.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function at(text: string): number {
  return Date.parse(text);
}

function dayAsText(instant: string, timezone: string, dayResetsAt: string): string[] {
  const { startsAt, endsAt } = limitDay(at(instant), timezone, dayResetsAt);
  return [startsAt, endsAt].map((ms) => new Date(ms).toISOString().replace(/:00\.000Z$/, 'Z'));
}

describe('the limit day', () => {
  test.each([
    [
      '2026-03-10T12:00Z',
      'UTC',
      '00:00',
      '2026-03-10T00:00Z',
      '2026-03-11T00:00Z',
      'of UTC is the calendar day',
    ],
    ['2026-03-10T05:59Z', 'UTC', '06:00', '2026-03-09T06:00Z', '2026-03-10T06:00Z', 'lasts until its reset'],
    ['2026-03-10T06:00Z', 'UTC', '06:00', '2026-03-10T06:00Z', '2026-03-11T06:00Z', 'begins with its reset'],
    [
      '2026-07-01T00:00Z',
      'Asia/Kathmandu',
      '00:00',
      '2026-06-30T18:15Z',
      '2026-07-01T18:15Z',
      'heeds 5:45 h',
    ],
    [
      '2026-03-29T12:00Z',
      'Europe/Berlin',
      '00:00',
      '2026-03-28T23:00Z',
      '2026-03-29T22:00Z',
      'of spring has 23 h',
    ],
    [
      '2026-10-25T12:00Z',
      'Europe/Berlin',
      '00:00',
      '2026-10-24T22:00Z',
      '2026-10-25T23:00Z',
      'of autumn has 25 h',
    ],
    [
      '2026-03-29T01:00Z',
      'Europe/Berlin',
      '02:30',
      '2026-03-28T01:30Z',
      '2026-03-29T01:30Z',
      'resets an hour late in a gap',
    ],
    [
      '2026-10-25T01:30Z',
      'Europe/Berlin',
      '02:30',
      '2026-10-25T00:30Z',
      '2026-10-26T01:30Z',
      'resets once in an overlap',
    ],
    [
      '2026-11-01T06:30Z',
      'America/New_York',
      '01:30',
      '2026-11-01T05:30Z',
      '2026-11-02T06:30Z',
      'resets at the first 01:30',
    ],
    [
      '2026-10-03T16:00Z',
      'Australia/Lord_Howe',
      '02:15',
      '2026-10-03T15:45Z',
      '2026-10-04T15:15Z',
      'knows gaps of half an hour',
    ],
    [
      '2026-04-04T15:10Z',
      'Australia/Lord_Howe',
      '01:45',
      '2026-04-04T14:45Z',
      '2026-04-05T15:15Z',
      'knows overlaps of half an hour',
    ],
    [
      '2018-11-04T12:00Z',
      'America/Sao_Paulo',
      '00:00',
      '2018-11-04T03:00Z',
      '2018-11-05T02:00Z',
      'begins at 01:00 without a midnight',
    ],
    [
      '2010-11-07T03:00Z',
      'America/St_Johns',
      '00:00',
      '2010-11-07T02:30Z',
      '2010-11-08T03:30Z',
      'is not reset twice by a second midnight',
    ],
    [
      '2011-12-30T09:59Z',
      'Pacific/Apia',
      '00:00',
      '2011-12-29T10:00Z',
      '2011-12-30T10:00Z',
      'ends where a date is skipped',
    ],
    [
      '2011-12-30T10:00Z',
      'Pacific/Apia',
      '00:00',
      '2011-12-30T10:00Z',
      '2011-12-31T10:00Z',
      'skips a date without an empty day',
    ],
    [
      '2011-12-30T09:59Z',
      'Pacific/Apia',
      '12:00',
      '2011-12-29T22:00Z',
      '2011-12-30T22:00Z',
      'skips a date at noon too',
    ],
  ])('%s in %s with a reset at %s is %s to %s: it %s', (instant, timezone, reset, startsAt, endsAt) => {
    expect(dayAsText(instant, timezone, reset)).toEqual([startsAt, endsAt]);
  });

  test.each([
    ['+02:00', '00:00'],
    ['Mars/Olympus', '00:00'],
    ['UTC', '24:00'],
    ['UTC', '7:00'],
    ['UTC', '07:00:30'],
  ])('in the zone %s with a reset at %s does not exist', (timezone, reset) => {
    expect(() => limitDay(0, timezone, reset)).toThrow(RangeError);
  });
});

/** Ms by which the wall clock of a zone is ahead of UTC, as Intl has it. */
function offsetAt(ms: number, timezone: string): number {
  const format = new Intl.DateTimeFormat('en', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const part = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1000) * 1000;
}

/** When the wall clock of a zone shows `wallMs` (a wall time as if it were UTC): the first time, or else after the gap. */
function instantOfWall(wallMs: number, timezone: string): number {
  const before = offsetAt(wallMs - DAY, timezone);
  const after = offsetAt(wallMs + DAY, timezone);
  const shown = [before, after]
    .map((offset) => wallMs - offset)
    .filter((ms) => ms + offsetAt(ms, timezone) === wallMs);
  return shown.length > 0 ? Math.min(...shown) : wallMs - before;
}

/** All resets of a week around `ms`, by Intl alone. */
function resetsAround(ms: number, timezone: string, dayResetsAt: string): number[] {
  const [hours = 0, minutes = 0] = dayResetsAt.split(':').map(Number);
  const resets: number[] = [];
  for (let days = -4; days <= 4; days++) {
    const midnight = Math.floor(ms / DAY + days) * DAY;
    resets.push(instantOfWall(midnight + hours * HOUR + minutes * 60_000, timezone));
  }
  return resets;
}

const CHANGES: [string, string][] = [
  ['Europe/Berlin', '2026-03-29T01:00Z'],
  ['Europe/Berlin', '2026-10-25T01:00Z'],
  ['America/New_York', '2026-03-08T07:00Z'],
  ['America/New_York', '2026-11-01T06:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T15:30Z'],
  ['America/Sao_Paulo', '2018-02-18T02:00Z'],
  ['America/Sao_Paulo', '2018-11-04T03:00Z'],
  ['America/St_Johns', '2010-11-07T02:31Z'],
  ['America/St_Johns', '2010-03-14T03:31Z'],
  ['Pacific/Apia', '2011-12-30T10:00Z'],
  ['Pacific/Kwajalein', '1993-08-21T12:00Z'],
  ['Asia/Pyongyang', '2018-05-04T15:00Z'],
  ['Asia/Kathmandu', '1985-12-31T18:30Z'],
];
const timesOfDay = fc
  .integer({ min: 0, max: 1439 })
  .map(
    (minute) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`,
  );
const aroundChanges = fc
  .tuple(fc.constantFrom(...CHANGES), fc.integer({ min: -2 * DAY, max: 2 * DAY }))
  .map(([[timezone, change], shift]) => ({ timezone, ms: at(change) + shift }));
const anyTimeAnywhere = fc.record({
  timezone: fc.constantFrom('UTC', ...Intl.supportedValuesOf('timeZone')),
  ms: fc.integer({ min: at('1975-01-01T00:00Z'), max: at('2060-01-01T00:00Z') }),
});

test('a limit day is bounded by the resets next to the instant, around changes of the clock and anywhere', () => {
  fc.assert(
    fc.property(fc.oneof(aroundChanges, anyTimeAnywhere), timesOfDay, ({ timezone, ms }, reset) => {
      const resets = resetsAround(ms, timezone, reset);
      expect(limitDay(ms, timezone, reset)).toEqual({
        startsAt: Math.max(...resets.filter((instant) => instant <= ms)),
        endsAt: Math.min(...resets.filter((instant) => instant > ms)),
      });
    }),
    { numRuns: 400 },
  );
});

test('limit days tile time without gap or overlap', () => {
  fc.assert(
    fc.property(fc.oneof(aroundChanges, anyTimeAnywhere), timesOfDay, ({ timezone, ms }, reset) => {
      const day = limitDay(ms, timezone, reset);
      expect(day.startsAt).toBeLessThanOrEqual(ms);
      expect(day.endsAt).toBeGreaterThan(ms);
      expect(limitDay(day.startsAt, timezone, reset)).toEqual(day);
      expect(limitDay(day.endsAt - 1, timezone, reset)).toEqual(day);
      expect(limitDay(day.endsAt, timezone, reset).startsAt).toBe(day.endsAt);
      expect(limitDay(day.startsAt - 1, timezone, reset).endsAt).toBe(day.startsAt);
    }),
    { numRuns: 1000 },
  );
});

test('the UTC day is the limit day of UTC that resets at midnight, also before 1970', () => {
  fc.assert(
    fc.property(fc.integer({ min: -4e12, max: 4e12 }), (ms) => {
      expect(utcDay(ms)).toEqual(limitDay(ms, 'UTC', '00:00'));
    }),
  );
});

test.each(['Europe/Berlin', 'UTC', 'Etc/GMT+5', 'Asia/Calcutta', 'America/Argentina/Ushuaia', 'EST5EDT'])(
  '%s is a time zone',
  (name) => {
    expect(isTimezone(name)).toBe(true);
  },
);

test.each([
  '',
  '+02:00',
  '-0800',
  'Z',
  'GMT+2',
  'PST',
  'SystemV/PST8',
  'Mars/Olympus',
  'Europe/Berlin ',
  '2026-01-01T00:00Z[Europe/Berlin]',
  't00:00[Europe/Berlin]',
  'UTC\0',
])('%j is no time zone', (name) => {
  expect(isTimezone(name)).toBe(false);
});

test('every time zone that the runtime lists is one', () => {
  expect(Intl.supportedValuesOf('timeZone').filter((name) => !isTimezone(name))).toEqual([]);
});

test.each(['00:00', '09:30', '19:59', '23:59'])('%s is a time of day', (text) => {
  expect(isTimeOfDay(text)).toBe(true);
});

test.each(['', '24:00', '12:60', '7:00', '07:0', '07:00:00', ' 07:00', '07:00\n', '٠٧:٠٠', '-1:00'])(
  '%j is no time of day',
  (text) => {
    expect(isTimeOfDay(text)).toBe(false);
  },
);
