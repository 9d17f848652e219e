/** How much a tenant, or one of its apps, has been delivered and refused over time. */
import { showTime } from '../contract/common.ts';
import type { UsageBucket, UsageQuery, UsageView } from '../contract/queries.ts';
import { Problem } from '../domain/problem.ts';
import { countDeliveries, countRefusals, type UsageCount, type UsageGroup } from '../storage/tables/usage.ts';
import { requireApp } from './apps.ts';
import { requireTenant } from './tenants.ts';
import type { Vault } from './vault.ts';

const BUCKET_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const DEFAULT_RANGE_MS = 86_400_000;
const MAX_BUCKETS = 1_500;
/** How many rows an answer may have: a bucket has as many as it has services, keys or apps. */
const MAX_ROWS = 10_000;

/** `appId` undefined: the whole tenant. Buckets are of UTC; one without anything in it is left out. */
export async function showUsage(
  vault: Vault,
  tenantSlug: string,
  appId: number | null | undefined,
  query: UsageQuery,
): Promise<UsageView> {
  const { read } = vault.engine;
  const tenant = await requireTenant(read, tenantSlug);
  const app = appId === undefined ? null : (await requireApp(read, tenant.id, appId)).id;
  const { granularity, group_by } = query;
  const bucketMs = BUCKET_MS[granularity];
  const to = query.to ?? vault.engine.time().now + 1;
  const asked = query.from ?? to - DEFAULT_RANGE_MS;
  if (to <= asked) throw new Problem('invalid request', 'from must be before to.');
  const from = floor(asked, bucketMs);
  if ((to - from) / bucketMs > MAX_BUCKETS) {
    throw new Problem(
      'invalid request',
      `That is more than ${MAX_BUCKETS} buckets: choose a shorter range or a coarser granularity.`,
    );
  }
  const scope = { tenantId: tenant.id, app, from, to, bucketMs };
  const group: UsageGroup = group_by ?? 'none';
  const deliveries = await countDeliveries(read, scope, group, MAX_ROWS + 1);
  const refusals = await countRefusals(read, scope, group, MAX_ROWS + 1);
  const buckets = merge(deliveries, refusals, group);
  if (buckets.length > MAX_ROWS) {
    throw new Problem(
      'invalid request',
      `That is more than ${MAX_ROWS} rows: choose a shorter range, a coarser granularity or another group_by.`,
    );
  }
  return {
    from: showTime(from),
    to: showTime(to),
    granularity,
    group_by: group_by ?? null,
    buckets,
  };
}

function merge(
  deliveries: readonly UsageCount[],
  refusals: readonly UsageCount[],
  group: UsageGroup,
): UsageBucket[] {
  const buckets = new Map<
    string,
    { bucket: number; part: UsageCount['part']; deliveries: number; refusals: number }
  >();
  const of = ({ bucket, part }: UsageCount) => {
    const name = `${bucket}/${part}`;
    const known = buckets.get(name) ?? { bucket, part, deliveries: 0, refusals: 0 };
    buckets.set(name, known);
    return known;
  };
  for (const row of deliveries) of(row).deliveries += row.count;
  for (const row of refusals) of(row).refusals += row.count;
  return [...buckets.values()]
    .sort((one, other) => one.bucket - other.bucket)
    .map(({ bucket, part, ...counts }) => ({
      at: showTime(bucket),
      ...(group === 'none' ? {} : { [group]: part }),
      ...counts,
    }));
}

function floor(at: number, step: number): number {
  return at - (((at % step) + step) % step);
}
