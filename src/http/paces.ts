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

/** An answer takes a turn for each so many rows that it has, or may have. */
const ROWS_A_TURN = 50;

export async function waitForTurn(pace: Pace, name: string, turns = 1): Promise<void> {
  const wait = pace.takeTurn(name, performance.now(), turns);
  if (wait >= 1) await pause(wait);
}

/** Waits for what so many rows take beyond the turn of every request. */
export async function waitForRows(pace: Pace, name: string, rows: number): Promise<void> {
  const more = Math.ceil(rows / ROWS_A_TURN) - 1;
  if (more > 0) await waitForTurn(pace, name, more);
}

/** Lets the next ones wait for rows that were answered beyond those that were waited for. */
export function chargeRows(pace: Pace, name: string, rows: number, waitedFor: number): void {
  const more = Math.ceil(rows / ROWS_A_TURN) - Math.ceil(waitedFor / ROWS_A_TURN);
  if (more > 0) pace.charge(name, performance.now(), more);
}
