/** Deliveries that an endpoint is sent as one message. Which they are is fixed before it is sent, and so is its id. */
import type { Selectable } from 'kysely';
import type { Reader, Tables, Transaction, WebhookRow } from '../rows.ts';

export type BatchRow = Selectable<Tables['webhook_batches']>;

/** How many deliveries a message holds at most. */
export const BATCH = 1_000;

/** The batch that was fixed and of which it is not recorded that it was sent. */
export function openBatch(
  db: Reader,
  webhook: Pick<WebhookRow, 'id' | 'delivery_cursor'>,
): Promise<BatchRow | undefined> {
  return db
    .selectFrom('webhook_batches')
    .selectAll()
    .where('webhook_id', '=', webhook.id)
    .where('last_seq', '>', webhook.delivery_cursor)
    .orderBy('last_seq')
    .limit(1)
    .executeTakeFirst();
}

/** The batch that ends with this delivery; undefined where the delivery is a message of its own. */
export function batchEnding(db: Reader, webhookId: number, seq: number): Promise<BatchRow | undefined> {
  return db
    .selectFrom('webhook_batches')
    .selectAll()
    .where('webhook_id', '=', webhookId)
    .where('last_seq', '=', seq)
    .executeTakeFirst();
}

/** Whether it was fixed: not where the endpoint is gone, or has moved on. */
export async function fixBatch(unit: Transaction, batch: BatchRow): Promise<boolean> {
  const webhook = await unit
    .selectFrom('webhooks')
    .select('id')
    .where('id', '=', batch.webhook_id)
    .where('delivery_cursor', '<=', batch.after_seq)
    .executeTakeFirst();
  if (webhook === undefined) return false;
  await unit.insertInto('webhook_batches').values(batch).execute();
  return true;
}
