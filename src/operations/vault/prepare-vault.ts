/** Makes sure that the master key is the database's, and makes at the first start what a vault cannot be without. */
import { randomBytes } from 'node:crypto';
import { formatToken } from '../../domain/token-format.ts';
import type { Engine } from '../../storage/engine.ts';
import type { Transaction } from '../../storage/rows.ts';
import { Digests, sameDigest } from '../../vault/digests.ts';
import type { Keyring } from '../../vault/keyring.ts';
import { rootTokenDigest, setRootToken, wasReplaced } from './root-token.ts';

const CHECK = Buffer.from('keyrotator');

export interface PreparedVault {
  readonly digests: Digests;
  /** The vault was made just now. */
  readonly firstStart: boolean;
  /** A root token that nobody has seen yet; null where one was given or there is one already. */
  readonly newRootToken: string | null;
  /** The digest of the root token that was valid until now; null where it was not replaced. */
  readonly replacedRootToken: Uint8Array | null;
  /** The one that was given had been replaced before, and is not valid. */
  readonly oldRootTokenGiven: boolean;
}

/** The master key that was given is not the one of the database. */
export class WrongMasterKey extends Error {
  constructor() {
    super(
      'the master key is not the one that this database was sealed under: give the right KEYROTATOR_MASTER_KEY',
    );
    this.name = 'WrongMasterKey';
  }
}

/** Throws {@link WrongMasterKey} where `masterKeyCheck`, as it lies in a database, does not open under the keyring's master key. */
export function verifyMasterKey(keyring: Keyring, masterKeyCheck: Uint8Array): void {
  try {
    if (keyring.openOwn('master-key-check', masterKeyCheck).equals(CHECK)) return;
  } catch {
    // Told below: how it failed to open says nothing more.
  }
  throw new WrongMasterKey();
}

/**
 * `givenRootToken`: the one of the configuration, which replaces the one before unless it was itself replaced, or null. `keepRootToken` is handed a token
 * made here before it becomes valid, so that none is valid which nobody has.
 */
export async function prepareVault(
  engine: Engine,
  keyring: Keyring,
  givenRootToken: string | null,
  keepRootToken: (token: string) => void,
): Promise<PreparedVault> {
  const { now } = engine.time();
  return engine.write('nothing', async (unit) => {
    const settings = await unit.selectFrom('settings').selectAll().execute();
    const saved = new Map(settings.map(({ name, value }) => [name, value]));
    const check = saved.get('master_key_check');
    const firstStart = check === undefined;
    if (check === undefined) {
      const value = keyring.sealOwn('master-key-check', CHECK);
      await unit.insertInto('settings').values({ name: 'master_key_check', value }).execute();
    } else {
      verifyMasterKey(keyring, check);
    }
    let sealedPepper = saved.get('token_pepper');
    if (sealedPepper === undefined) {
      sealedPepper = keyring.sealOwn('token-pepper', randomBytes(32));
      await unit.insertInto('settings').values({ name: 'token_pepper', value: sealedPepper }).execute();
    }
    const digests = new Digests(keyring.openOwn('token-pepper', sealedPepper));
    const settled = await settleRootToken(unit, digests, givenRootToken, now);
    if (settled.newRootToken !== null) keepRootToken(settled.newRootToken);
    return { digests, firstStart, ...settled };
  });
}

async function settleRootToken(
  unit: Transaction,
  digests: Digests,
  given: string | null,
  now: number,
): Promise<Pick<PreparedVault, 'newRootToken' | 'replacedRootToken' | 'oldRootTokenGiven'>> {
  const current = await rootTokenDigest(unit);
  const kept = { newRootToken: null, replacedRootToken: null, oldRootTokenGiven: false };
  if (current !== null && given === null) return kept;
  const token = given ?? formatToken('admin', randomBytes(32));
  const digest = digests.ofToken(token);
  if (current !== null && sameDigest(digest, current)) return kept;
  if (await wasReplaced(unit, digest)) return { ...kept, oldRootTokenGiven: true };
  await setRootToken(unit, digest, now);
  return { ...kept, newRootToken: given === null ? token : null, replacedRootToken: current };
}
