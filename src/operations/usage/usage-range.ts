/** Which buckets an answer of statistics has: whole ones of UTC, of which all is known, and no more than one can look at. */
import { showTime } from '../../contract/common.ts';
import type { UsageQuery } from '../../contract/queries.ts';
import type { ClockReading } from '../../domain/clock.ts';
import { Problem } from '../../domain/problem.ts';
import { BUCKETS_MS } from '../../storage/roll-up.ts';
import { USAGE_DAYS } from '../upkeep/prune-usage.ts';

const DAY_MS = 86_400_000;
const MAX_BUCKETS = 1_500;
/** Widened to whole buckets, a later end would be in a year of five digits, which RFC 3339 does not have. */
const LAST_END = '9999-12-31T00:00:00Z';
const DEFAULT_RANGE_MS = { minute: 3_600_000, hour: DAY_MS, day: 30 * DAY_MS } as const;

type Granularity = UsageQuery['granularity'];

/** In Unix milliseconds, both at the start of a bucket; `to` is exclusive. */
export interface UsageRange {
  readonly from: number;
  readonly to: number;
  readonly bucketMs: (typeof BUCKETS_MS)[Granularity];
}

/** Throws a Problem that says what to ask for instead. */
export function usageRange(
  { granularity, ...asked }: UsageQuery,
  { now, settled }: ClockReading,
): UsageRange {
  const until = asked.to ?? now + 1;
  if (until > Date.parse(LAST_END)) {
    throw new Problem(
      'invalid request',
      `to must be at most ${LAST_END}: leave it out for all that there is until now.`,
    );
  }
  if (asked.from !== undefined && until <= asked.from) {
    const end = asked.to === undefined ? `now, ${showTime(now)}` : 'to';
    throw new Problem('invalid request', `from must be before ${end}.`);
  }
  const bucketMs = BUCKETS_MS[granularity];
  const to = Math.ceil(until / bucketMs) * bucketMs;
  const from = Math.floor((asked.from ?? to - DEFAULT_RANGE_MS[granularity]) / bucketMs) * bucketMs;
  const others = (fits: (coarser: Granularity) => boolean) => {
    const found = (['minute', 'hour', 'day'] as const).find(
      (each) => BUCKETS_MS[each] > bucketMs && fits(each),
    );
    return found === undefined ? '' : ` or granularity=${found}`;
  };
  if ((to - from) / bucketMs > MAX_BUCKETS) {
    const instead = others((each) => (to - from) / BUCKETS_MS[each] <= MAX_BUCKETS);
    throw new Problem(
      'invalid request',
      `That is more than ${MAX_BUCKETS} buckets by the ${granularity}: take a shorter range${instead}.`,
    );
  }
  const knownFrom = (each: Granularity) => settled - USAGE_DAYS[each] * DAY_MS;
  if (from < knownFrom(granularity)) {
    const first = showTime(Math.ceil(knownFrom(granularity) / bucketMs) * bucketMs);
    const instead = others((each) => from >= knownFrom(each));
    throw new Problem(
      'invalid request',
      `Usage by the ${granularity} is known for ${USAGE_DAYS[granularity]} days: take from=${first} or later${instead}.`,
    );
  }
  return { from, to, bucketMs };
}
