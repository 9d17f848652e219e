/**
 * What an endpoint has yet to be sent: events of the outbox and deliveries beyond its cursors, and what it did not take.
 */
import type { OutboxRow, Reader, Transaction, WebhookRow } from '../rows.ts';
import { BATCH, type BatchRow, batchEnding } from './webhook-batches.ts';

export type Source = 'outbox' | 'delivery';

/** An event on its way to an endpoint; `attempts` so far, and when it is due again where it is `queued` to be sent again. */
export interface Pending {
  readonly source: Source;
  readonly seq: number;
  readonly event_id: string;
  readonly type: string;
  readonly at: number;
  readonly data: object;
  readonly attempts: number;
  readonly due_at: number;
  readonly queued: boolean;
}

const FRESH = { attempts: 0, due_at: 0, queued: false } as const;

/** How many deliveries a look beyond the cursor passes over at most, whoever's they are. */
const SCAN = 20_000;

/** Enabled endpoints that are not paused at `now`. */
export function listSendable(db: Reader, now: number): Promise<WebhookRow[]> {
  return db
    .selectFrom('webhooks')
    .selectAll()
    .where('enabled', '=', 1)
    .where((where) => where.or([where('paused_until', 'is', null), where('paused_until', '<=', now)]))
    .orderBy('id')
    .execute();
}

/** Events beyond the endpoint's cursor, oldest first. */
export async function freshOutbox(db: Reader, webhook: WebhookRow, limit: number): Promise<Pending[]> {
  const rows = await db
    .selectFrom('outbox')
    .selectAll()
    .where('tenant_id', '=', webhook.tenant_id)
    .where('seq', '>', webhook.outbox_cursor)
    .orderBy('seq')
    .limit(limit)
    .execute();
  return rows.map(pendingEvent);
}

/**
 * Deliveries beyond the endpoint's cursor, oldest first, and up to where was looked: not beyond `lastSeq`, after which one
 * may still be committed that comes before others that can be read.
 */
export async function freshDeliveries(
  db: Reader,
  webhook: WebhookRow,
  limit: number,
  lastSeq: number,
): Promise<{ pending: Pending[]; scannedTo: number }> {
  const end = Math.max(webhook.delivery_cursor, Math.min(lastSeq, webhook.delivery_cursor + SCAN));
  const pending = await selectDeliveries(db)
    .where('deliveries.tenant_id', '=', webhook.tenant_id)
    .where('deliveries.seq', '>', webhook.delivery_cursor)
    .where('deliveries.seq', '<=', end)
    .orderBy('deliveries.seq')
    .limit(limit)
    .execute();
  const full = pending.length === limit;
  return { pending: pending.map(pendingDelivery), scannedTo: full ? (pending.at(-1)?.seq ?? end) : end };
}

/** Of a batch what is left of it; null where nothing is. */
export async function loadBatch(db: Reader, tenantId: number, batch: BatchRow): Promise<Pending | null> {
  const rows = await selectDeliveries(db)
    .where('deliveries.tenant_id', '=', tenantId)
    .where('deliveries.seq', '>', batch.after_seq)
    .where('deliveries.seq', '<=', batch.last_seq)
    .orderBy('deliveries.seq')
    .limit(BATCH)
    .execute();
  return rows.length === 0 ? null : pendingBatch(batch, rows.map(pendingDelivery));
}

/** The message of a batch and these deliveries, which it is not empty of. */
export function pendingBatch(batch: BatchRow, deliveries: readonly Pending[]): Pending {
  const last = deliveries.at(-1) as Pending;
  const data = { deliveries: deliveries.map((each) => each.data) };
  return { ...last, seq: batch.last_seq, event_id: batch.event_id, data };
}

/** What the endpoint did not take and is due at `now`, or it is to be told first. */
export async function dueRetries(
  db: Reader,
  webhook: WebhookRow,
  now: number,
  limit: number,
): Promise<Pending[]> {
  const due = await db
    .selectFrom('webhook_retries')
    .selectAll()
    .where('webhook_id', '=', webhook.id)
    .where('due_at', '<=', now)
    .orderBy('due_at')
    .limit(limit)
    .execute();
  const loaded = await Promise.all(
    due.map(async ({ source, seq, attempts, due_at }) => {
      const event = await loadEvent(db, webhook, source, seq);
      return event === null ? null : { ...event, attempts, due_at, queued: true };
    }),
  );
  return loaded.filter((event) => event !== null);
}

