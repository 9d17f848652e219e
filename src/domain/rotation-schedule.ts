/**
 * Rotation at times of day: a cron expression of five fields, read in a time zone. Where daylight-saving time moves the
 * clock, a time that is skipped comes at the end of what is skipped, and one that is shown twice comes the first time. Times
 * whose minute or hour is `*` or a step go by the clock face: skipped ones do not come, and repeated ones come again.
 */
import { Cron } from 'croner';
import { Temporal } from 'temporal-polyfill';

const NUMBER = '[0-9]{1,2}';
const MONTHS = 'JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC';
const DAYS = 'SUN|MON|TUE|WED|THU|FRI|SAT';

/** A field's name, how its values are written, and what they may be. */
const FIELDS = [
  ['minute', NUMBER, '0 to 59'],
  ['hour', NUMBER, '0 to 23'],
  ['day of the month', NUMBER, '1 to 31'],
  ['month', `${NUMBER}|${MONTHS}`, '1 to 12 or JAN to DEC'],
  ['day of the week', `${NUMBER}|${DAYS}`, '0 to 7 or SUN to SAT'],
] as const;

/** A leap year's first instant: every date that ever comes does so within the eight years after it. */
const LEAP_YEAR = Date.parse('2000-01-01T00:00:00Z');

/** Long enough for a list of every other minute; what is longer is a mistake. */
export const LONGEST_SCHEDULE = 128;

/** What is wrong with a rotation schedule, for whoever wrote it; null where nothing is. */
export function scheduleMistake(expression: string): string | null {
  const fields = expression.split(' ');
  if (fields.length !== FIELDS.length || fields.includes('')) {
    return 'must be five fields with one space between them: minute, hour, day of the month, month, day of the week, such as "0 3 * * 1"';
  }
  for (const [at, [name, value, range]] of FIELDS.entries()) {
    if (!isField(fields[at] as string, value, at)) {
      return `has no valid ${name}: it takes ${range}, a range (1-5), a list (1,3), * or a step (*/2)`;
    }
  }
  return occurrenceAfter(expression, 'UTC', LEAP_YEAR) === null
    ? 'never comes: no such month has that day'
    : null;
}

/** `at`: the field's place in an expression. */
function isField(field: string, value: string, at: number): boolean {
  const range = `(?:${value})(?:-(?:${value}))?`;
  const item = `(?:\\*(?:/${NUMBER})?|${range}|(?:${value})-(?:${value})/${NUMBER})`;
  if (!new RegExp(`^${item}(?:,${item})*$`, 'i').test(field)) return false;
  const alone = FIELDS.map((_, place) => (place === at ? field : '*')).join(' ');
  try {
    return compile(alone, 'UTC') !== null;
  } catch {
    return false;
  }
}

/** The rotation schedule of a service. */
export class RotationSchedule {
  readonly #expression: string;
  readonly #timezone: string;
  readonly #since: number;
  #last: { readonly from: number; readonly next: number | null } | null = null;

  /** `since`: when the schedule was set, in Unix milliseconds; times before that do not count. */
  constructor(expression: string, timezone: string, since: number) {
    this.#expression = expression;
    this.#timezone = timezone;
    this.#since = since;
  }

  /** The first time after `at`, in Unix milliseconds; null where there is none. Asked for the same again it costs nothing. */
  after(at: number): number | null {
    const from = Math.max(at, this.#since);
    if (this.#last?.from !== from) {
      this.#last = { from, next: occurrenceAfter(this.#expression, this.#timezone, from) };
    }
    return this.#last.next;
  }
}

function occurrenceAfter(expression: string, timezone: string, after: number): number | null {
  const next = nextRun(expression, timezone, after);
  const skipped = endOfSkipped(expression, timezone, after);
  return next !== null && skipped !== null && skipped < next ? skipped : next;
}

/**
 * Where the next time of day that is asked for is one that the clock skips: the end of what it skips. Croner does not find that
 * where it is on another date, as it is where the hour before midnight is skipped.
 */
function endOfSkipped(expression: string, timezone: string, after: number): number | null {
  const [minute = '', hour = ''] = expression.split(' ');
  if (/[*/]/.test(`${minute}${hour}`)) return null;
  const shown = plainTime(Temporal.Instant.fromEpochMilliseconds(after).toZonedDateTimeISO(timezone));
  const next = nextRun(expression, 'UTC', shown);
  if (next === null) return null;
  const asked = Temporal.Instant.fromEpochMilliseconds(next).toZonedDateTimeISO('UTC').toPlainDateTime();
  const shownThen = asked.toZonedDateTime(timezone);
  if (plainTime(shownThen) === next) return null;
  const change = asked.toZonedDateTime(timezone, { disambiguation: 'earlier' }).getTimeZoneTransition('next');
  return change === null ? null : change.epochMilliseconds;
}

/** What a clock of the zone shows, as if it were UTC. */
function plainTime(at: Temporal.ZonedDateTime): number {
  return at.toPlainDateTime().toZonedDateTime('UTC').epochMilliseconds;
}

function nextRun(expression: string, timezone: string, after: number): number | null {
  return compile(expression, timezone).nextRun(new Date(after))?.getTime() ?? null;
}

function compile(expression: string, timezone: string): Cron {
  return new Cron(expression, { timezone, mode: '5-part', fixedTimeRule: 'no-wildcard', paused: true });
}
