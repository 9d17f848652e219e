/** The secrets that the requests of an app are signed with. A secret is in the result that made it, and else sealed. */
import { randomBytes } from 'node:crypto';
import { loadDataKeys } from '../../storage/configuration.ts';
import type { Transaction } from '../../storage/rows.ts';
import { takeIds } from '../../storage/tables/sequences.ts';
import * as table from '../../storage/tables/signing-secrets.ts';
import { newSigningSecret } from '../../vault/request-signature.ts';
import type { Vault } from '../vault/vault.ts';

/** So many of an app's earlier secrets are valid at most, however long their grace: each costs every request of the app. */
const MOST_PREVIOUS = 3;

export interface SigningApp {
  readonly tenantId: number;
  readonly appId: number;
}

export async function issueSigningSecret(
  { keyring }: Vault,
  unit: Transaction,
  { tenantId, appId }: SigningApp,
  now: number,
): Promise<string> {
  const id = await takeIds(unit, 'signing_secrets');
  const secret = newSigningSecret(randomBytes(32));
  const place = { purpose: 'signing-secret', tenantId, id } as const;
  const sealed = keyring.seal(await loadDataKeys(unit, tenantId), place, Buffer.from(secret));
  const row = { id, tenant_id: tenantId, app_id: appId, sealed_secret: sealed };
  await table.insertSigningSecret(unit, { ...row, valid_until: null, created_at: now });
  return secret;
}

/** The same in the place of the secret that there is, which is valid on for `graceSeconds`. */
export async function replaceSigningSecret(
  vault: Vault,
  unit: Transaction,
  app: SigningApp,
  graceSeconds: number,
  now: number,
): Promise<{ secret: string; previousValidUntil: number }> {
  const previousValidUntil = now + graceSeconds * 1000;
  await table.endSigningSecrets(unit, app.appId, previousValidUntil);
  await table.removeEndedSigningSecrets(unit, app.appId, now, MOST_PREVIOUS);
  return { secret: await issueSigningSecret(vault, unit, app, now), previousValidUntil };
}
