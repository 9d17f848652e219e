/** What the database and the memory of a process hold of the rate limits of apps. */
import { EMPTY, type Level } from '../domain/bucket.ts';
import { countsWindows, HOUR_MS, MINUTE_MS, type RateLimit } from '../domain/rate-limit.ts';
import type { Window } from '../domain/window.ts';
import { growingCache } from './growing-cache.ts';
import type { AppRow, AppWindowsTable, Reader } from './rows.ts';

/** The level of an app's second, in this process alone: it moves with each delivery, like a counter. */
export interface Bucket {
  level: Level;
}

/** The minute and the hour that an app counts in; like days, they are opened before anything is decided upon them. */
export interface AppWindows {
  minute: Window;
  hour: Window;
}

type Columns = Pick<AppRow, 'rate_per_second' | 'rate_per_minute' | 'rate_per_hour' | 'rate_burst'>;

/** The columns of a limit; null is none. */
export function rateLimitColumns(limit: RateLimit | null): Columns {
  return {
    rate_per_second: limit?.per_second ?? null,
    rate_per_minute: limit?.per_minute ?? null,
    rate_per_hour: limit?.per_hour ?? null,
    rate_burst: limit?.burst ?? null,
  };
}

export function readRateLimit(row: Columns): RateLimit | null {
  const limit = {
    per_second: row.rate_per_second,
    per_minute: row.rate_per_minute,
    per_hour: row.rate_per_hour,
    burst: row.rate_burst,
  };
  return Object.values(limit).every((value) => value === null) ? null : limit;
}

/** Null, and nothing is read, where neither minute nor hour is limited. */
export async function loadWindows(
  db: Reader,
  appId: number,
  limit: RateLimit | null,
): Promise<AppWindows | null> {
  if (!countsWindows(limit)) return null;
  const row = await db.selectFrom('app_windows').selectAll().where('app_id', '=', appId).executeTakeFirst();
  return row === undefined ? NONE_YET : readWindows(row);
}

const NEVER: Window = { starts_at: 0, ends_at: 0, count: 0 };
const NONE_YET: AppWindows = { minute: NEVER, hour: NEVER };

export function readWindows(row: AppWindowsTable): AppWindows {
  const window = (starts_at: number, lengthMs: number, count: number) => ({
    starts_at,
    ends_at: starts_at + lengthMs,
    count,
  });
  return {
    minute: window(row.minute_starts_at, MINUTE_MS, row.minute_count),
    hour: window(row.hour_starts_at, HOUR_MS, row.hour_count),
  };
}

export function windowsRow(appId: number, { minute, hour }: AppWindows): AppWindowsTable {
  return {
    app_id: appId,
    minute_starts_at: minute.starts_at,
    minute_count: minute.count,
    hour_starts_at: hour.starts_at,
    hour_count: hour.count,
  };
}

/** More than there are apps in memory: a bucket outlives what was loaded of its app. */
const MAX_BUCKETS = 100_000;

/** The buckets of this process, by app: a change of configuration does not refill one. */
export class Buckets {
  readonly #known = growingCache<number, Bucket>(MAX_BUCKETS);

  /** Null for an app without a limit per second. */
  of(appId: number, limit: RateLimit | null): Bucket | null {
    if (limit === null || limit.per_second === null) return null;
    let bucket = this.#known.get(appId);
    if (bucket === undefined) {
      bucket = { level: EMPTY };
      this.#known.set(appId, bucket);
    }
    return bucket;
  }
}
