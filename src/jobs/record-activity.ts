import type { ActivityRecorder } from '../operations/usage/record-activity.ts';
import type { Vault } from '../operations/vault/vault.ts';

/** Writes down how apps were used since the last run, and tells of what is suspicious in it. */
export async function runOnce(vault: Vault, activity: ActivityRecorder): Promise<void> {
  await activity.flush(vault);
}
