/** Makes a new root token in the place of the one that there is. */
import { randomBytes } from 'node:crypto';
import { SYSTEM_ORIGIN } from '../audit/entry.ts';
import { formatToken } from '../domain/token-format.ts';
import { StorageError } from '../storage/errors.ts';
import type { Transaction } from '../storage/rows.ts';
import { addAuditEntry } from '../storage/tables/audit-entries.ts';
import { Digests, sameDigest } from '../vault/digests.ts';
import type { Keyring } from '../vault/keyring.ts';
import { verifyMasterKey } from './prepare-vault.ts';

export interface NewRootToken {
  readonly token: string;
  /** Whether a token is the one that was valid until now. */
  readonly isReplaced: (token: string) => boolean;
}

/**
 * In the unit: the new token is valid, and the old one worth nothing, as soon as that is committed. `keep` is handed the new
 * one before, so that none is valid which nobody has. Rejects with WrongMasterKey, and with a StorageError where there is
 * no vault.
 */
export async function replaceRootToken(
  unit: Transaction,
  keyring: Keyring,
  now: number,
  keep: (token: string) => void,
): Promise<NewRootToken> {
  const settings = await unit.selectFrom('settings').selectAll().execute();
  const saved = new Map(settings.map(({ name, value }) => [name, value]));
  const check = saved.get('master_key_check');
  const pepper = saved.get('token_pepper');
  if (check === undefined || pepper === undefined) {
    throw new StorageError(
      'NO_VAULT',
      'there is no vault in the database: its first start makes a root token',
    );
  }
  verifyMasterKey(keyring, check);
  const digests = new Digests(keyring.openOwn('token-pepper', pepper));
  const replaced = await unit
    .selectFrom('admin_tokens')
    .select('digest')
    .where('id', '=', 1)
    .executeTakeFirst();
  const token = formatToken('admin', randomBytes(32));
  const digest = digests.ofToken(token);
  await unit.deleteFrom('admin_tokens').where('id', '=', 1).execute();
  await unit
    .insertInto('admin_tokens')
    .values({ id: 1, name: 'root', role: 'root', digest, created_at: now })
    .execute();
  await addAuditEntry(unit, {
    at: now,
    tenant_id: null,
    type: 'root_token.replaced',
    origin: SYSTEM_ORIGIN,
    target: 'admin_token:1',
    reason: 'by the local command',
  });
  keep(token);
  const old = replaced?.digest;
  return { token, isReplaced: (other) => old !== undefined && sameDigest(digests.ofToken(other), old) };
}
