/** Lets work in the background wait while the event loop is busy with requests. */
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

const BUSY = 0.5;
const WAIT_MS = 500;

/** A function to await between two pieces of work: at once while the loop has idle time, else after a pause. */
export function deliveriesFirst(): () => Promise<void> {
  let last = performance.eventLoopUtilization();
  let lastAt = performance.now();
  let busy = false;
  return async () => {
    if (performance.now() - lastAt > 50) {
      const now = performance.eventLoopUtilization();
      busy = performance.eventLoopUtilization(now, last).utilization > BUSY;
      last = now;
      lastAt = performance.now();
    }
    if (busy) await delay(WAIT_MS);
  };
}
