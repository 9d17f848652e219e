/** Who holds an admin token. */
import type { Actor } from '../audit/entry.ts';
import type { Vault } from './vault.ts';

/** The holder of the token, or null. The token is compared as a keyed digest, so that timing tells nothing of it. */
export async function authenticateAdmin(vault: Vault, token: string): Promise<Actor | null> {
  const row = await vault.engine.read
    .selectFrom('admin_tokens')
    .select(['id', 'name', 'role'])
    .where('digest', '=', vault.digests.ofToken(token))
    .executeTakeFirst();
  return row === undefined ? null : { kind: 'admin_token', id: row.id, name: row.name, role: row.role };
}
