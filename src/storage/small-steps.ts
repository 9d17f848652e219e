/** Work in the background that holds the one place where units are written only now and then. */
import { setTimeout as pause } from 'node:timers/promises';

/** Of the time, as much as this goes into the work. */
const SHARE = 0.1;

/** Calls `step` until it says that nothing is left, with pauses between; ends early where `stopping` is aborted. */
export async function inSmallSteps(
  stopping: AbortSignal,
  step: () => Promise<'more' | 'done'>,
): Promise<void> {
  while (!stopping.aborted) {
    const started = performance.now();
    if ((await step()) === 'done') return;
    const rest = (performance.now() - started) * (1 / SHARE - 1);
    await pause(rest, null, { signal: stopping }).catch(() => {});
  }
}
