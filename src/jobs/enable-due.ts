import type { ClockReading } from '../domain/clock.ts';
import { enableDueApps } from '../operations/apps/enable-due-apps.ts';
import { enableDueKeys } from '../operations/keys/enable-key.ts';
import type { Vault } from '../operations/vault/vault.ts';

/** Enables what was disabled until a time that `time` has reached. */
export async function runOnce(vault: Vault, time: ClockReading): Promise<void> {
  await enableDueKeys(vault, time);
  await enableDueApps(vault, time);
}
