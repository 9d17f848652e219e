/** What an endpoint was sent: the log of attempts, and an event of it sent once more. */
import type { Origin } from '../../audit/entry.ts';
import { type ListView, showTime } from '../../contract/common.ts';
import type { ReplayedView, WebhookDeliveryView } from '../../contract/webhook-deliveries.ts';
import { notFound } from '../../domain/problem.ts';
import type { WebhookAttemptRow } from '../../storage/rows.ts';
import { addAuditEntry } from '../../storage/tables/audit-entries.ts';
import * as table from '../../storage/tables/webhook-attempts.ts';
import { loadEvent, sendAgain } from '../../storage/tables/webhook-queue.ts';
import { updateWebhook } from '../../storage/tables/webhooks.ts';
import { oneMore, type Page, pageOf } from '../paging.ts';
import { requireTenant } from '../tenants/tenants.ts';
import type { Vault } from '../vault/vault.ts';
import { refuseSwitchedOff, requireWebhook } from './webhooks.ts';

/** Newest first. */
export async function listWebhookDeliveries(
  vault: Vault,
  tenantSlug: string,
  id: number | null,
  page: Page,
): Promise<ListView<WebhookDeliveryView>> {
  const { read } = vault.engine;
  const tenant = await requireTenant(read, tenantSlug);
  const webhook = await requireWebhook(read, tenant.id, id);
  const rows = await table.listAttempts(read, webhook.id, oneMore(page));
  return pageOf(rows, page, (row) => row.id, show);
}

/**
 * Has the event of an attempt sent to the endpoint once more, under its own id and by the way that all events go, whatever became
 * of it before. One that is paused because it failed is tried at once.
 */
export async function replayWebhookDelivery(
  vault: Vault,
  origin: Origin,
  tenantSlug: string,
  id: number | null,
  delivery: number | null,
): Promise<ReplayedView> {
  const { now } = vault.engine.time();
  const { id: tenantId } = await requireTenant(vault.engine.read, tenantSlug);
  return vault.engine.write('nothing', async (unit) => {
    const webhook = await requireWebhook(unit, tenantId, id);
    const attempt = delivery === null ? undefined : await table.findAttempt(unit, webhook.id, delivery);
    const event = attempt === undefined ? null : await loadEvent(unit, webhook, attempt.source, attempt.seq);
    if (attempt === undefined || event === null) throw notFound();
    refuseSwitchedOff(webhook);
    await sendAgain(unit, webhook.id, attempt);
    if (webhook.paused_until !== null) await updateWebhook(unit, webhook.id, { paused_until: null });
    await addAuditEntry(unit, {
      at: now,
      tenant_id: tenantId,
      type: 'webhook.replayed',
      origin,
      target: `webhook:${webhook.id}`,
      after: { message_id: attempt.event_id },
    });
    return { message_id: attempt.event_id };
  });
}

function show(row: WebhookAttemptRow): WebhookDeliveryView {
  return {
    id: row.id,
    message_id: row.event_id,
    type: row.type,
    attempt: row.attempt,
    at: showTime(row.at),
    status: row.status,
    latency_ms: row.latency_ms,
    error: row.error,
    answer: row.answer,
  };
}
