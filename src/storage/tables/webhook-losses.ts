/**
 * What is removed before an endpoint was sent it: counted in the unit that removes it, and kept until the endpoint can be told.
 * What is being sent at that very moment may be counted, too.
 */
import { type RawBuilder, sql } from 'kysely';
import { isFor } from '../../events/catalogue.ts';
import type { OutboxRow, Reader, Transaction } from '../rows.ts';

export interface Loss {
  readonly webhook_id: number;
  readonly source: 'outbox' | 'delivery';
  readonly count: number;
  readonly from_at: number;
  readonly to_at: number;
}

const DELIVERIES = '%"key.delivered"%';

/** Whether there is an endpoint that has yet to be sent a delivery up to this place. */
export async function anyBehind(db: Reader, seq: number): Promise<boolean> {
  const { rows } = await sql<{ behind: number }>`
    SELECT 1 AS behind WHERE EXISTS (
      SELECT 1 FROM webhooks WHERE events LIKE ${DELIVERIES} AND delivery_cursor < ${seq}
    ) OR EXISTS (SELECT 1 FROM webhook_retries WHERE source = 'delivery')`.execute(db);
  return rows.length > 0;
}

/** What endpoints lose with the deliveries `gone`: a table expression with `tenant_id`, `seq` and `at`. */
export async function lostDeliveries(db: Reader, gone: RawBuilder<unknown>): Promise<Loss[]> {
  const { rows } = await sql<Loss>`
    SELECT webhook_id, 'delivery' AS source, count(*) AS count, min(at) AS from_at, max(at) AS to_at FROM (
      SELECT webhooks.id AS webhook_id, gone.at FROM webhooks
      JOIN ${gone} AS gone ON gone.tenant_id = webhooks.tenant_id AND gone.seq > webhooks.delivery_cursor
      WHERE webhooks.events LIKE ${DELIVERIES}
      UNION ALL
      SELECT webhooks.id, gone.at FROM webhook_retries AS retry
      JOIN webhooks ON webhooks.id = retry.webhook_id
      LEFT JOIN webhook_batches AS batch ON batch.webhook_id = retry.webhook_id AND batch.last_seq = retry.seq
      JOIN ${gone} AS gone ON gone.tenant_id = webhooks.tenant_id
        AND gone.seq > coalesce(batch.after_seq, retry.seq - 1) AND gone.seq <= retry.seq
      WHERE retry.source = 'delivery'
    ) AS lost GROUP BY webhook_id`.execute(db);
  return rows;
}

/** What endpoints lose with these events of the outbox. */
export async function lostEvents(db: Reader, gone: readonly OutboxRow[]): Promise<Loss[]> {
  const last = gone.at(-1);
  if (last === undefined) return [];
  const tenantIds = [...new Set(gone.map(({ tenant_id }) => tenant_id))];
  const webhooks = await db
    .selectFrom('webhooks')
    .select(['id', 'tenant_id', 'events', 'outbox_cursor'])
    .where('tenant_id', 'in', tenantIds)
    .execute();
  const losses: Loss[] = [];
  for (const { id, tenant_id, events, outbox_cursor } of webhooks) {
    const retries = await db
      .selectFrom('webhook_retries')
      .select('seq')
      .where('webhook_id', '=', id)
      .where('source', '=', 'outbox')
      .where('seq', '<=', last.seq)
      .execute();
    const due = new Set(retries.map(({ seq }) => seq));
    const types = JSON.parse(events) as string[];
    const lost = gone.filter(
      (row) =>
        due.has(row.seq) ||
        (row.tenant_id === tenant_id &&
          row.seq > outbox_cursor &&
          isFor(id, types, { type: row.type, data: JSON.parse(row.data) })),
    );
    const [first] = lost;
    if (first === undefined) continue;
    const times = lost.map(({ at }) => at);
    const [from_at, to_at] = [Math.min(...times), Math.max(...times)];
    losses.push({ webhook_id: id, source: 'outbox', count: lost.length, from_at, to_at });
  }
  return losses;
}

/** Adds to what endpoints have lost since they were told last. */
export async function addLosses(unit: Transaction, losses: readonly Loss[]): Promise<void> {
  if (losses.length === 0) return;
  await unit
    .insertInto('webhook_losses')
    .values(losses)
    .onConflict((conflict) =>
      conflict.columns(['webhook_id', 'source']).doUpdateSet({
        count: sql`webhook_losses.count + excluded.count`,
        from_at: sql`CASE WHEN excluded.from_at < webhook_losses.from_at THEN excluded.from_at ELSE webhook_losses.from_at END`,
        to_at: sql`CASE WHEN excluded.to_at > webhook_losses.to_at THEN excluded.to_at ELSE webhook_losses.to_at END`,
      }),
    )
    .execute();
}

/** The endpoints that have lost something and are not told yet. */
export async function listLosers(db: Reader): Promise<Set<number>> {
  const rows = await db.selectFrom('webhook_losses').select('webhook_id').execute();
  return new Set(rows.map(({ webhook_id }) => webhook_id));
}

/** What the endpoint has lost, which counts as told from then on. */
export function takeLosses(unit: Transaction, webhookId: number): Promise<Loss[]> {
  return unit.deleteFrom('webhook_losses').where('webhook_id', '=', webhookId).returningAll().execute();
}
