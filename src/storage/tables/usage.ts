/** Deliveries and refusals counted per bucket of time, straight from their tables. */
import { type RawBuilder, sql } from 'kysely';
import type { Reader } from '../rows.ts';

export type UsageGroup = 'service' | 'key' | 'app' | 'outcome' | 'none';

/** `from` and `to` in Unix milliseconds, `to` exclusive; `app` null: all apps and the client token. */
export interface UsageScope {
  readonly tenantId: number;
  readonly app: number | null;
  readonly from: number;
  readonly to: number;
  readonly bucketMs: number;
}

/** `bucket`: the start of a bucket in Unix milliseconds. `part`: what the rows are grouped by; null stands for none. */
export interface UsageCount {
  readonly bucket: number;
  readonly part: string | number | null;
  readonly count: number;
}

type Part = string | number | null;

const DELIVERY_PART: Record<UsageGroup, RawBuilder<Part>> = {
  service: sql<Part>`(SELECT slug FROM services WHERE services.id = deliveries.service_id)`,
  key: sql<Part>`key_id`,
  app: sql<Part>`app_id`,
  outcome: sql<Part>`'delivered'`,
  none: sql<Part>`NULL`,
};

/** A refusal has no key. */
const REFUSAL_PART: Record<UsageGroup, RawBuilder<Part>> = {
  service: sql<Part>`(SELECT slug FROM services WHERE services.id = refusals.service_id)`,
  key: sql<Part>`NULL`,
  app: sql<Part>`nullif(app_id, 0)`,
  outcome: sql<Part>`reason`,
  none: sql<Part>`NULL`,
};

/** At most `limit` rows, in the order of buckets. */
export function countDeliveries(
  db: Reader,
  scope: UsageScope,
  group: UsageGroup,
  limit: number,
): Promise<UsageCount[]> {
  const { bucketMs } = scope;
  let query = db
    .selectFrom('deliveries')
    .select([
      sql<number>`(at / ${sql.lit(bucketMs)}) * ${sql.lit(bucketMs)}`.as('bucket'),
      DELIVERY_PART[group].as('part'),
      (of) => of.fn.countAll<number>().as('count'),
    ])
    .where('tenant_id', '=', scope.tenantId)
    .where('service_id', 'in', db.selectFrom('services').select('id').where('tenant_id', '=', scope.tenantId))
    .where('at', '>=', scope.from)
    .where('at', '<', scope.to);
  if (scope.app !== null) query = query.where('app_id', '=', scope.app);
  return query.groupBy(['bucket', 'part']).orderBy('bucket').orderBy('part').limit(limit).execute();
}

/** The same of refusals. */
export function countRefusals(
  db: Reader,
  scope: UsageScope,
  group: UsageGroup,
  limit: number,
): Promise<UsageCount[]> {
  const { bucketMs } = scope;
  let query = db
    .selectFrom('refusals')
    .select([
      sql<number>`(minute / ${sql.lit(bucketMs)}) * ${sql.lit(bucketMs)}`.as('bucket'),
      REFUSAL_PART[group].as('part'),
      (of) => of.fn.sum<number>('count').as('count'),
    ])
    .where('tenant_id', '=', scope.tenantId)
    .where('minute', '>=', scope.from)
    .where('minute', '<', scope.to);
  if (scope.app !== null) query = query.where('app_id', '=', scope.app);
  return query.groupBy(['bucket', 'part']).orderBy('bucket').orderBy('part').limit(limit).execute();
}
