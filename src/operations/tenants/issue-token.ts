/** Makes a token and records its digest. The token itself is in the result and nowhere else. */
import { randomBytes } from 'node:crypto';
import { formatToken, tokenHint } from '../../domain/token-format.ts';
import type { Transaction } from '../../storage/rows.ts';
import { endTokens, insertToken } from '../../storage/tables/tokens.ts';
import type { Vault } from '../vault/vault.ts';

export interface TokenOwner {
  readonly tenantId: number;
  /** Null for a client token. */
  readonly appId: number | null;
}

export async function issueToken(
  vault: Vault,
  unit: Transaction,
  owner: TokenOwner,
  now: number,
): Promise<{ token: string; hint: string }> {
  const token = formatToken(owner.appId === null ? 'client' : 'app', randomBytes(32));
  const hint = tokenHint(token);
  await insertToken(unit, {
    tenant_id: owner.tenantId,
    app_id: owner.appId,
    digest: vault.digests.ofToken(token),
    hint,
    created_at: now,
  });
  return { token, hint };
}

/** The same in the place of the tokens that there are, which serve on for `graceSeconds`. */
export async function replaceToken(
  vault: Vault,
  unit: Transaction,
  owner: TokenOwner,
  graceSeconds: number,
  now: number,
): Promise<{ token: string; hint: string; previousValidUntil: number }> {
  const previousValidUntil = now + graceSeconds * 1000;
  await endTokens(unit, owner.tenantId, owner.appId, previousValidUntil);
  return { ...(await issueToken(vault, unit, owner, now)), previousValidUntil };
}
