import type { ClockReading } from '../domain/clock.ts';
import type { Vault } from '../operations/vault.ts';
import { watchRefusals } from '../operations/watch-refusals.ts';

/** Tells of suspicious refusals in the minutes before `time`. */
export async function runOnce(vault: Vault, time: ClockReading): Promise<void> {
  await watchRefusals(vault, time);
}
