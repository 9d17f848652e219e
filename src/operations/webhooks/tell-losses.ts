import { showTime } from '../../contract/common.ts';
import { newEvent } from '../../events/catalogue.ts';
import type { Engine } from '../../storage/engine.ts';
import type { WebhookRow } from '../../storage/rows.ts';
import { addEvent } from '../../storage/tables/outbox.ts';
import { slugOfTenant } from '../../storage/tables/tenants.ts';
import { takeLosses } from '../../storage/tables/webhook-losses.ts';
import { sendAgain } from '../../storage/tables/webhook-queue.ts';

/**
 * Queues `webhook.events_lost` for an endpoint, before all else that it has yet to be sent: once for all that was removed since
 * it was told last. For one that takes what it is sent: while it does not, a gap may still grow.
 */
export async function tellLosses(engine: Engine, { id, tenant_id }: WebhookRow): Promise<void> {
  const { now } = engine.time();
  // Of the tenant, so that no event of a delivery is committed behind these with an earlier place.
  await engine.write({ tenantId: tenant_id }, async (unit) => {
    const tenant = await slugOfTenant(unit, tenant_id);
    if (tenant === null) return;
    for (const { source, count, from_at, to_at } of await takeLosses(unit, id)) {
      const event = newEvent('webhook.events_lost', tenant_id, now, {
        tenant,
        webhook_id: id,
        lost: source === 'delivery' ? 'deliveries' : 'events',
        count,
        from: showTime(from_at),
        to: showTime(to_at),
      });
      await sendAgain(unit, id, { source: 'outbox', seq: await addEvent(unit, event) });
    }
  });
}
