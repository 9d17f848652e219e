import type { ClockReading } from '../domain/clock.ts';
import { pruneNonces } from '../operations/upkeep/prune-nonces.ts';
import type { Vault } from '../operations/vault/vault.ts';

/** Forgets the nonces of signed requests that need not be remembered at `time.settled`. */
export async function runOnce(vault: Vault, time: ClockReading, stopping: AbortSignal): Promise<void> {
  await pruneNonces(vault, time, stopping);
}
