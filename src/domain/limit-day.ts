import { Temporal } from 'temporal-polyfill';

const DAY_MS = 86_400_000;
const EPOCH = Temporal.Instant.fromEpochMilliseconds(0);

/** A span of time from `startsAt` up to but not including `endsAt`, both in ms since the epoch. */
export type LimitDay = { readonly startsAt: number; readonly endsAt: number };

/**
 * Whether `text` is a time of day `HH:MM`, 00:00 to 23:59, in ASCII digits.
 */
export function isTimeOfDay(text: string): boolean {
  return /^(?:[01][0-9]|2[0-3]):[0-5][0-9]$/.test(text);
}

/**
 * Whether `name` is the name of a time zone in the IANA database (`Europe/Berlin`, `UTC`, also links such as
 * `Asia/Calcutta`) that this runtime knows, in any case. Refused are offsets such as `+02:00`, which know no
 * daylight-saving time, and the abbreviations of ICU such as `PST` or `IST`.
 */
export function isTimezone(name: string): boolean {
  // The form keeps out offsets, and the ISO 8601 strings out of which Temporal would take the zone.
  if (!/^[a-z][a-z0-9_+/-]*$/i.test(name) || /^SystemV\//i.test(name)) return false;
  try {
    EPOCH.toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}

/**
 * The limit day that contains `at`: from the last reset at or before `at` to the next reset after it. Each calendar
 * date of the zone has one reset, at the wall time `dayResetsAt` (`HH:MM`); where daylight-saving time skips that
 * time, as much later as the clock was moved; where it comes twice, the first (RFC 5545, section 3.3.5). A date that
 * a zone skipped altogether has no day of its own.
 *
 * So `startsAt <= at < endsAt`, and the days of one zone and reset time follow each other without gap or overlap.
 * A day usually has 24 hours, around a change of the clock more or fewer. The answer holds for every instant of the
 * day, and it is worth keeping until `endsAt`: it costs tens of microseconds.
 *
 * `at` is a whole number of ms; throws a RangeError for a zone or a reset time that the two checks above refuse.
 */
export function limitDay(at: number, timezone: string, dayResetsAt: string): LimitDay {
  if (!isTimeOfDay(dayResetsAt)) throw new RangeError('a reset time is HH:MM, 00:00 to 23:59');
  if (!isTimezone(timezone)) throw new RangeError('not the name of a time zone in the IANA database');
  const plainTime = Temporal.PlainTime.from(dayResetsAt);
  const today = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timezone).toPlainDate();
  const resetOn = (daysFromToday: number): number =>
    today.add({ days: daysFromToday }).toZonedDateTime({ timeZone: timezone, plainTime }).epochMilliseconds;

  // The resets of consecutive dates never run backwards (two may coincide where a date was skipped), so one walk in
  // one direction from today's finds both ends. It may take several steps: where the clock was moved back across
  // midnight, even tomorrow's reset can be in the past.
  const reset = resetOn(0);
  let startsAt = reset;
  let endsAt = reset;
  for (let day = 1; endsAt <= at; day++) {
    startsAt = endsAt;
    endsAt = resetOn(day);
  }
  for (let day = -1; startsAt > at; day--) {
    endsAt = startsAt;
    startsAt = resetOn(day);
  }
  return { startsAt, endsAt };
}

/** The day of UTC that contains `at` (ms since the epoch), 00:00 to 00:00. */
export function utcDay(at: number): LimitDay {
  const startsAt = Math.floor(at / DAY_MS) * DAY_MS;
  return { startsAt, endsAt: startsAt + DAY_MS };
}
