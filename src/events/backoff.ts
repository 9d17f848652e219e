const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const WAITS = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
] as const;

/** How often a message is tried in all, the first time included. */
export const MAX_ATTEMPTS = WAITS.length + 1;

/**
 * How long to wait, in whole milliseconds, after the `attempts`-th attempt (1 is the first) has failed too: the
 * schedule that Standard Webhooks recommends, spread by a tenth to either side so that receivers which failed
 * together are not tried together. `jitter` is in [0, 1): 0 waits shortest. Null once nothing more is tried.
 * Throws a RangeError for what is not a count of attempts or not a jitter.
 */
export function retryDelay(attempts: number, jitter: number): number | null {
  if (!Number.isSafeInteger(attempts) || attempts < 1)
    throw new RangeError('attempts is a whole number from 1');
  if (!(jitter >= 0 && jitter < 1)) throw new RangeError('jitter is in [0, 1)');
  const wait = WAITS[attempts - 1];
  return wait === undefined ? null : Math.round(wait * (0.9 + 0.2 * jitter));
}
