import type { Origin } from '../../audit/entry.ts';
import type { TestedWebhookView } from '../../contract/webhooks.ts';
import { newEvent } from '../../events/catalogue.ts';
import { addAuditEntry } from '../../storage/tables/audit-entries.ts';
import { addEvent } from '../../storage/tables/outbox.ts';
import { sendAgain } from '../../storage/tables/webhook-queue.ts';
import * as table from '../../storage/tables/webhooks.ts';
import { requireTenant } from '../tenants/tenants.ts';
import type { Vault } from '../vault/vault.ts';
import { refuseSwitchedOff, requireWebhook } from './webhooks.ts';

/**
 * Has `webhook.test` sent to this endpoint alone, whatever it has subscribed to, by the way that all events go, and before
 * all that it has yet to be sent. One that is paused because it failed is tried at once.
 */
export async function testWebhook(
  vault: Vault,
  origin: Origin,
  tenantSlug: string,
  id: number | null,
): Promise<TestedWebhookView> {
  const { now } = vault.engine.time();
  const { id: tenantId } = await requireTenant(vault.engine.read, tenantSlug);
  // Of the tenant, so that no event of a delivery is committed behind this one with an earlier place.
  return vault.engine.write({ tenantId }, async (unit) => {
    const row = await requireWebhook(unit, tenantId, id);
    refuseSwitchedOff(row);
    const event = newEvent('webhook.test', tenantId, now, { tenant: tenantSlug, webhook_id: row.id });
    await sendAgain(unit, row.id, { source: 'outbox', seq: await addEvent(unit, event) });
    if (row.paused_until !== null) await table.updateWebhook(unit, row.id, { paused_until: null });
    await addAuditEntry(unit, {
      at: now,
      tenant_id: tenantId,
      type: 'webhook.tested',
      origin,
      target: `webhook:${row.id}`,
    });
    return { message_id: event.event_id };
  });
}
