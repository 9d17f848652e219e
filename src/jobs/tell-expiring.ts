import type { ClockReading } from '../domain/clock.ts';
import { tellExpiring } from '../operations/keys/tell-expiring.ts';
import type { Vault } from '../operations/vault/vault.ts';

/** Tells of keys and apps whose end is near at `time.settled`. */
export async function runOnce(vault: Vault, time: ClockReading): Promise<void> {
  await tellExpiring(vault, time);
}
