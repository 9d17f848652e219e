import type { RefusalRecorder } from '../operations/usage/record-refusals.ts';
import type { Vault } from '../operations/vault/vault.ts';

/** Writes down the refusals that were summed since the last run. */
export async function runOnce(vault: Vault, refusals: RefusalRecorder): Promise<void> {
  await refusals.flush(vault);
}
