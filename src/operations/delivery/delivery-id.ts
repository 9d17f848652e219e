/** The ids of deliveries. */
import { randomFillSync } from 'node:crypto';
import { decodeTime, monotonicFactory } from 'ulid';

/** Randomness is taken in bulk: the first id of a millisecond costs 16 draws. */
const pool = new Uint8Array(4096);
let drawn = pool.length;

/** A ULID for a time in Unix milliseconds; within a process each is greater than the one before, whatever the time. */
export const nextDeliveryId: (now: number) => string = monotonicFactory(() => {
  if (drawn === pool.length) {
    randomFillSync(pool);
    drawn = 0;
  }
  return (pool[drawn++] as number) / 256;
});

/** Each id from now on is greater than `newest`, one of an earlier process; whatever the clock says. */
export function continueDeliveryIds(newest: string): void {
  nextDeliveryId(decodeTime(newest) + 1);
}
