/** Who holds an admin token. */
import type { Actor } from '../../audit/entry.ts';
import { type Address, admits, compileAddressList } from '../../domain/network.ts';
import type { Role } from '../../domain/roles.ts';
import { findAdminToken } from '../../storage/tables/admin-tokens.ts';
import type { Vault } from '../vault/vault.ts';

export interface AdminCaller {
  readonly actor: Actor;
  readonly role: Role;
  /** Null for root. */
  readonly tenant: { readonly id: number; readonly slug: string } | null;
  /** What no token that it makes may go beyond. */
  readonly allowed_ips: readonly string[];
  readonly expires_at: number | null;
}

/** Why a token that is known opens nothing. */
export type AdminRefusal = 'expired' | 'suspended' | 'address';

/**
 * The holder of the token, or why it opens nothing: null for one that is unknown. The token is looked up by its keyed
 * digest, so that timing tells nothing of it, and anew for each request, so that a deleted one opens nothing more. The
 * address lists of its tenant bind it too; root can undo them.
 */
export async function authenticateAdmin(
  vault: Vault,
  token: string,
  address: Address | null,
): Promise<AdminCaller | AdminRefusal | null> {
  const row = await findAdminToken(vault.engine.read, vault.digests.ofToken(token));
  if (row === undefined) return null;
  const { id, name, role, tenant_id, tenant_slug, tenant_status, expires_at } = row;
  if (expires_at !== null && expires_at <= vault.engine.time().now) return 'expired';
  if (tenant_status === 'suspended') return 'suspended';
  const allowed_ips: string[] = JSON.parse(row.allowed_ips);
  if (!admits(compileAddressList(allowed_ips, []), address)) return 'address';
  const tenantAllowed = JSON.parse(row.tenant_allowed_ips ?? '[]');
  const tenantDenied = JSON.parse(row.tenant_denied_ips ?? '[]');
  if (!admits(compileAddressList(tenantAllowed, tenantDenied), address)) return 'address';
  return {
    actor: { kind: 'admin_token', id, name, role },
    role,
    tenant: tenant_id === null || tenant_slug === null ? null : { id: tenant_id, slug: tenant_slug },
    allowed_ips,
    expires_at,
  };
}
