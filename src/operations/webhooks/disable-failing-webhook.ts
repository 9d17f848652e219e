import { SYSTEM_ORIGIN } from '../../audit/entry.ts';
import { showTime } from '../../contract/common.ts';
import { newEvent } from '../../events/catalogue.ts';
import type { Transaction, WebhookRow } from '../../storage/rows.ts';
import { addAuditEntry } from '../../storage/tables/audit-entries.ts';
import { addEvent } from '../../storage/tables/outbox.ts';
import { slugOfTenant } from '../../storage/tables/tenants.ts';
import { updateWebhook } from '../../storage/tables/webhooks.ts';

/** Switches an endpoint off, and tells the others of the tenant. For a unit of the tenant. */
export async function disableFailingWebhook(
  unit: Transaction,
  webhook: WebhookRow,
  reason: string,
  now: number,
): Promise<void> {
  const { id, tenant_id, failing_since } = webhook;
  await updateWebhook(unit, id, { enabled: 0, disabled_reason: reason, updated_at: now });
  await addAuditEntry(unit, {
    at: now,
    tenant_id,
    type: 'webhook.disabled',
    origin: SYSTEM_ORIGIN,
    target: `webhook:${id}`,
    reason,
  });
  const tenant = await slugOfTenant(unit, tenant_id);
  if (tenant === null) return;
  const { origin } = new URL(webhook.url);
  const since = showTime(failing_since);
  const data = { tenant, webhook_id: id, origin, reason, failing_since: since };
  await addEvent(unit, newEvent('webhook.disabled', tenant_id, now, data));
}
