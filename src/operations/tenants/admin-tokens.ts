/** The admin tokens of a tenant, and those of root: making, showing and deleting them. */
import { randomBytes } from 'node:crypto';
import type { Origin } from '../../audit/entry.ts';
import type { AdminTokenView, NewAdminToken } from '../../contract/admin-tokens.ts';
import { type ListView, showTime } from '../../contract/common.ts';
import type { AdminTokensQuery } from '../../contract/list-queries.ts';
import { compileAddressList, isWithin } from '../../domain/network.ts';
import { conflict, type Mistake, notFound, Problem } from '../../domain/problem.ts';
import { formatToken, tokenHint } from '../../domain/token-format.ts';
import type { AdminTokenRow, Reader } from '../../storage/rows.ts';
import * as table from '../../storage/tables/admin-tokens.ts';
import { addAuditEntry } from '../../storage/tables/audit-entries.ts';
import { takeIds } from '../../storage/tables/sequences.ts';
import { oneMore, type Page, pageOf } from '../paging.ts';
import { ROOT_TOKEN_ID } from '../vault/root-token.ts';
import type { Vault } from '../vault/vault.ts';
import type { AdminCaller } from './authenticate-admin.ts';
import { requireTenant } from './tenants.ts';

const LAST_OWNER =
  'No other owner of the tenant has a token that has not expired: make another one of the role owner first.';

/** Makes a token, no wider than the caller's own. It is in the result and nowhere else. `tenantSlug` null: of root. */
export async function createAdminToken(
  vault: Vault,
  origin: Origin,
  caller: AdminCaller,
  tenantSlug: string | null,
  input: NewAdminToken,
): Promise<AdminTokenView & { admin_token: string }> {
  const { now } = vault.engine.time();
  const tenantId = await findOwner(vault.engine.read, tenantSlug);
  const mistakes = [...pastEnd(input, now), ...wider(input, caller)];
  if (mistakes.length > 0) {
    throw new Problem('unprocessable', 'The body is not what this route takes.', mistakes);
  }
  // No delivery depends on an admin token.
  return vault.engine.write(tenantId === null ? 'nothing' : { tenantId }, async (unit) => {
    await findOwner(unit, tenantSlug);
    const token = formatToken('admin', randomBytes(32));
    const row: AdminTokenRow = {
      id: await takeIds(unit, 'admin_tokens'),
      tenant_id: tenantId,
      name: input.name,
      role: input.role,
      digest: vault.digests.ofToken(token),
      hint: tokenHint(token),
      allowed_ips: JSON.stringify(input.allowed_ips),
      expires_at: input.expires_at,
      created_at: now,
    };
    await table.insertAdminToken(unit, row);
    const after = show(row, now);
    await addAuditEntry(unit, {
      at: now,
      tenant_id: tenantId,
      type: 'admin_token.created',
      origin,
      target: `admin_token:${row.id}`,
      after,
    });
    return { ...after, admin_token: token };
  });
}

export async function listAdminTokens(
  vault: Vault,
  tenantSlug: string | null,
  filter: AdminTokensQuery,
  page: Page,
): Promise<ListView<AdminTokenView>> {
  const { now } = vault.engine.time();
  const tenantId = await findOwner(vault.engine.read, tenantSlug);
  const rows = await table.listAdminTokens(vault.engine.read, tenantId, oneMore(page), filter, now);
  return pageOf(
    rows,
    page,
    (row) => row.id,
    (row) => show(row, now),
  );
}

export async function getAdminToken(
  vault: Vault,
  tenantSlug: string | null,
  id: number | null,
): Promise<AdminTokenView> {
  const tenantId = await findOwner(vault.engine.read, tenantSlug);
  return show(await requireAdminToken(vault.engine.read, tenantId, id), vault.engine.time().now);
}

/** Deletes a token, which opens nothing from then on. A tenant that has an owner whose token has not expired keeps one. */
export async function deleteAdminToken(
  vault: Vault,
  origin: Origin,
  tenantSlug: string | null,
  id: number | null,
  reason: string | null,
): Promise<void> {
  const { now } = vault.engine.time();
  const tenantId = await findOwner(vault.engine.read, tenantSlug);
  await vault.engine.write(tenantId === null ? 'nothing' : { tenantId }, async (unit) => {
    const row = await requireAdminToken(unit, tenantId, id);
    if (row.id === ROOT_TOKEN_ID) {
      throw conflict('This is the token of the configuration: replace it by npm run root-token.');
    }
    const before = show(row, now);
    if (tenantId !== null && row.role === 'owner' && before.status === 'active') {
      const others = await table.countOwners(unit, tenantId, row.id, now);
      if (others === 0) throw conflict(LAST_OWNER);
    }
    await table.deleteAdminToken(unit, row.id);
    await addAuditEntry(unit, {
      at: now,
      tenant_id: tenantId,
      type: 'admin_token.deleted',
      origin,
      target: `admin_token:${row.id}`,
      reason,
      before,
    });
  });
}

/** The id of the tenant that the tokens are of; null for root. */
async function findOwner(db: Reader, tenantSlug: string | null): Promise<number | null> {
  return tenantSlug === null ? null : (await requireTenant(db, tenantSlug)).id;
}

async function requireAdminToken(
  db: Reader,
  tenantId: number | null,
  id: number | null,
): Promise<AdminTokenRow> {
  const row = id === null ? undefined : await table.findAdminTokenById(db, tenantId, id);
  if (row === undefined) throw notFound();
  return row;
}

function pastEnd({ expires_at }: NewAdminToken, now: number): Mistake[] {
  if (expires_at === null || expires_at > now) return [];
  return [{ pointer: '/expires_at', detail: 'must be in the future' }];
}

/** Its role the permission sees to; a token that outlives or outreaches the one that made it would be wider, too. */
function wider(input: NewAdminToken, caller: AdminCaller): Mistake[] {
  const mistakes: Mistake[] = [];
  if (caller.expires_at !== null && (input.expires_at === null || input.expires_at > caller.expires_at)) {
    const detail = `must not be later than the end of the token that makes it, ${showTime(caller.expires_at)}`;
    mistakes.push({ pointer: '/expires_at', detail });
  }
  const own = compileAddressList(caller.allowed_ips, []).allowed;
  const asked = compileAddressList(input.allowed_ips, []).allowed;
  if (own.length > 0 && (asked.length === 0 || !isWithin(asked, own))) {
    const detail = `must lie within the addresses of the token that makes it: ${caller.allowed_ips.join(', ')}`;
    mistakes.push({ pointer: '/allowed_ips', detail });
  }
  return mistakes;
}

function show(row: AdminTokenRow, now: number): AdminTokenView {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    token_prefix: row.hint,
    allowed_ips: JSON.parse(row.allowed_ips),
    expires_at: showTime(row.expires_at),
    status: row.expires_at !== null && row.expires_at <= now ? 'expired' : 'active',
    created_at: showTime(row.created_at),
  };
}
