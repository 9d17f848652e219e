import type { ClockReading } from '../domain/clock.ts';
import { prune } from '../operations/prune.ts';
import type { Vault } from '../operations/vault.ts';

/** Removes what has been kept for `retentionDays` by `time.settled`. */
export async function runOnce(vault: Vault, retentionDays: number, time: ClockReading): Promise<void> {
  await prune(vault, retentionDays, time);
}
