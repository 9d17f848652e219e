/** Sums what happened per minute, hour and day of UTC: the rows that statistics read. */
import type { UsageCountsTable } from './rows.ts';

export const BUCKETS_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/** So many of the same kind in the same minute; `at` in Unix milliseconds. */
export type Happened = Omit<UsageCountsTable, 'bucket_ms' | 'starts_at'> & { readonly at: number };

/** What is to be added to `usage_counts`, each row once. */
export function rollUp(happened: Iterable<Happened>): UsageCountsTable[] {
  const rows = new Map<string, UsageCountsTable>();
  for (const { at, count, ...kind } of happened) {
    const name = `${kind.tenant_id}/${kind.service_id}/${kind.app_id}/${kind.key_id}/${kind.outcome}`;
    for (const bucket_ms of Object.values(BUCKETS_MS)) {
      const starts_at = at - (at % bucket_ms);
      const bucket = `${name}/${bucket_ms}/${starts_at}`;
      const row = rows.get(bucket);
      if (row === undefined) rows.set(bucket, { ...kind, bucket_ms, starts_at, count });
      else row.count += count;
    }
  }
  return [...rows.values()];
}

type Counted = Pick<Happened, 'tenant_id' | 'service_id' | 'key_id' | 'at'> & {
  readonly app_id?: number | null;
};

/** The same of deliveries. */
export function rollUpDeliveries(deliveries: readonly Counted[]): UsageCountsTable[] {
  const ofKeys = new Map<number, (Happened & { count: number })[]>();
  for (const { tenant_id, service_id, key_id, app_id, at } of deliveries) {
    const minute = at - (at % BUCKETS_MS.minute);
    const app = app_id ?? 0;
    const ofKey = ofKeys.get(key_id) ?? [];
    if (ofKey.length === 0) ofKeys.set(key_id, ofKey);
    const sum = ofKey.find((known) => known.app_id === app && known.at === minute);
    if (sum !== undefined) sum.count++;
    else
      ofKey.push({ tenant_id, service_id, app_id: app, key_id, outcome: 'delivered', at: minute, count: 1 });
  }
  return rollUp([...ofKeys.values()].flat());
}
