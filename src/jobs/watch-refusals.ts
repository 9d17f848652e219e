import type { ClockReading } from '../domain/clock.ts';
import { watchRefusals } from '../operations/usage/watch-refusals.ts';
import type { Vault } from '../operations/vault/vault.ts';

/** Tells of suspicious refusals in the minutes before `time`. */
export async function runOnce(vault: Vault, time: ClockReading): Promise<void> {
  await watchRefusals(vault, time);
}
