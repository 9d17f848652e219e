import type { ClockReading } from '../domain/clock.ts';
import { prune, type Retention } from '../operations/upkeep/prune.ts';
import type { Vault } from '../operations/vault/vault.ts';

/** Removes what has been kept long enough by `time.settled`. */
export async function runOnce(
  vault: Vault,
  retention: Retention,
  time: ClockReading,
  stopping: AbortSignal,
): Promise<void> {
  await prune(vault, retention, time, stopping);
}
