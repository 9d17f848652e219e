/** Work in the background that takes the one place where units are written only now and then. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Engine } from './engine.ts';
import { errorClass } from './error-class.ts';
import type { Transaction } from './rows.ts';

/** Of the time, as much as this goes into the work and its commits; waiting for its turn is none. */
const SHARE = 0.06;

/**
 * Runs `step` in units of its own until it says that nothing is left, or `stopping` is aborted; with pauses between. On a full
 * disk it goes on as long as there is room in the log, which is emptied for it.
 */
export async function inSmallSteps(
  engine: Pick<Engine, 'write' | 'tidy'>,
  stopping: AbortSignal,
  step: (unit: Transaction) => Promise<'more' | 'done'>,
): Promise<void> {
  while (!stopping.aborted) {
    let started = 0;
    const once = () =>
      engine.write('nothing', (unit) => {
        started = performance.now();
        return step(unit);
      });
    const left = await once().catch(async (error: Error) => {
      if (errorClass(error) !== 'full') throw error;
      await engine.tidy();
      return once();
    });
    if (left === 'done') return;
    const took = performance.now() - started;
    await pause(took * (1 / SHARE - 1), null, { signal: stopping }).catch(() => {});
  }
}
