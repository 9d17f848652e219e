/** The apps of a tenant: what each may reach, from where, and how much. */
import { isDeepStrictEqual } from 'node:util';
import type { Origin } from '../audit/entry.ts';
import type { AppPatch, AppView, NewApp } from '../contract/apps.ts';
import { type ListView, showTime } from '../contract/common.ts';
import type { AppsQuery } from '../contract/list-queries.ts';
import type { ClockReading } from '../domain/clock.ts';
import { conflict, mistake, notFound } from '../domain/problem.ts';
import { mergeRateLimit, type RateLimit } from '../domain/rate-limit.ts';
import { rateLimitColumns, readRateLimit } from '../storage/rate-limits.ts';
import type { AppRow, Reader, Transaction } from '../storage/rows.ts';
import * as table from '../storage/tables/apps.ts';
import { addAuditEntry } from '../storage/tables/audit-entries.ts';
import { findGroupIds } from '../storage/tables/groups.ts';
import { takeIds } from '../storage/tables/sequences.ts';
import { removeSigningSecrets } from '../storage/tables/signing-secrets.ts';
import { requireServiceIds } from './find-service.ts';
import { issueToken, replaceToken } from './issue-token.ts';
import { oneMore, type Page, pageOf } from './paging.ts';
import type { Precondition } from './precondition.ts';
import { showApp } from './show-app.ts';
import { issueSigningSecret, replaceSigningSecret } from './signing-secrets.ts';
import { requireTenant } from './tenants.ts';
import type { Vault } from './vault.ts';

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
    page.limit,
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
      ...(expires_at === undefined ? {} : { expires_at }),
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

/** Switches an app off, for a time where `autoEnableAfterSeconds` says so; one that is off just like that stays as it is. */
export function disableApp(
  vault: Vault,
  origin: Origin,
  tenantSlug: string,
  id: number | null,
  reason: string,
  autoEnableAfterSeconds: number | undefined,
): Promise<AppView> {
  return changeApp(vault, origin, tenantSlug, id, 'app.disabled', reason, async (_unit, _row, { now }) => {
    const until = autoEnableAfterSeconds === undefined ? null : now + autoEnableAfterSeconds * 1000;
    return { enabled: 0, disabled_reason: reason, auto_enable_at: until };
  });
}

/** Switches an app on; one that is on already stays as it is. */
export function enableApp(
  vault: Vault,
  origin: Origin,
  tenantSlug: string,
  id: number | null,
): Promise<AppView> {
  return changeApp(vault, origin, tenantSlug, id, 'app.enabled', null, async () => switched(true));
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

/** A new token; the one before serves on for the grace. */
export async function rotateAppToken(
  vault: Vault,
  origin: Origin,
  tenantSlug: string,
  id: number | null,
  graceSeconds: number,
): Promise<{ app_token: string; previous_valid_until: string }> {
  const { now } = vault.engine.time();
  const { id: tenantId } = await requireTenant(vault.engine.read, tenantSlug);
  return vault.engine.write({ tenantId }, async (unit) => {
    const row = await requireApp(unit, tenantId, id);
    const owner = { tenantId, appId: row.id };
    const { token, previousValidUntil } = await replaceToken(vault, unit, owner, graceSeconds, now);
    const previous_valid_until = showTime(previousValidUntil);
    await addAuditEntry(unit, {
      at: now,
      tenant_id: tenantId,
      type: 'app.token_rotated',
      origin,
      target: `app:${row.id}`,
      after: { previous_valid_until },
    });
    return { app_token: token, previous_valid_until };
  });
}

/** A new signing secret; the one before is valid on for the grace. */
export async function rotateSigningSecret(
  vault: Vault,
  origin: Origin,
  tenantSlug: string,
  id: number | null,
  graceSeconds: number,
): Promise<{ signing_secret: string; previous_valid_until: string }> {
  const { now } = vault.engine.time();
  const { id: tenantId } = await requireTenant(vault.engine.read, tenantSlug);
  return vault.engine.write({ tenantId }, async (unit) => {
    const row = await requireApp(unit, tenantId, id);
    if (row.require_signature === 0) {
      throw conflict(
        'The app wants no signatures: a PATCH that sets require_signature to true answers with its secret.',
      );
    }
    const app = { tenantId, appId: row.id };
    const { secret, previousValidUntil } = await replaceSigningSecret(vault, unit, app, graceSeconds, now);
    const previous_valid_until = showTime(previousValidUntil);
    await addAuditEntry(unit, {
      at: now,
      tenant_id: tenantId,
      type: 'app.signing_secret_rotated',
      origin,
      target: `app:${row.id}`,
      after: { previous_valid_until },
    });
    return { signing_secret: secret, previous_valid_until };
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

/** What a change of an app is made of. */
type Change = (
  unit: Transaction,
  row: table.AppDetails,
  time: ClockReading,
) => Promise<Parameters<typeof table.updateApp>[2]>;

/** What changes nothing leaves no trace. */
async function changeApp(
  vault: Vault,
  origin: Origin,
  tenantSlug: string,
  id: number | null,
  type: string,
  reason: string | null,
  change: Change,
): Promise<AppView> {
  const time = vault.engine.time();
  const { id: tenantId } = await requireTenant(vault.engine.read, tenantSlug);
  return vault.engine.write({ tenantId }, async (unit) => {
    const row = await requireApp(unit, tenantId, id);
    const before = showApp(row, time);
    const changes = await change(unit, row, time);
    const planned = { ...(await requireApp(unit, tenantId, row.id)), ...changes };
    if (isDeepStrictEqual(showApp(planned, time), before)) return before;
    await table.updateApp(unit, row.id, { ...changes, version: row.version + 1, updated_at: time.now });
    const after = showApp(await requireApp(unit, tenantId, row.id), time);
    const target = `app:${row.id}`;
    await addAuditEntry(unit, {
      at: time.now,
      tenant_id: tenantId,
      type,
      origin,
      target,
      reason,
      before,
      after,
    });
    return after;
  });
}

/** The app, or the Problem that is the same for a missing one and another's. */
export async function requireApp(db: Reader, tenantId: number, id: number | null): Promise<table.AppDetails> {
  const row = id === null ? undefined : await table.findApp(db, tenantId, id);
  if (row === undefined) throw notFound();
  return row;
}

/** What an app's row holds once it was switched on or off by hand. */
export function switched(enabled: boolean) {
  return { enabled: enabled ? 1 : 0, disabled_reason: null, auto_enable_at: null };
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
