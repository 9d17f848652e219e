import type { ClockReading } from '../domain/clock.ts';
import { recoverKeys } from '../operations/keys/recover-keys.ts';
import type { Vault } from '../operations/vault/vault.ts';

/** Tells of the keys that have cooled by `time`. */
export async function runOnce(vault: Vault, time: ClockReading): Promise<void> {
  await recoverKeys(vault, time);
}
