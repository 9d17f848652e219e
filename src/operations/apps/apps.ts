/** The apps of a tenant: what each may reach, from where, and how much. */
import type { Origin } from '../../audit/entry.ts';
import type { AppPatch, AppView, NewApp } from '../../contract/apps.ts';
import type { ListView } from '../../contract/common.ts';
import type { AppsQuery } from '../../contract/list-queries.ts';
import { mistake } from '../../domain/problem.ts';
import { mergeRateLimit, type RateLimit } from '../../domain/rate-limit.ts';
import { rateLimitColumns, readRateLimit } from '../../storage/rate-limits.ts';
import type { AppRow, Transaction } from '../../storage/rows.ts';
import * as table from '../../storage/tables/apps.ts';
import { addAuditEntry } from '../../storage/tables/audit-entries.ts';
import { findGroupIds } from '../../storage/tables/groups.ts';
import { takeIds } from '../../storage/tables/sequences.ts';
import { removeSigningSecrets } from '../../storage/tables/signing-secrets.ts';
import { oneMore, type Page, pageOf } from '../paging.ts';
import type { Precondition } from '../precondition.ts';
import { requireServiceIds } from '../services/find-service.ts';
import { issueToken } from '../tenants/issue-token.ts';
import { requireTenant } from '../tenants/tenants.ts';
import type { Vault } from '../vault/vault.ts';
import { type Change, changeApp } from './change-app.ts';
import { requireApp } from './find-app.ts';
import { showApp } from './show-app.ts';
import { issueSigningSecret } from './signing-secrets.ts';
import { switched } from './switch-app.ts';

/** Makes an app with its first token and, where it wants signatures, its secret: they are in the result and nowhere else. */
export async function createApp(
  vault: Vault,
  origin: Origin,
  tenantSlug: string,
  input: NewApp,
): Promise<AppView & { app_token: string; signing_secret?: string }> {
  const time = vault.engine.time();
  const { id: tenantId } = await requireTenant(vault.engine.read, tenantSlug);
  return vault.engine.write({ tenantId }, async (unit) => {
    await requireTenant(unit, tenantSlug);
    refuseSpentExpiry(input.expires_at, time.now);
    const id = await takeIds(unit, 'apps');
    const row: AppRow = {
      id,
      tenant_id: tenantId,
      name: input.name,
      description: input.description,
      environment: input.environment,
      tags: JSON.stringify(input.tags),
      all_services: input.services === 'all' ? 1 : 0,
      allowed_ips: JSON.stringify(input.allowed_ips),
      denied_ips: JSON.stringify(input.denied_ips),
      allowed_origins: JSON.stringify(input.allowed_origins),
      allowed_referrers: JSON.stringify(input.allowed_referrers),
      allowed_user_agents: JSON.stringify(input.allowed_user_agents),
      blocked_countries: JSON.stringify(input.blocked_countries),
      require_https: input.require_https ? 1 : 0,
      require_signature: input.require_signature ? 1 : 0,
      max_daily_requests: input.max_daily_requests,
      ...rateLimitChange(null, input.rate_limit),
      expires_at: input.expires_at,
      enabled: input.enabled ? 1 : 0,
      disabled_reason: null,
      auto_enable_at: null,
      expiry_told: 0,
      version: 1,
      created_at: time.now,
      updated_at: time.now,
    };
    await table.insertApp(unit, row, await serviceIds(unit, tenantId, input.services));
    await table.setAppGroups(unit, id, await groupIds(unit, tenantId, input.groups));
    const owner = { tenantId, appId: id };
    const { token } = await issueToken(vault, unit, owner, time.now);
    const secret = input.require_signature ? await issueSigningSecret(vault, unit, owner, time.now) : null;
    const after = showApp(await requireApp(unit, tenantId, id), time);
    await addAuditEntry(unit, {
      at: time.now,
      tenant_id: tenantId,
      type: 'app.created',
      origin,
      target: `app:${id}`,
      after,
    });
    return { ...after, app_token: token, ...(secret === null ? {} : { signing_secret: secret }) };
  });
}

export async function listApps(
  vault: Vault,
  tenantSlug: string,
  filter: AppsQuery,
  page: Page,
): Promise<ListView<AppView>> {
  const { read } = vault.engine;
  const { id } = await requireTenant(read, tenantSlug);
  const time = vault.engine.time();
  const rows = await table.listApps(read, id, oneMore(page), filter, time.now);
  return pageOf(
    rows,
    page,
    (row) => row.id,
    (row) => showApp(row, time),
  );
}

export async function getApp(vault: Vault, tenantSlug: string, id: number | null): Promise<AppView> {
  const tenant = await requireTenant(vault.engine.read, tenantSlug);
  return showApp(await requireApp(vault.engine.read, tenant.id, id), vault.engine.time());
}

