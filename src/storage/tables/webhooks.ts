import type { Insertable } from 'kysely';
import type { Reader, Transaction, WebhookRow, WebhooksTable } from '../rows.ts';
import { holds, type ListFilter, type RowRange } from './list-filter.ts';

export function findWebhook(db: Reader, tenantId: number, id: number): Promise<WebhookRow | undefined> {
  return db
    .selectFrom('webhooks')
    .selectAll()
    .where('id', '=', id)
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst();
}

/** In the order of ids. */
export function listWebhooks(
  db: Reader,
  tenantId: number,
  { limit, after }: RowRange,
  { status, q }: ListFilter<'enabled' | 'disabled'>,
): Promise<WebhookRow[]> {
  let query = db.selectFrom('webhooks').selectAll().where('tenant_id', '=', tenantId);
  if (status !== undefined) query = query.where('enabled', '=', status === 'enabled' ? 1 : 0);
  if (q !== undefined) query = query.where(holds(['url', 'description'], q));
  return query
    .where('id', '>', after ?? 0)
    .orderBy('id')
    .limit(limit)
    .execute();
}

export async function countWebhooks(db: Reader, tenantId: number): Promise<number> {
  const { count } = await db
    .selectFrom('webhooks')
    .select((of) => of.fn.countAll<number>().as('count'))
    .where('tenant_id', '=', tenantId)
    .executeTakeFirstOrThrow();
  return count;
}

export async function insertWebhook(unit: Transaction, row: Insertable<WebhooksTable>): Promise<void> {
  await unit.insertInto('webhooks').values(row).execute();
}

export async function updateWebhook(
  unit: Transaction,
  id: number,
  changes: Partial<Omit<WebhooksTable, 'id' | 'tenant_id' | 'created_at'>>,
): Promise<void> {
  await unit.updateTable('webhooks').set(changes).where('id', '=', id).execute();
}

export async function deleteWebhook(unit: Transaction, id: number): Promise<void> {
  await unit.deleteFrom('webhooks').where('id', '=', id).execute();
}

/** The place of the newest event; 0 where there is none. */
export async function newestEvent(unit: Transaction): Promise<number> {
  const newest = await unit
    .selectFrom('outbox')
    .select((of) => of.fn.max('seq').as('seq'))
    .executeTakeFirst();
  return newest?.seq ?? 0;
}
