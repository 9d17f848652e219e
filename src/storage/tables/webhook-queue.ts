/**
 * What an endpoint has yet to be sent: events of the outbox and deliveries beyond its cursors, and what it did not take.
 */
import type { Reader, Transaction, WebhookRow } from '../rows.ts';

export type Source = 'outbox' | 'delivery';

/** An event on its way to an endpoint; `attempts` so far, and when it is due again. */
export interface Pending {
  readonly source: Source;
  readonly seq: number;
  readonly event_id: string;
  readonly type: string;
  readonly at: number;
  readonly data: object;
  readonly attempts: number;
  readonly due_at: number;
}

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
  return rows.map((row) => ({
    ...row,
    source: 'outbox',
    data: JSON.parse(row.data),
    attempts: 0,
    due_at: 0,
  }));
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

/** What the endpoint did not take and is due at `now`, or where `orEarliest` and nothing is, the one that is due first. */
export async function dueRetries(
  db: Reader,
  webhook: WebhookRow,
  now: number,
  limit: number,
  orEarliest: boolean,
): Promise<Pending[]> {
  const rows = await db
    .selectFrom('webhook_retries')
    .selectAll()
    .where('webhook_id', '=', webhook.id)
    .orderBy('due_at')
    .limit(limit)
    .execute();
  const due = rows.filter((row) => row.due_at <= now);
  const chosen = due.length === 0 && orEarliest ? rows.slice(0, 1) : due;
  const loaded = await Promise.all(
    chosen.map(async ({ source, seq, attempts, due_at }) => {
      const event =
        source === 'outbox' ? await outboxEvent(db, seq) : await deliveryEvent(db, webhook.tenant_id, seq);
      return event === null ? null : { ...event, attempts, due_at };
    }),
  );
  return loaded.filter((event) => event !== null);
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
    attempts: 0,
    due_at: 0,
  };
}

async function outboxEvent(db: Reader, seq: number): Promise<Pending | null> {
  const row = await db.selectFrom('outbox').selectAll().where('seq', '=', seq).executeTakeFirst();
  return row === undefined
    ? null
    : { ...row, source: 'outbox', data: JSON.parse(row.data), attempts: 0, due_at: 0 };
}

async function deliveryEvent(db: Reader, tenantId: number, seq: number): Promise<Pending | null> {
  const row = await selectDeliveries(db)
    .where('deliveries.tenant_id', '=', tenantId)
    .where('deliveries.seq', '=', seq)
    .executeTakeFirst();
  return row === undefined ? null : pendingDelivery(row);
}
