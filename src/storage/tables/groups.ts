import type { GroupRow, Reader, Transaction } from '../rows.ts';
import { holds, type ListFilter, type RowRange } from './list-filter.ts';

/** A group with the slugs of its services, and how many apps are in it. */
export interface GroupDetails extends GroupRow {
  readonly services: readonly string[];
  readonly apps: number;
}

export async function findGroup(
  db: Reader,
  tenantId: number,
  slug: string,
): Promise<GroupDetails | undefined> {
  const row = await db
    .selectFrom('groups')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('slug', '=', slug)
    .executeTakeFirst();
  return row === undefined ? undefined : (await describe(db, [row]))[0];
}

/** In the order of ids. */
export async function listGroups(
  db: Reader,
  tenantId: number,
  { limit, after }: RowRange,
  { q }: ListFilter,
): Promise<GroupDetails[]> {
  let query = db.selectFrom('groups').selectAll().where('tenant_id', '=', tenantId);
  if (q !== undefined) query = query.where(holds(['slug', 'name'], q));
  const rows = await query
    .where('id', '>', after ?? 0)
    .orderBy('id')
    .limit(limit)
    .execute();
  return describe(db, rows);
}

/** Slug → id, of those groups that the tenant has. */
export async function findGroupIds(
  db: Reader,
  tenantId: number,
  slugs: readonly string[],
): Promise<Map<string, number>> {
  if (slugs.length === 0) return new Map();
  const rows = await db
    .selectFrom('groups')
    .select(['id', 'slug'])
    .where('tenant_id', '=', tenantId)
    .where('slug', 'in', slugs)
    .execute();
  return new Map(rows.map(({ id, slug }) => [slug, id]));
}

export async function insertGroup(
  unit: Transaction,
  row: GroupRow,
  serviceIds: readonly number[],
): Promise<void> {
  await unit.insertInto('groups').values(row).execute();
  await insertServices(unit, row.id, serviceIds);
}

export async function updateGroup(
  unit: Transaction,
  id: number,
  changes: Pick<GroupRow, 'name' | 'updated_at'>,
): Promise<void> {
  await unit.updateTable('groups').set(changes).where('id', '=', id).execute();
}

/** Whatever apps are in the group reach these services and no others from now on by it. */
export async function setGroupServices(
  unit: Transaction,
  id: number,
  serviceIds: readonly number[],
): Promise<void> {
  await unit.deleteFrom('group_services').where('group_id', '=', id).execute();
  await insertServices(unit, id, serviceIds);
}

export async function deleteGroup(unit: Transaction, id: number): Promise<void> {
  await unit.deleteFrom('groups').where('id', '=', id).execute();
}

async function insertServices(
  unit: Transaction,
  groupId: number,
  serviceIds: readonly number[],
): Promise<void> {
  if (serviceIds.length === 0) return;
  const rows = serviceIds.map((service_id) => ({ group_id: groupId, service_id }));
  await unit.insertInto('group_services').values(rows).execute();
}

async function describe(db: Reader, rows: readonly GroupRow[]): Promise<GroupDetails[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const services = await db
    .selectFrom('group_services')
    .innerJoin('services', 'services.id', 'group_services.service_id')
    .select(['group_services.group_id', 'services.slug'])
    .where('group_services.group_id', 'in', ids)
    .orderBy('services.slug')
    .execute();
  const slugs = Map.groupBy(services, ({ group_id }) => group_id);
  const counts = await db
    .selectFrom('app_groups')
    .select(['group_id', (select) => select.fn.countAll<number>().as('count')])
    .where('group_id', 'in', ids)
    .groupBy('group_id')
    .execute();
  const apps = new Map(counts.map(({ group_id, count }) => [group_id, Number(count)]));
  return rows.map((row) => ({
    ...row,
    services: (slugs.get(row.id) ?? []).map(({ slug }) => slug),
    apps: apps.get(row.id) ?? 0,
  }));
}
