/** Has every event raised that tells of changes of keys. */
import { DrainWatch } from '../../src/operations/keys/drain-keys.ts';
import { expireKeys } from '../../src/operations/keys/expire-keys.ts';
import { damageKey } from './damage-key.ts';
import type { TestVault } from './start-vault.ts';

const KEYS = '/tenants/acme/services/changing/keys';

/** In tenant `acme`, whose client token is `token`. */
export async function raiseKeyEvents(vault: TestVault, token: string): Promise<void> {
  const { vault: own } = vault.jobs;
  const make = async (path: string, body: object) => (await vault.admin('POST', path, body)).body;
  const key = (label: string, more: object = {}) =>
    make(KEYS, { label, key: `sk-${label}-0123456789abcdefghij`, ...more });
  await make('/tenants/acme/services', { slug: 'changing' });
  const expires_at = new Date(vault.clock.wall() + 1_000).toISOString();
  const { id: broken } = await key('broken');
  await key('ends', { expires_at });
  const { id: last } = await key('last');
  await damageKey(own, broken);
  await vault.next('service=changing', { token });
  vault.advance(1_000);
  await expireKeys(own, own.engine.time());
  await make(`${KEYS}/${broken}/burn`, { reason: 'an example' });
  await make(`${KEYS}/${last}/burn`, { reason: 'an example' });
  await new DrainWatch().run(own, own.engine.time());
}
