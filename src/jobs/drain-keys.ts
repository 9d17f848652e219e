import type { ClockReading } from '../domain/clock.ts';
import type { DrainWatch } from '../operations/keys/drain-keys.ts';
import type { Vault } from '../operations/vault/vault.ts';

/** Tells of the keys that nobody holds any more. */
export async function runOnce(vault: Vault, watch: DrainWatch, time: ClockReading): Promise<void> {
  await watch.run(vault, time);
}
