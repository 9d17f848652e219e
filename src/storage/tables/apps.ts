import type { Insertable } from 'kysely';
import type { AppRow, AppsTable, Reader, Transaction } from '../rows.ts';

/** An app with what else is shown of it. `starts_at` is the start of the day that `count` is of. */
export interface AppDetails extends AppRow {
  readonly services: readonly string[];
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
  return row === undefined ? undefined : describe(db, row);
}

/** In the order of ids. */
export async function listApps(
  db: Reader,
  tenantId: number,
  limit: number,
  after: number | null,
): Promise<AppDetails[]> {
  const rows = await db
    .selectFrom('apps')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', '>', after ?? 0)
    .orderBy('id')
    .limit(limit)
    .execute();
  return Promise.all(rows.map((row) => describe(db, row)));
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

/** Slug → id, of those services that the tenant has. At most 10,000, which is below what a statement may hold. */
export async function findServiceIds(
  db: Reader,
  tenantId: number,
  slugs: readonly string[],
): Promise<Map<string, number>> {
  if (slugs.length === 0) return new Map();
  const rows = await db
    .selectFrom('services')
    .select(['id', 'slug'])
    .where('tenant_id', '=', tenantId)
    .where('slug', 'in', slugs)
    .execute();
  return new Map(rows.map(({ id, slug }) => [slug, id]));
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

async function describe(db: Reader, row: AppRow): Promise<AppDetails> {
  const services = await db
    .selectFrom('app_services')
    .innerJoin('services', 'services.id', 'app_services.service_id')
    .select('services.slug')
    .where('app_id', '=', row.id)
    .orderBy('services.slug')
    .execute();
  const token = await db
    .selectFrom('tokens')
    .select('hint')
    .where('tenant_id', '=', row.tenant_id)
    .where('app_id', '=', row.id)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  const counter = await db
    .selectFrom('counters')
    .select(['starts_at', 'count', 'last_at'])
    .where('subject', '=', 'app')
    .where('subject_id', '=', row.id)
    .orderBy('starts_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return {
    ...row,
    services: services.map(({ slug }) => slug),
    token_prefix: token?.hint ?? '',
    last_at: counter?.last_at ?? null,
    starts_at: counter?.starts_at ?? null,
    count: counter?.count ?? 0,
  };
}
