import { type Insertable, sql } from 'kysely';
import type { WarnedDays } from '../../domain/warnings.ts';
import type { AppRow, AppsTable, Reader, Transaction } from '../rows.ts';
import { hasTag, holds, type ListFilter, notExpired, type RowRange } from './list-filter.ts';

/** An app with what else is shown of it. `starts_at` is the start of the day that `count` is of. */
export interface AppDetails extends AppRow {
  readonly services: readonly string[];
  /** The groups that it is in, each with its services. */
  readonly groups: readonly { readonly slug: string; readonly services: readonly string[] }[];
  readonly token_prefix: string;
  readonly last_at: number | null;
  readonly starts_at: number | null;
  readonly count: number;
}

export async function findApp(db: Reader, tenantId: number, id: number): Promise<AppDetails | undefined> {
  const row = await db
    .selectFrom('apps')
    .selectAll()
    .where('id', '=', id)
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst();
  return row === undefined ? undefined : (await describe(db, [row]))[0];
}

export async function findAppName(db: Reader, id: number): Promise<string | null> {
  const row = await db.selectFrom('apps').select('name').where('id', '=', id).executeTakeFirst();
  return row?.name ?? null;
}

/** The ids of apps that are switched on and reach a service at `now`, at most `limit` of them. */
export async function findAppsReaching(
  db: Reader,
  { id: serviceId, tenant_id }: { readonly id: number; readonly tenant_id: number },
  now: number,
  limit: number,
): Promise<number[]> {
  const own = db.selectFrom('app_services').select('app_id').where('service_id', '=', serviceId);
  const byGroups = db
    .selectFrom('group_services')
    .innerJoin('app_groups', 'app_groups.group_id', 'group_services.group_id')
    .select('app_groups.app_id')
    .where('group_services.service_id', '=', serviceId);
  const rows = await db
    .selectFrom('apps')
    .select('id')
    .where('tenant_id', '=', tenant_id)
    .where('enabled', '=', 1)
    .where(notExpired(now))
    .where((where) =>
      where.or([where('all_services', '=', 1), where('id', 'in', own), where('id', 'in', byGroups)]),
    )
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

/** In the order of ids; `now` says which have expired. */
export async function listApps(
  db: Reader,
  tenantId: number,
  { limit, after }: RowRange,
  { status, q, tag }: ListFilter<'active' | 'disabled' | 'expired'>,
  now: number,
): Promise<AppDetails[]> {
  let query = db.selectFrom('apps').selectAll().where('tenant_id', '=', tenantId);
  if (status !== undefined) query = query.where('enabled', '=', status === 'disabled' ? 0 : 1);
  if (status === 'active') query = query.where(notExpired(now));
  if (status === 'expired') query = query.where('expires_at', '<=', now);
  if (q !== undefined) query = query.where(holds(['name', 'description', 'environment'], q));
  if (tag !== undefined) query = query.where(hasTag('tags', tag));
  const rows = await query
    .where('id', '>', after ?? 0)
    .orderBy('id')
    .limit(limit)
    .execute();
  return describe(db, rows);
}

export async function insertApp(
  unit: Transaction,
  row: Insertable<AppsTable>,
  serviceIds: readonly number[],
): Promise<void> {
  await unit.insertInto('apps').values(row).execute();
  await setAppServices(unit, row.id, serviceIds);
}

export async function updateApp(
  unit: Transaction,
  id: number,
  changes: Partial<Omit<AppsTable, 'id' | 'tenant_id' | 'created_at'>>,
): Promise<void> {
  await unit.updateTable('apps').set(changes).where('id', '=', id).execute();
}

export async function setAppServices(
  unit: Transaction,
  appId: number,
  serviceIds: readonly number[],
): Promise<void> {
  await unit.deleteFrom('app_services').where('app_id', '=', appId).execute();
  if (serviceIds.length === 0) return;
  const rows = serviceIds.map((service_id) => ({ app_id: appId, service_id }));
  await unit.insertInto('app_services').values(rows).execute();
}

export async function setAppGroups(
  unit: Transaction,
  appId: number,
  groupIds: readonly number[],
): Promise<void> {
  await unit.deleteFrom('app_groups').where('app_id', '=', appId).execute();
  if (groupIds.length === 0) return;
  const rows = groupIds.map((group_id) => ({ app_id: appId, group_id }));
  await unit.insertInto('app_groups').values(rows).execute();
}

export async function deleteApp(unit: Transaction, id: number): Promise<void> {
  await unit.deleteFrom('counters').where('subject', '=', 'app').where('subject_id', '=', id).execute();
  await unit.deleteFrom('apps').where('id', '=', id).execute();
}

/** Apps that are to be enabled again by `at`, a page of them. */
export function listAppsToEnable(
  db: Reader,
  at: number,
  limit: number,
): Promise<{ id: number; tenant_id: number }[]> {
  return db
    .selectFrom('apps')
    .select(['id', 'tenant_id'])
    .where('auto_enable_at', '<=', at)
    .orderBy('auto_enable_at')
    .limit(limit)
    .execute();
}

/** Apps that are enabled, end after `settled` and by `until`, and were warned of last as many days before it as `told` says. */
export function listAppsToWarn(
  db: Reader,
  { told, settled, until }: { told: 0 | WarnedDays; settled: number; until: number },
  limit: number,
): Promise<{ id: number; tenant_id: number }[]> {
  return (
    db
      .selectFrom('apps')
      .select(['id', 'tenant_id'])
      // As the index apps_by_expiry_told has it.
      .where(sql<boolean>`enabled = 1`)
      .where('expiry_told', '=', told)
      .where('expires_at', '>', settled)
      .where('expires_at', '<=', until)
      .orderBy('expires_at')
      .limit(limit)
      .execute()
  );
}

async function describe(db: Reader, rows: readonly AppRow[]): Promise<AppDetails[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const services = await db
    .selectFrom('app_services')
    .innerJoin('services', 'services.id', 'app_services.service_id')
    .select(['app_services.app_id', 'services.slug'])
    .where('app_services.app_id', 'in', ids)
    .orderBy('services.slug')
    .execute();
  const slugs = Map.groupBy(services, ({ app_id }) => app_id);
  const memberships = await db
    .selectFrom('app_groups')
    .innerJoin('groups', 'groups.id', 'app_groups.group_id')
    .leftJoin('group_services', 'group_services.group_id', 'groups.id')
    .leftJoin('services', 'services.id', 'group_services.service_id')
    .select(['app_groups.app_id', 'groups.slug as group', 'services.slug as service'])
    .where('app_groups.app_id', 'in', ids)
    .orderBy('groups.slug')
    .orderBy('services.slug')
    .execute();
  const groups = Map.groupBy(memberships, ({ app_id }) => app_id);
  // In the order of ids, so that the newest of each app stays.
  const tokens = await db
    .selectFrom('tokens')
    .select(['app_id', 'hint'])
    .where('tenant_id', 'in', [...new Set(rows.map(({ tenant_id }) => tenant_id))])
    .where('app_id', 'in', ids)
    .orderBy('id')
    .execute();
  const hints = new Map(tokens.map(({ app_id, hint }) => [app_id, hint]));
  const counters = await db
    .selectFrom('counters')
    .select(['subject_id', 'starts_at', 'count', 'last_at'])
    .where('subject', '=', 'app')
    .where('subject_id', 'in', ids)
    .orderBy('starts_at')
    .execute();
  const windows = new Map(counters.map((counter) => [counter.subject_id, counter]));
  return rows.map((row) => {
    const window = windows.get(row.id);
    return {
      ...row,
      services: (slugs.get(row.id) ?? []).map(({ slug }) => slug),
      groups: groupsOf(groups.get(row.id) ?? []),
      token_prefix: hints.get(row.id) ?? '',
      last_at: window?.last_at ?? null,
      starts_at: window?.starts_at ?? null,
      count: window?.count ?? 0,
    };
  });
}

/** `rows`: a row for each service of each group, and one without a service for a group that has none. */
function groupsOf(
  rows: readonly { readonly group: string; readonly service: string | null }[],
): AppDetails['groups'] {
  return [...Map.groupBy(rows, ({ group }) => group)].map(([slug, own]) => ({
    slug,
    services: own.flatMap(({ service }) => (service === null ? [] : [service])),
  }));
}
