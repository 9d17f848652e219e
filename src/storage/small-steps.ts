/** Work in the background that takes the one place where units are written only now and then. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Engine } from './engine.ts';
import type { Transaction } from './rows.ts';

/** Of the time, as much as this goes into the work; waiting for its turn is none. */
const SHARE = 0.1;

/** Runs `step` in units of its own until it says that nothing is left, or `stopping` is aborted; with pauses between. */
export async function inSmallSteps(
  engine: Pick<Engine, 'write'>,
  stopping: AbortSignal,
  step: (unit: Transaction) => Promise<'more' | 'done'>,
): Promise<void> {
  while (!stopping.aborted) {
    let worked = 0;
    const left = await engine.write('nothing', async (unit) => {
      const started = performance.now();
      const left = await step(unit);
      worked = performance.now() - started;
      return left;
    });
    if (left === 'done') return;
    await pause(worked * (1 / SHARE - 1), null, { signal: stopping }).catch(() => {});
  }
}
