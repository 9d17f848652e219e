import type { ClockReading } from '../../domain/clock.ts';
import { inSmallSteps } from '../../storage/small-steps.ts';
import { removeOldestNonces } from '../../storage/tables/spent-nonces.ts';
import type { Vault } from '../vault/vault.ts';

/** Forgets the nonces that need not be remembered at `time.settled`, in steps that deliveries do not feel. */
export function pruneNonces(
  { engine }: Vault,
  { settled }: ClockReading,
  stopping: AbortSignal,
): Promise<void> {
  return inSmallSteps(engine, stopping, async (unit) =>
    (await removeOldestNonces(unit, settled)) ? 'more' : 'done',
  );
}