/** Changes an app; a change that has it want signatures makes its secret, which is in the result and nowhere else. */
export async function updateApp(
  vault: Vault,
  origin: Origin,
  tenantSlug: string,
  id: number | null,
  patch: AppPatch,
  precondition: Precondition,
): Promise<AppView & { signing_secret?: string }> {
  let secret: string | null = null;
  const change: Change = async (unit, row, time) => {
    precondition(showApp(row, time));
    const { services, groups, tags, enabled, require_https, expires_at, rate_limit, ...rest } = patch;
    const { name, description, environment, max_daily_requests, require_signature, ...lists } = rest;
    if (expires_at !== undefined && expires_at !== row.expires_at) refuseSpentExpiry(expires_at, time.now);
    if (services !== undefined) {
      await table.setAppServices(unit, row.id, await serviceIds(unit, row.tenant_id, services));
    }
    if (groups !== undefined) {
      await table.setAppGroups(unit, row.id, await groupIds(unit, row.tenant_id, groups));
    }
    secret = await turnSignatures(vault, unit, row, require_signature, time.now);
    return {
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description }),
      ...(environment === undefined ? {} : { environment }),
      ...(max_daily_requests === undefined ? {} : { max_daily_requests }),
      ...(rate_limit === undefined ? {} : rateLimitChange(readRateLimit(row), rate_limit)),
      ...(expires_at === undefined || expires_at === row.expires_at ? {} : { expires_at, expiry_told: 0 }),
      ...Object.fromEntries(Object.entries(lists).map(([member, list]) => [member, JSON.stringify(list)])),
      ...(services === undefined ? {} : { all_services: services === 'all' ? 1 : 0 }),
      ...(tags === undefined ? {} : { tags: JSON.stringify(tags) }),
      ...(require_https === undefined ? {} : { require_https: require_https ? 1 : 0 }),
      ...(require_signature === undefined ? {} : { require_signature: require_signature ? 1 : 0 }),
      ...(enabled === undefined || Number(enabled) === row.enabled ? {} : switched(enabled)),
    };
  };
  const view = await changeApp(vault, origin, tenantSlug, id, 'app.updated', null, change);
  return secret === null ? view : { ...view, signing_secret: secret };
}

/** Deletes an app; its tokens end at once. What it was delivered stays on record. */
export async function deleteApp(
  vault: Vault,
  origin: Origin,
  tenantSlug: string,
  id: number | null,
  reason: string | null,
): Promise<void> {
  const time = vault.engine.time();
  const { id: tenantId } = await requireTenant(vault.engine.read, tenantSlug);
  await vault.engine.write({ tenantId }, async (unit) => {
    const row = await requireApp(unit, tenantId, id);
    await table.deleteApp(unit, row.id);
    await addAuditEntry(unit, {
      at: time.now,
      tenant_id: tenantId,
      type: 'app.deleted',
      origin,
      target: `app:${row.id}`,
      reason,
      before: showApp(row, time),
    });
  });
}

/** Has an app want signatures, or no longer; the secret where it has just begun to. What it was before it ends for good. */
async function turnSignatures(
  vault: Vault,
  unit: Transaction,
  row: AppRow,
  wanted: boolean | undefined,
  now: number,
): Promise<string | null> {
  if (wanted === undefined || Number(wanted) === row.require_signature) return null;
  await removeSigningSecrets(unit, row.id);
  if (!wanted) return null;
  return issueSigningSecret(vault, unit, { tenantId: row.tenant_id, appId: row.id }, now);
}

/** None for an app that reaches all services. */
async function serviceIds(
  unit: Transaction,
  tenantId: number,
  services: readonly string[] | 'all',
): Promise<number[]> {
  return services === 'all' ? [] : requireServiceIds(unit, tenantId, services);
}

async function groupIds(unit: Transaction, tenantId: number, groups: readonly string[]): Promise<number[]> {
  const ids = await findGroupIds(unit, tenantId, groups);
  const missing = groups.findIndex((slug) => !ids.has(slug));
  if (missing >= 0) throw mistake(`/groups/${missing}`, 'there is no such group in this tenant');
  return [...ids.values()];
}

/** The columns of what `patch` makes of a rate limit, or the Problem of a burst that is one of nothing. */
function rateLimitChange(current: RateLimit | null, patch: NewApp['rate_limit']) {
  const limit = mergeRateLimit(current, patch);
  if (limit !== null && limit.burst !== null && limit.per_second === null) {
    throw mistake('/rate_limit/burst', 'needs a per_second: set that, or burst to null');
  }
  return rateLimitColumns(limit);
}

function refuseSpentExpiry(expiresAt: number | null, now: number): void {
  if (expiresAt !== null && expiresAt <= now) throw mistake('/expires_at', 'must be in the future');
}
