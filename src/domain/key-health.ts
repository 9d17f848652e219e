/**
 * What clients report of keys, and what is held against a key by it. Pure: what was held against it, a report and the time
 * in; what is held against it then out, or null where the report changes nothing. Times are Unix milliseconds.
 *
 * Who reports may lie: so a report cools a key for an hour at most, the last one that several callers share half of the time,
 * one of a delivery from before the last cooling does not cool it again, and it takes several callers in several networks to quarantine one.
 */
import { LONGEST_COOLING_MS } from './policy-key.ts';

export const REPORT_OUTCOMES = ['ok', 'rate_limited', 'unauthorized', 'error'] as const;
export type ReportOutcome = (typeof REPORT_OUTCOMES)[number];

/** How old a delivery may be that is reported on. */
export const REPORTABLE_MS = 86_400_000;

/** Without a word of the provider on how long: so long at first, and twice as long each time, up to a quarter of an hour. */
const FIRST_COOLING_MS = 30_000;
const LONGEST_UNASKED_MS = 900_000;
const SHORTEST_COOLING_MS = 1_000;
/** A cooling that would be longer by less than this part of it, or than a second, is left as it is. */
const PART_WORTH_EXTENDING = 1 / 4;
/** So many refusals in a row, in so many networks and of so many callers. */
const CONVICTING = { refusals: 3, networks: 2, callers: 2 } as const;
/** More in a row are of no use: a new one convicts with any of these, or with none that were before them. */
const KEPT_REFUSALS = 8;
/** The network of a client whose address could not be read: whoever can send such an address is in any network. */
const NO_NETWORK = 'unknown';

/** A provider has refused the key. `app` 0: the client token; `at`: when the key was delivered. */
export interface KeyRefusal {
  readonly app: number;
  readonly network: string;
  readonly at: number;
}

export interface KeyHealth {
  /** Coolings in a row. */
  readonly coolings: number;
  /** When the last one began, and ends; what was delivered before that may not begin another one. */
  readonly cooled_at: number | null;
  readonly cooled_until: number | null;
  /** In a row, the latest last. */
  readonly refused_by: readonly KeyRefusal[];
}

export const WELL: KeyHealth = { coolings: 0, cooled_at: null, cooled_until: null, refused_by: [] };

/** Nothing is held against the key any more, nor will be what was delivered before `now`. */
export function forgiven(now: number): KeyHealth {
  return { ...WELL, cooled_at: now, cooled_until: now };
}

/**
 * The provider says that the key is used too much. One that cools goes on cooling for longer only where the report says for
 * how long and that is worth it, and never for more than an hour from when it began.
 */
export function coolDown(
  health: KeyHealth,
  report: { readonly deliveredAt: number; readonly retryAfterSeconds: number | null },
  now: number,
): KeyHealth | null {
  const { retryAfterSeconds } = report;
  const asked =
    retryAfterSeconds === null
      ? null
      : Math.min(Math.max(retryAfterSeconds * 1000, SHORTEST_COOLING_MS), LONGEST_COOLING_MS);
  const last = lastCooling(health, now);
  if (last !== null && now < last.until) {
    if (asked === null) return null;
    const until = Math.min(now + asked, last.from + LONGEST_COOLING_MS);
    return isWorthExtending(last, until) ? { ...health, cooled_until: until } : null;
  }
  if (last !== null && report.deliveredAt < last.until) return null;
  return {
    ...health,
    coolings: health.coolings + 1,
    cooled_at: now,
    cooled_until: now + (asked ?? unaskedMs(health)),
  };
}

/**
 * The same of the last key that several callers could be handed: for as long as without a word of the provider at most, and
 * only once it has served for as long since it was back. So a caller that lies leaves the others a key half of the time.
 */
export function coolLastDown(
  health: KeyHealth,
  report: Parameters<typeof coolDown>[1],
  now: number,
): KeyHealth | null {
  const last = lastCooling(health, now);
  if (last !== null && now < last.until) return null;
  const after = coolDown(health, report, now);
  if (after === null) return null;
  const cooled_until = Math.min(after.cooled_until ?? now, now + unaskedMs(health));
  const rested = last !== null && last.from < last.until;
  return rested && now - last.until < cooled_until - now ? null : { ...after, cooled_until };
}

/** Another key of the same account cools, as `other` says: this one cools as long, within an hour from when it began. */
export function coolAlong(health: KeyHealth, other: KeyHealth, now: number): KeyHealth | null {
  const last = lastCooling(health, now);
  const cools = last !== null && now < last.until;
  const from = cools ? last.from : now;
  const until = Math.min(other.cooled_until ?? now, from + LONGEST_COOLING_MS);
  if (cools ? !isWorthExtending(last, until) : until <= now) return null;
  const coolings = Math.max(health.coolings, other.coolings);
  return { ...health, coolings, cooled_at: from, cooled_until: until };
}

/** The provider has refused the key, which was delivered `refusal.at`. */
export function refusedOnceMore(health: KeyHealth, refusal: KeyRefusal, now: number): KeyHealth | null {
  const last = lastCooling(health, now);
  if (last !== null && refusal.at < last.from) return null;
  const recent = health.refused_by.filter(({ at }) => now - at <= REPORTABLE_MS);
  return { ...health, refused_by: [...recent, refusal].slice(-KEPT_REFUSALS) };
}

/** The key served, which was delivered `deliveredAt`: what was held against it by then is over. */
export function wellAgain(health: KeyHealth, deliveredAt: number, now: number): KeyHealth | null {
  const last = lastCooling(health, now);
  const coolings = last !== null && deliveredAt < last.from ? health.coolings : 0;
  const refused_by = health.refused_by.filter(({ at }) => at > deliveredAt);
  if (coolings === health.coolings && refused_by.length === health.refused_by.length) return null;
  return { ...health, coolings, refused_by };
}

/** Whether the provider will go on refusing the key, by what is held against it; `sole`: a single caller uses the service. */
export function isRefused({ refused_by }: KeyHealth, sole: boolean): boolean {
  const networks = new Set(refused_by.map(({ network }) => network));
  networks.delete(NO_NETWORK);
  const callers = new Set(refused_by.map(({ app }) => app));
  return (
    refused_by.length >= CONVICTING.refusals &&
    networks.size >= CONVICTING.networks &&
    (sole || callers.size >= CONVICTING.callers)
  );
}

/** Whether the row of refusals has just become as long as it takes, whoever they are by. */
export function isRefusedAgainAndAgain({ refused_by }: KeyHealth): boolean {
  return refused_by.length === CONVICTING.refusals;
}

function unaskedMs({ coolings }: KeyHealth): number {
  return Math.min(FIRST_COOLING_MS * 2 ** Math.min(coolings, 10), LONGEST_UNASKED_MS);
}

function isWorthExtending({ from, until }: { from: number; until: number }, longer: number): boolean {
  return longer - until >= Math.max((until - from) * PART_WORTH_EXTENDING, SHORTEST_COOLING_MS);
}

/** Null where there was none, or one from a time that a clock was set back from. */
function lastCooling({ cooled_at: from, cooled_until: until }: KeyHealth, now: number) {
  return from === null || until === null || until - now > LONGEST_COOLING_MS ? null : { from, until };
}
