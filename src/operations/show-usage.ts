/** How much a tenant, or one of its apps, has been delivered and refused over time. */
import { showTime } from '../contract/common.ts';
import type { UsageQuery, UsageView } from '../contract/queries.ts';
import { Problem } from '../domain/problem.ts';
import { BUCKETS_MS } from '../storage/roll-up.ts';
import { countUsage, type UsageGroup } from '../storage/tables/usage.ts';
import { requireApp } from './apps.ts';
import { requireTenant } from './tenants.ts';
import type { Vault } from './vault.ts';

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
  const bucketMs = BUCKETS_MS[granularity];
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
  const buckets = await countUsage(read, scope, group, MAX_ROWS + 1);
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
    buckets: buckets.map(({ bucket, part, deliveries, refusals }) => ({
      at: showTime(bucket),
      ...(group === 'none' ? {} : { [group]: part }),
      deliveries,
      refusals,
    })),
  };
}

function floor(at: number, step: number): number {
  return at - (((at % step) + step) % step);
}
