/** Whoever floods the vault leaves its time to the others: it is answered no faster than this. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Pace } from '../domain/pace.ts';

const PACE = { maxWaitMs: 1_000, maxNames: 20_000 } as const;

/** Refusals of one tenant, and those of one network that no tenant is known for. */
export const REFUSALS = { ...PACE, perSecond: 1_000, burst: 1_000 } as const;

/** Failed authentications of one network: each had to be looked for in the database. */
export const FAILED_LOOK_UPS = { ...PACE, perSecond: 100, burst: 20 } as const;

/** What the administrators of one tenant ask for. Root's is the operator's own. */
export const ADMINISTRATION = { ...PACE, perSecond: 100, burst: 20, maxWaitMs: 5_000 } as const;

export async function waitForTurn(pace: Pace, name: string, turns = 1): Promise<void> {
  const wait = pace.takeTurn(name, performance.now(), turns);
  if (wait >= 1) await pause(wait);
}
