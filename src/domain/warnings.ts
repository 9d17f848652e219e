/** What is told before it hurts: of a daily limit and of an end. */

/** How many days before an end it is warned of, the last warning first. */
export const WARNED_DAYS = [1, 7] as const;
export type WarnedDays = (typeof WARNED_DAYS)[number];

const DAY_MS = 86_400_000;

/**
 * The delivery of the limit day that is warned of: the one with which `percent` of the limit are used. Null where there is
 * none before the last one, which is told of as the reached limit.
 */
export function warnedAt(limit: number | null, percent: number | null): number | null {
  if (limit === null || percent === null) return null;
  const threshold = Math.ceil((limit * percent) / 100);
  return threshold < limit ? threshold : null;
}

/** Until when an end has to come for a warning so many days before it, at `settled`. */
export function warnedUntil(days: WarnedDays, settled: number): number {
  return settled + days * DAY_MS;
}

/** Which warning an end at `expiresAt` is due for at `settled`; null before all of them, and once it has come. */
export function warningDue(expiresAt: number, settled: number): WarnedDays | null {
  const left = expiresAt - settled;
  if (left <= 0) return null;
  return WARNED_DAYS.find((days) => left <= days * DAY_MS) ?? null;
}
