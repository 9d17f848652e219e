import type { Vault } from '../../src/operations/vault/vault.ts';

/** Damages what is stored of a key, as a bad disk would. */
export async function damageKey({ engine }: Vault, id: number, tenantId = 1): Promise<void> {
  await engine.write({ tenantId }, (unit) =>
    unit
      .updateTable('provider_keys')
      .set({ sealed_key: Buffer.alloc(64, 7) })
      .where('id', '=', id)
      .execute(),
  );
}
