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
  const sums = new Map<string, Happened>();
  for (const { tenant_id, service_id, key_id, app_id, at } of deliveries) {
    const minute = at - (at % BUCKETS_MS.minute);
    const name = `${key_id}/${app_id}/${minute}`;
    const sum = sums.get(name);
    if (sum === undefined) {
      const kind = { tenant_id, service_id, app_id: app_id ?? 0, key_id, outcome: 'delivered' };
      sums.set(name, { ...kind, at: minute, count: 1 });
    } else sum.count++;
  }
  return rollUp(sums.values());
}
