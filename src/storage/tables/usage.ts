/** How much a tenant has been delivered and refused, from the sums that are kept with each commit. */
import { type RawBuilder, sql } from 'kysely';
import { BUCKETS_MS } from '../roll-up.ts';
import type { Reader, Transaction, UsageCountsTable } from '../rows.ts';

export type UsageGroup = 'service' | 'key' | 'app' | 'outcome' | 'none';

/** `from` and `to` in Unix milliseconds, `to` exclusive; what is undefined may be any. */
export interface UsageScope {
  readonly tenantId: number;
  readonly service: number | undefined;
  readonly app: number | undefined;
  readonly key: number | undefined;
  readonly from: number;
  readonly to: number;
  readonly bucketMs: (typeof BUCKETS_MS)[keyof typeof BUCKETS_MS];
}

/** `bucket`: the start of a bucket in Unix milliseconds. `part`: what is grouped by; null stands for none. */
export interface UsageCount {
  readonly bucket: number;
  readonly part: string | number | null;
  readonly deliveries: number;
  readonly refusals: number;
}

type Part = UsageCount['part'];

const PART: Record<UsageGroup, RawBuilder<Part>> = {
  service: sql<Part>`service_id`,
  key: sql<Part>`nullif(key_id, 0)`,
  app: sql<Part>`nullif(app_id, 0)`,
  outcome: sql<Part>`outcome`,
  none: sql<Part>`NULL`,
};

/** At most `limit` rows, in the order of buckets; each bucket whose start is in the range is counted whole. */
export function countUsage(
  db: Reader,
  scope: UsageScope,
  group: UsageGroup,
  limit: number,
): Promise<UsageCount[]> {
  let query = db
    .selectFrom('usage_counts')
    .select([
      'starts_at as bucket',
      PART[group].as('part'),
      sql<number>`sum(CASE WHEN outcome = 'delivered' THEN count ELSE 0 END)`.as('deliveries'),
      sql<number>`sum(CASE WHEN outcome = 'delivered' THEN 0 ELSE count END)`.as('refusals'),
    ])
    .where('tenant_id', '=', scope.tenantId)
    .where('bucket_ms', '=', scope.bucketMs)
    .where('starts_at', '>=', scope.from)
    .where('starts_at', '<', scope.to);
  if (scope.service !== undefined) query = query.where('service_id', '=', scope.service);
  if (scope.app !== undefined) query = query.where('app_id', '=', scope.app);
  if (scope.key !== undefined) query = query.where('key_id', '=', scope.key);
  const counts = query.groupBy(['bucket', 'part']);
  if (group !== 'service') return counts.orderBy('bucket').orderBy('part').limit(limit).execute();
  // The slug is looked up of each service in a bucket, not of each row that is summed.
  return db
    .selectFrom(counts.as('counts'))
    .leftJoin('services', (join) => join.on('services.id', '=', sql<number>`counts.part`))
    .select([
      'counts.bucket',
      'services.slug as part',
      sql<number>`sum(counts.deliveries)`.as('deliveries'),
      sql<number>`sum(counts.refusals)`.as('refusals'),
    ])
    .groupBy(['counts.bucket', 'services.slug'])
    .orderBy('counts.bucket')
    .orderBy('services.slug')
    .limit(limit)
    .execute();
}

/** Whether anything is counted of an app, or of a key, however long ago. */
export async function hasUsage(
  db: Reader,
  tenantId: number,
  { app, key }: { readonly app?: number; readonly key?: number },
): Promise<boolean> {
  let query = db
    .selectFrom('usage_counts')
    .select('tenant_id')
    .where('tenant_id', '=', tenantId)
    // Known for longest, and of the fewest rows.
    .where('bucket_ms', '=', BUCKETS_MS.day);
  if (app !== undefined) query = query.where('app_id', '=', app);
  if (key !== undefined) query = query.where('key_id', '=', key);
  return (await query.limit(1).executeTakeFirst()) !== undefined;
}

/** Adds to what is counted; each row is there once. */
export async function addUsage(unit: Transaction, rows: readonly UsageCountsTable[]): Promise<void> {
  if (rows.length > 0) await addingUsage(unit, rows).execute();
}

/** The same as a query, of at least one row. */
export function addingUsage(db: Reader | Transaction, rows: readonly UsageCountsTable[]) {
  return db
    .insertInto('usage_counts')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['tenant_id', 'bucket_ms', 'starts_at', 'service_id', 'app_id', 'key_id', 'outcome'])
        .doUpdateSet((row) => ({ count: row('usage_counts.count', '+', row.ref('excluded.count')) })),
    );
}
