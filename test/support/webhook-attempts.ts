import type { Vault } from '../../src/operations/vault/vault.ts';
import { addAttempts } from '../../src/storage/tables/webhook-attempts.ts';

/** Puts an attempt at an event of its own into the log of a webhook; resolves with the id of the attempt. */
export async function seedAttempt({ engine }: Vault, webhookId: number): Promise<number> {
  const { now } = engine.time();
  return engine.write('nothing', async (unit) => {
    const { tenant_id } = await unit
      .selectFrom('webhooks')
      .select('tenant_id')
      .where('id', '=', webhookId)
      .executeTakeFirstOrThrow();
    const event = { event_id: `msg_seeded_${webhookId}`, type: 'webhook.test', at: now };
    const data = JSON.stringify({ tenant: 'acme', webhook_id: webhookId });
    const { seq } = await unit
      .insertInto('outbox')
      .values({ ...event, tenant_id, data })
      .returning('seq')
      .executeTakeFirstOrThrow();
    const answer = { status: 503, latency_ms: 41, error: 'http_status', answer: 'We are down.' };
    await addAttempts(unit, [
      { ...event, webhook_id: webhookId, source: 'outbox', seq, attempt: 1, ...answer },
    ]);
    const { id } = await unit
      .selectFrom('webhook_attempts')
      .select((of) => of.fn.max('id').as('id'))
      .executeTakeFirstOrThrow();
    return id;
  });
}
