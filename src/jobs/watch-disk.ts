import type { Vault } from '../operations/vault/vault.ts';
import type { DiskWatch } from '../operations/vault/watch-disk.ts';

/** Looks how much room is left. */
export async function runOnce(vault: Vault, disk: DiskWatch): Promise<void> {
  await disk.look(vault);
}
