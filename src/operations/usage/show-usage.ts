/** How much a tenant, or what of it is asked for, has been delivered and refused over time. */
import { showTime } from '../../contract/common.ts';
import type { UsageAmount, UsageBucket, UsageQuery, UsageView } from '../../contract/queries.ts';
import { notFound, Problem } from '../../domain/problem.ts';
import type { Reader } from '../../storage/rows.ts';
import { findApp } from '../../storage/tables/apps.ts';
import { hasKey } from '../../storage/tables/provider-keys.ts';
import { countUsage, hasUsage, type UsageCount, type UsageGroup } from '../../storage/tables/usage.ts';
import { requireApp } from '../apps/find-app.ts';
import { requireServiceOf } from '../services/find-service.ts';
import { requireTenant } from '../tenants/tenants.ts';
import type { Vault } from '../vault/vault.ts';
import { type UsageRange, usageRange } from './usage-range.ts';

/** How many rows an answer may have: a bucket has as many as it has services, keys or apps. */
const MAX_ROWS = 10_000;

/**
 * `appId` undefined: any app, or the one that the query names. Every bucket of the range is there. An app or a key that was
 * deleted is answered for as long as usage of it is known, for its id is never given to another; a service is found by its slug,
 * which may be. Throws a Problem, the same for what never was and for another tenant's.
 */
export async function showUsage(
  vault: Vault,
  tenantSlug: string,
  appId: number | null | undefined,
  query: UsageQuery,
): Promise<UsageView> {
  const { read } = vault.engine;
  const tenant = await requireTenant(read, tenantSlug);
  const app = appId === undefined ? query.app : (await requireApp(read, tenant.id, appId)).id;
  const service =
    query.service === undefined ? undefined : (await requireServiceOf(read, tenant.id, query.service)).id;
  await requireKnown(read, tenant.id, query);
  const range = usageRange(query, vault.engine.time());
  const group = query.group_by ?? 'none';
  const of = { tenantId: tenant.id, service, app, key: query.key };
  const counts = await countUsage(read, { ...range, ...of }, group, MAX_ROWS + 1);
  if (counts.length > MAX_ROWS) {
    throw new Problem(
      'invalid request',
      `That is more than ${MAX_ROWS} rows: choose a shorter range, a coarser granularity, another group_by, or one service, app or key.`,
    );
  }
  return {
    from: showTime(range.from),
    to: showTime(range.to),
    granularity: query.granularity,
    group_by: query.group_by ?? null,
    total: amount(sum(counts, 'deliveries'), sum(counts, 'refusals')),
    buckets: [...fill(counts, range, group)],
  };
}

async function requireKnown(db: Reader, tenantId: number, { app, key }: UsageQuery): Promise<void> {
  const isApp =
    app === undefined ||
    (await findApp(db, tenantId, app)) !== undefined ||
    (await hasUsage(db, tenantId, { app }));
  const isKey =
    key === undefined || (await hasKey(db, tenantId, key)) || (await hasUsage(db, tenantId, { key }));
  if (!isApp || !isKey) throw notFound();
}

/** A bucket without anything in it is one row of nothing. */
function* fill(
  counts: readonly UsageCount[],
  { from, to, bucketMs }: UsageRange,
  group: UsageGroup,
): Generator<UsageBucket> {
  const nothing = { part: group === 'outcome' ? 'delivered' : null, deliveries: 0, refusals: 0 };
  let next = 0;
  for (let bucket = from; bucket < to; bucket += bucketMs) {
    const first = next;
    while (counts[next]?.bucket === bucket) next++;
    for (const { part, deliveries, refusals } of first === next ? [nothing] : counts.slice(first, next)) {
      const name = group === 'none' ? {} : { [group]: part };
      yield { at: showTime(bucket), ...name, ...amount(deliveries, refusals) };
    }
  }
}

function amount(deliveries: number, refusals: number): UsageAmount {
  const asked = deliveries + refusals;
  return { deliveries, refusals, error_rate: asked === 0 ? null : refusals / asked };
}

function sum(counts: readonly UsageCount[], of: 'deliveries' | 'refusals'): number {
  return counts.reduce((total, count) => total + count[of], 0);
}