/** The event as an endpoint is sent it; null where it is no more. */
export async function loadEvent(
  db: Reader,
  webhook: Pick<WebhookRow, 'id' | 'tenant_id'>,
  source: Source,
  seq: number,
): Promise<Pending | null> {
  if (source === 'outbox') return outboxEvent(db, webhook.tenant_id, seq);
  const batch = await batchEnding(db, webhook.id, seq);
  return batch === undefined
    ? deliveryEvent(db, webhook.tenant_id, seq)
    : loadBatch(db, webhook.tenant_id, batch);
}

/** Has the event sent before all others, as if it had not been before. */
export async function sendAgain(
  unit: Transaction,
  webhookId: number,
  { source, seq }: Pick<Pending, 'source' | 'seq'>,
): Promise<void> {
  await recordAttempts(unit, webhookId, [{ source, seq, attempts: 0, retryAt: 0 }]);
}

/** What became of an attempt at an event. `retryAt` null: it was taken, or given up. */
export interface Attempted {
  readonly source: Source;
  readonly seq: number;
  readonly attempts: number;
  readonly retryAt: number | null;
}

export async function recordAttempts(
  unit: Transaction,
  webhookId: number,
  attempted: readonly Attempted[],
): Promise<void> {
  for (const { source, seq, attempts, retryAt } of attempted) {
    if (retryAt === null) {
      await unit
        .deleteFrom('webhook_retries')
        .where('webhook_id', '=', webhookId)
        .where('source', '=', source)
        .where('seq', '=', seq)
        .execute();
    } else {
      await unit
        .insertInto('webhook_retries')
        .values({ webhook_id: webhookId, source, seq, attempts, due_at: retryAt })
        .onConflict((conflict) =>
          conflict.columns(['webhook_id', 'source', 'seq']).doUpdateSet({ attempts, due_at: retryAt }),
        )
        .execute();
    }
  }
}

/** Everything that the endpoint did not take is due again at once: it has come back. */
export async function hastenRetries(unit: Transaction, webhookId: number, now: number): Promise<void> {
  await unit
    .updateTable('webhook_retries')
    .set({ due_at: now })
    .where('webhook_id', '=', webhookId)
    .where('due_at', '>', now)
    .execute();
}

function selectDeliveries(db: Reader) {
  return db
    .selectFrom('deliveries')
    .innerJoin('tenants', 'tenants.id', 'deliveries.tenant_id')
    .leftJoin('services', 'services.id', 'deliveries.service_id')
    .selectAll('deliveries')
    .select(['tenants.slug as tenant', 'services.slug as service']);
}

interface JoinedDelivery {
  readonly seq: number;
  readonly delivery_id: string;
  readonly at: number;
  readonly tenant: string;
  readonly service: string | null;
  readonly key_id: number;
  readonly app_id: number | null;
  readonly ip: string;
  readonly masked: number;
  readonly usage_today: number;
}

function pendingDelivery(row: JoinedDelivery): Pending {
  const { seq, at, delivery_id, tenant, service, key_id, app_id, ip, masked, usage_today } = row;
  return {
    source: 'delivery',
    seq,
    event_id: `msg_${delivery_id}`,
    type: 'key.delivered',
    at,
    data: { tenant, service, delivery_id, key_id, app_id, ip, masked: masked === 1, usage_today },
    ...FRESH,
  };
}

function pendingEvent({ seq, event_id, type, at, data }: OutboxRow): Pending {
  return { source: 'outbox', seq, event_id, type, at, data: JSON.parse(data), ...FRESH };
}

async function outboxEvent(db: Reader, tenantId: number, seq: number): Promise<Pending | null> {
  const row = await db
    .selectFrom('outbox')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('seq', '=', seq)
    .executeTakeFirst();
  return row === undefined ? null : pendingEvent(row);
}

async function deliveryEvent(db: Reader, tenantId: number, seq: number): Promise<Pending | null> {
  const row = await selectDeliveries(db)
    .where('deliveries.tenant_id', '=', tenantId)
    .where('deliveries.seq', '=', seq)
    .executeTakeFirst();
  return row === undefined ? null : pendingDelivery(row);
}
