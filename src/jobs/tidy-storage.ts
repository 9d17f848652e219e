import type { Vault } from '../operations/vault/vault.ts';

/** Keeps the database's files in bounds. */
export function runOnce(vault: Vault): Promise<void> {
  return vault.engine.tidy();
}
