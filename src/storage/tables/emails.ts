/** Addresses that hear of events by mail. */
import type { EmailRow, EmailsTable, OutboxRow, Reader, Transaction } from '../rows.ts';
import { holds, type ListFilter, type RowRange } from './list-filter.ts';

export function findEmail(db: Reader, tenantId: number, id: number): Promise<EmailRow | undefined> {
  return db
    .selectFrom('emails')
    .selectAll()
    .where('id', '=', id)
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst();
}

/** Another one of the tenant with this address, in whatever case. */
export function findOther(
  db: Reader,
  { id, tenant_id, address }: Pick<EmailRow, 'id' | 'tenant_id' | 'address'>,
): Promise<EmailRow | undefined> {
  return db
    .selectFrom('emails')
    .selectAll()
    .where('tenant_id', '=', tenant_id)
    .where((where) => where(where.fn<string>('lower', ['address']), '=', address.toLowerCase()))
    .where('id', '!=', id)
    .executeTakeFirst();
}

export async function countEmails(db: Reader, tenantId: number): Promise<number> {
  const { count } = await db
    .selectFrom('emails')
    .select((of) => of.fn.countAll<number>().as('count'))
    .where('tenant_id', '=', tenantId)
    .executeTakeFirstOrThrow();
  return count;
}

/** Of any tenant. */
export async function hasEnabledEmail(db: Reader): Promise<boolean> {
  const found = await db
    .selectFrom('emails')
    .select('id')
    .where('enabled', '=', 1)
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

/** In the order of ids. */
export function listEmails(
  db: Reader,
  tenantId: number,
  { limit, after }: RowRange,
  { status, q }: ListFilter<'enabled' | 'disabled'>,
): Promise<EmailRow[]> {
  let query = db.selectFrom('emails').selectAll().where('tenant_id', '=', tenantId);
  if (status !== undefined) query = query.where('enabled', '=', status === 'enabled' ? 1 : 0);
  if (q !== undefined) query = query.where(holds(['address', 'description'], q));
  return query
    .where('id', '>', after ?? 0)
    .orderBy('id')
    .limit(limit)
    .execute();
}

export async function insertEmail(unit: Transaction, row: EmailRow): Promise<void> {
  await unit.insertInto('emails').values(row).execute();
}

export async function updateEmail(
  unit: Transaction,
  id: number,
  changes: Partial<Omit<EmailsTable, 'id' | 'tenant_id' | 'created_at'>>,
): Promise<void> {
  await unit.updateTable('emails').set(changes).where('id', '=', id).execute();
}

export async function deleteEmail(unit: Transaction, id: number): Promise<void> {
  await unit.deleteFrom('emails').where('id', '=', id).execute();
}

/** Enabled addresses that may be sent something at `now` and have events before them, the longest due first. */
export function listDueEmails(db: Reader, now: number, limit: number): Promise<EmailRow[]> {
  return db
    .selectFrom('emails')
    .selectAll('emails')
    .where('enabled', '=', 1)
    .where((where) => where.or([where('due_at', 'is', null), where('due_at', '<=', now)]))
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('outbox')
          .select('outbox.seq')
          .whereRef('outbox.tenant_id', '=', 'emails.tenant_id')
          .whereRef('outbox.seq', '>', 'emails.outbox_cursor'),
      ),
    )
    .orderBy('due_at')
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** Events beyond the cursor of an address, oldest first. */
export function eventsFor(
  db: Reader,
  { tenant_id, outbox_cursor }: EmailRow,
  limit: number,
): Promise<OutboxRow[]> {
  return db
    .selectFrom('outbox')
    .selectAll()
    .where('tenant_id', '=', tenant_id)
    .where('seq', '>', outbox_cursor)
    .orderBy('seq')
    .limit(limit)
    .execute();
}
