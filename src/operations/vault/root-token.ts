/** The one root token. One that was replaced never comes back, whoever still has it in their configuration. */
import { SYSTEM_ORIGIN } from '../../audit/entry.ts';
import type { Transaction } from '../../storage/rows.ts';
import { addAuditEntry } from '../../storage/tables/audit-entries.ts';
import { sameDigest } from '../../vault/digests.ts';

/** Of the token that the configuration names or the first start made. */
export const ROOT_TOKEN_ID = 1;
/** The setting that has the digests of replaced tokens, one after the other, the newest last. */
const REPLACED = 'replaced_root_tokens';
const DIGEST_BYTES = 32;
const MOST_REMEMBERED = 1_000;

/** The digest of the token that is valid; null before the first start. */
export async function rootTokenDigest(unit: Transaction): Promise<Uint8Array | null> {
  const row = await unit
    .selectFrom('admin_tokens')
    .select('digest')
    .where('id', '=', ROOT_TOKEN_ID)
    .executeTakeFirst();
  return row?.digest ?? null;
}

/** Whether this was the root token once, and another has taken its place. */
export async function wasReplaced(unit: Transaction, digest: Uint8Array): Promise<boolean> {
  const replaced = await replacedDigests(unit);
  for (let at = 0; at < replaced.length; at += DIGEST_BYTES) {
    if (sameDigest(digest, replaced.subarray(at, at + DIGEST_BYTES))) return true;
  }
  return false;
}

/** Makes the token of `digest` the root token from now on, in the place of the one that there may be. */
export async function setRootToken(
  unit: Transaction,
  digest: Uint8Array,
  now: number,
  reason?: string,
): Promise<void> {
  const before = await rootTokenDigest(unit);
  if (before !== null) await remember(unit, before);
  await unit.deleteFrom('admin_tokens').where('id', '=', ROOT_TOKEN_ID).execute();
  await unit
    .insertInto('admin_tokens')
    .values({
      id: ROOT_TOKEN_ID,
      tenant_id: null,
      name: 'root',
      role: 'root',
      digest,
      hint: '',
      allowed_ips: '[]',
      expires_at: null,
      created_at: now,
    })
    .execute();
  await addAuditEntry(unit, {
    at: now,
    tenant_id: null,
    type: before === null ? 'root_token.created' : 'root_token.replaced',
    origin: SYSTEM_ORIGIN,
    target: `admin_token:${ROOT_TOKEN_ID}`,
    ...(reason === undefined ? {} : { reason }),
  });
}

async function replacedDigests(unit: Transaction): Promise<Uint8Array> {
  const row = await unit
    .selectFrom('settings')
    .select('value')
    .where('name', '=', REPLACED)
    .executeTakeFirst();
  return row?.value ?? new Uint8Array();
}

async function remember(unit: Transaction, digest: Uint8Array): Promise<void> {
  const all = Buffer.concat([await replacedDigests(unit), digest]);
  const value = all.subarray(-MOST_REMEMBERED * DIGEST_BYTES);
  await unit
    .insertInto('settings')
    .values({ name: REPLACED, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}
