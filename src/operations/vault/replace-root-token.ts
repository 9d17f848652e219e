/** Makes a new root token in the place of the one that there is. */
import { randomBytes } from 'node:crypto';
import { formatToken } from '../../domain/token-format.ts';
import { StorageError } from '../../storage/errors.ts';
import type { Transaction } from '../../storage/rows.ts';
import { Digests, sameDigest } from '../../vault/digests.ts';
import type { Keyring } from '../../vault/keyring.ts';
import { verifyMasterKey } from './prepare-vault.ts';
import { rootTokenDigest, setRootToken } from './root-token.ts';

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
  const old = await rootTokenDigest(unit);
  const token = formatToken('admin', randomBytes(32));
  await setRootToken(unit, digests.ofToken(token), now, 'by the local command');
  keep(token);
  return { token, isReplaced: (other) => old !== null && sameDigest(digests.ofToken(other), old) };
}
