/** What an endpoint is sent next: a window of events, and the places that it has come to once they are sent. */
import { ulid } from 'ulid';
import { isFor } from '../../events/catalogue.ts';
import type { Engine } from '../../storage/engine.ts';
import type { WebhookRow } from '../../storage/rows.ts';
import { BATCH, fixBatch, openBatch } from '../../storage/tables/webhook-batches.ts';
import * as queue from '../../storage/tables/webhook-queue.ts';

/** How many events are in a window at most. */
export const WINDOW = 32;
/** A batch that is not full is sent once its oldest delivery is so old. */
const BATCH_AFTER_MS = 1_000;

export interface Window {
  readonly events: readonly queue.Pending[];
  readonly outboxCursor: number;
  readonly deliveryCursor: number;
}

/** Deliveries to send, and up to where was looked. */
interface Deliveries {
  readonly pending: readonly queue.Pending[];
  readonly scannedTo: number;
}

/** An endpoint that takes nothing is sent what is due again, or one event that it was not sent before, and no more. */
export async function nextWindow(engine: Engine, webhook: WebhookRow): Promise<Window> {
  const { now, settled } = engine.time();
  const { outbox_cursor: outboxCursor, delivery_cursor: deliveryCursor } = webhook;
  const retries = await queue.dueRetries(engine.read, webhook, settled, WINDOW);
  const [first] = retries;
  // That events were lost is told before anything that came after them.
  if (first?.type === 'webhook.events_lost') return { events: [first], outboxCursor, deliveryCursor };
  const room = webhook.failures > 0 ? (retries.length > 0 ? 0 : 1) : WINDOW - retries.length;
  if (room <= 0) return { events: retries, outboxCursor, deliveryCursor };

  const types = JSON.parse(webhook.events) as string[];
  const outbox = await queue.freshOutbox(engine.read, webhook, room);
  const wanted = outbox.filter((event) => isFor(webhook.id, types, event));
  const left = room - wanted.length;
  const deliveries: Deliveries =
    types.includes('key.delivered') && left > 0
      ? await nextDeliveries(engine, webhook, left, now)
      : { pending: [], scannedTo: deliveryCursor };
  return {
    events: [...retries, ...wanted, ...deliveries.pending],
    outboxCursor: outbox.at(-1)?.seq ?? outboxCursor,
    deliveryCursor: deliveries.scannedTo,
  };
}

async function nextDeliveries(
  engine: Engine,
  webhook: WebhookRow,
  limit: number,
  now: number,
): Promise<Deliveries> {
  const begun = await openBatch(engine.read, webhook);
  if (begun !== undefined) {
    const batch = await queue.loadBatch(engine.read, webhook.tenant_id, begun);
    if (batch !== null) return { pending: [batch], scannedTo: begun.last_seq };
    // All that was in it has been removed meanwhile.
    return nextDeliveries(engine, { ...webhook, delivery_cursor: begun.last_seq }, limit, now);
  }
  const lastSeq = await engine.lastSeq(webhook.tenant_id);
  if (webhook.batch === 0) return queue.freshDeliveries(engine.read, webhook, limit, lastSeq);
  return newBatch(engine, webhook, lastSeq, now);
}

/** What is in the batch is on disk before it is sent: whoever dies between sends the same again, under the same id. */
async function newBatch(
  engine: Engine,
  webhook: WebhookRow,
  lastSeq: number,
  now: number,
): Promise<Deliveries> {
  const fresh = await queue.freshDeliveries(engine.read, webhook, BATCH, lastSeq);
  const [oldest] = fresh.pending;
  const last = fresh.pending.at(-1);
  if (oldest === undefined || last === undefined) return fresh;
  const nothing = { pending: [], scannedTo: webhook.delivery_cursor };
  const age = now - oldest.at;
  if (fresh.pending.length < BATCH && age >= 0 && age < BATCH_AFTER_MS) return nothing;
  const batch = {
    webhook_id: webhook.id,
    last_seq: last.seq,
    after_seq: webhook.delivery_cursor,
    event_id: `msg_${ulid(now)}`,
  };
  if (!(await engine.write('nothing', (unit) => fixBatch(unit, batch)))) return nothing;
  return { pending: [queue.pendingBatch(batch, fresh.pending)], scannedTo: last.seq };
}
