/** The webhook endpoints of a tenant. */
import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Origin } from '../../audit/entry.ts';
import { type ListView, showTime } from '../../contract/common.ts';
import type { WebhooksQuery } from '../../contract/list-queries.ts';
import type { NewWebhook, WebhookPatch, WebhookView } from '../../contract/webhooks.ts';
import { conflict, mistake, notFound } from '../../domain/problem.ts';
import type { Reader, WebhookRow } from '../../storage/rows.ts';
import { addAuditEntry } from '../../storage/tables/audit-entries.ts';
import { takeIds } from '../../storage/tables/sequences.ts';
import { hastenRetries } from '../../storage/tables/webhook-queue.ts';
import * as table from '../../storage/tables/webhooks.ts';
import type { AddressGuard } from '../../webhooks/address-guard.ts';
import { newWebhookSecret } from '../../webhooks/sign.ts';
import { explainWebhookUrl } from '../../webhooks/webhook-url.ts';
import { oneMore, type Page, pageOf } from '../paging.ts';
import type { Precondition } from '../precondition.ts';
import { requireTenant } from '../tenants/tenants.ts';
import type { Vault } from '../vault/vault.ts';
import { sealSecrets } from './webhook-secrets.ts';

/** Each is sent every delivery that it asks for: their number is what one tenant can cost all others. */
const MOST_WEBHOOKS = 50;

export interface WebhookVault extends Vault {
  readonly guard: AddressGuard;
}

/**
 * Makes an endpoint, which hears of what happens from now on: no delivery of the tenant is decided beside the unit that
 * says where it begins. Its secret is in the result and nowhere else.
 */
export async function createWebhook(
  vault: WebhookVault,
  origin: Origin,
  tenantSlug: string,
  input: NewWebhook,
): Promise<WebhookView & { secret: string }> {
  const { now } = vault.engine.time();
  refuseUrl(vault, input.url);
  const { id: tenantId } = await requireTenant(vault.engine.read, tenantSlug);
  return vault.engine.write({ tenantId }, async (unit) => {
    await requireTenant(unit, tenantSlug);
    if ((await table.countWebhooks(unit, tenantId)) >= MOST_WEBHOOKS)
      throw conflict(`A tenant has at most ${MOST_WEBHOOKS} webhooks: delete one first.`);
    const id = await takeIds(unit, 'webhooks');
    const secret = newWebhookSecret(randomBytes(32));
    const row: WebhookRow = {
      id,
      tenant_id: tenantId,
      url: input.url,
      description: input.description,
      events: JSON.stringify(input.events),
      enabled: input.enabled ? 1 : 0,
      disabled_reason: null,
      sealed_secret: await sealSecrets(
        vault,
        unit,
        { id, tenant_id: tenantId },
        { current: secret, previous: [] },
      ),
      outbox_cursor: await table.newestEvent(unit),
      delivery_cursor: await vault.engine.lastSeq(tenantId),
      failures: 0,
      failing_since: null,
      paused_until: null,
      batch: input.batch ? 1 : 0,
      created_at: now,
      updated_at: now,
    };
    await table.insertWebhook(unit, row);
    await addAuditEntry(unit, {
      at: now,
      tenant_id: tenantId,
      type: 'webhook.created',
      origin,
      target: `webhook:${id}`,
      after: auditable(row),
    });
    return { ...showWebhook(row), secret };
  });
}

export async function listWebhooks(
  vault: Vault,
  tenantSlug: string,
  filter: WebhooksQuery,
  page: Page,
): Promise<ListView<WebhookView>> {
  const { id } = await requireTenant(vault.engine.read, tenantSlug);
  const rows = await table.listWebhooks(vault.engine.read, id, oneMore(page), filter);
  return pageOf(rows, page, (row) => row.id, showWebhook);
}

export async function getWebhook(vault: Vault, tenantSlug: string, id: number | null): Promise<WebhookView> {
  const tenant = await requireTenant(vault.engine.read, tenantSlug);
  return showWebhook(await requireWebhook(vault.engine.read, tenant.id, id));
}

/**
 * Changes an endpoint. One that is enabled again goes on where it stopped, and all that it missed is due at once; one that asks for `key.delivered` hears of
 * deliveries from now on. What changes nothing leaves no trace.
 */
