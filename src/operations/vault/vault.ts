/** What every operation works with. */
import type { Engine } from '../../storage/engine.ts';
import type { Digests } from '../../vault/digests.ts';
import type { Keyring } from '../../vault/keyring.ts';

export interface Vault {
  readonly engine: Engine;
  readonly keyring: Keyring;
  readonly digests: Digests;
}
