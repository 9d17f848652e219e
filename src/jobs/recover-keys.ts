import type { ClockReading } from '../domain/clock.ts';
import { recoverKeys } from '../operations/recover-keys.ts';
import type { Vault } from '../operations/vault.ts';

/** Tells of the keys that have cooled by `time`. */
export async function runOnce(vault: Vault, time: ClockReading): Promise<void> {
  await recoverKeys(vault, time);
}
