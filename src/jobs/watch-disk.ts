import type { DiskWatch } from '../operations/upkeep/watch-disk.ts';
import type { Vault } from '../operations/vault/vault.ts';

/** Looks how much room is left. */
export async function runOnce(vault: Vault, disk: DiskWatch): Promise<void> {
  await disk.look(vault);
}
