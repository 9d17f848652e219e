import type { ClockReading } from '../domain/clock.ts';
import { expireKeys } from '../operations/keys/expire-keys.ts';
import { retireDueKeys } from '../operations/keys/retire-keys.ts';
import type { Vault } from '../operations/vault/vault.ts';

/** Expires, rotates and retires the keys that are due at `time`, whether or not anybody asks for one. */
export async function runOnce(vault: Vault, time: ClockReading): Promise<void> {
  await expireKeys(vault, time);
  await retireDueKeys(vault, time);
}