export async function updateWebhook(
  vault: WebhookVault,
  origin: Origin,
  tenantSlug: string,
  id: number | null,
  patch: WebhookPatch,
  precondition: Precondition,
): Promise<WebhookView> {
  const { now, settled } = vault.engine.time();
  if (patch.url !== undefined) refuseUrl(vault, patch.url);
  const { id: tenantId } = await requireTenant(vault.engine.read, tenantSlug);
  return vault.engine.write({ tenantId }, async (unit) => {
    const row = await requireWebhook(unit, tenantId, id);
    precondition(showWebhook(row));
    const asksForDeliveries =
      patch.events?.includes('key.delivered') === true && !JSON.parse(row.events).includes('key.delivered');
    const enabled = patch.enabled === undefined ? row.enabled : Number(patch.enabled);
    const freshStart = patch.enabled === true || patch.url !== undefined;
    const changed: WebhookRow = {
      ...row,
      url: patch.url ?? row.url,
      description: patch.description ?? row.description,
      events: patch.events === undefined ? row.events : JSON.stringify(patch.events),
      batch: patch.batch === undefined ? row.batch : Number(patch.batch),
      enabled,
      disabled_reason: enabled === row.enabled ? row.disabled_reason : null,
      delivery_cursor: asksForDeliveries ? await vault.engine.lastSeq(tenantId) : row.delivery_cursor,
      ...(freshStart ? { failures: 0, failing_since: null, paused_until: null } : {}),
      updated_at: now,
    };
    const before = showWebhook(row);
    if (isDeepStrictEqual(showWebhook({ ...changed, updated_at: row.updated_at }), before)) return before;
    const { id: _id, tenant_id: _tenant, created_at: _created, ...changes } = changed;
    await table.updateWebhook(unit, row.id, changes);
    if (freshStart) await hastenRetries(unit, row.id, settled);
    await addAuditEntry(unit, {
      at: now,
      tenant_id: tenantId,
      type: 'webhook.updated',
      origin,
      target: `webhook:${row.id}`,
      before: auditable(row),
      after: auditable(changed),
    });
    return showWebhook(changed);
  });
}

/** Deletes an endpoint; what it was yet to be told is not sent. */
export async function deleteWebhook(
  vault: Vault,
  origin: Origin,
  tenantSlug: string,
  id: number | null,
  reason: string | null,
): Promise<void> {
  const { now } = vault.engine.time();
  const { id: tenantId } = await requireTenant(vault.engine.read, tenantSlug);
  await vault.engine.write('nothing', async (unit) => {
    const row = await requireWebhook(unit, tenantId, id);
    await table.deleteWebhook(unit, row.id);
    await addAuditEntry(unit, {
      at: now,
      tenant_id: tenantId,
      type: 'webhook.deleted',
      origin,
      target: `webhook:${row.id}`,
      reason,
      before: auditable(row),
    });
  });
}

/** Throws the Problem of what is not there, also for another tenant's. */
export async function requireWebhook(db: Reader, tenantId: number, id: number | null): Promise<WebhookRow> {
  const row = id === null ? undefined : await table.findWebhook(db, tenantId, id);
  if (row === undefined) throw notFound();
  return row;
}

/** Throws the Problem of one that is sent nothing. */
export function refuseSwitchedOff({ id, enabled }: WebhookRow): void {
  if (enabled === 1) return;
  throw conflict(
    `Webhook ${id} is switched off: enable it first, by a PATCH of "enabled" or webhook enable.`,
  );
}

function refuseUrl(vault: WebhookVault, url: string): void {
  const objection = explainWebhookUrl(url, vault.guard);
  if (objection !== null) throw mistake('/url', objection);
}

function showWebhook(row: WebhookRow): WebhookView {
  return {
    id: row.id,
    url: row.url,
    events: JSON.parse(row.events),
    batch: row.batch === 1,
    description: row.description,
    enabled: row.enabled === 1,
    disabled_reason: row.disabled_reason,
    failing_since: showTime(row.failing_since),
    created_at: showTime(row.created_at),
    updated_at: showTime(row.updated_at),
  };
}

/** A receiver's URL often holds a secret of its own: the audit trail has no more of it than where it leads. */
function auditable(row: WebhookRow): object {
  return { ...showWebhook(row), url: new URL(row.url).origin };
}
