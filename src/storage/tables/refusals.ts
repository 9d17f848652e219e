import { rollUp } from '../roll-up.ts';
import type { Transaction } from '../rows.ts';
import { addUsage } from './usage.ts';

export interface RefusalSum {
  readonly tenant_id: number;
  /** Unix milliseconds of the minute's start. */
  readonly minute: number;
  readonly app_id: number;
  readonly service_id: number;
  readonly reason: string;
  readonly network: string;
  count: number;
  /** Request ids, a few. */
  readonly samples: string[];
}

/** Adds sums, each there once, to what is there and to what statistics read. Those of tenants that are gone are left out. */
export async function addRefusals(unit: Transaction, sums: readonly RefusalSum[]): Promise<void> {
  if (sums.length === 0) return;
  const named = [...new Set(sums.map(({ tenant_id }) => tenant_id))];
  const tenants = await unit.selectFrom('tenants').select('id').where('id', 'in', named).execute();
  const known = new Set(tenants.map(({ id }) => id));
  const counted = sums.filter(({ tenant_id }) => known.has(tenant_id));
  if (counted.length === 0) return;
  await unit
    .insertInto('refusals')
    .values(counted.map((sum) => ({ ...sum, samples: JSON.stringify(sum.samples) })))
    .onConflict((conflict) =>
      conflict
        .columns(['tenant_id', 'minute', 'app_id', 'service_id', 'reason', 'network'])
        .doUpdateSet((row) => ({ count: row('refusals.count', '+', row.ref('excluded.count')) })),
    )
    .execute();
  const happened = counted.map(({ tenant_id, service_id, app_id, minute, reason, count }) => ({
    tenant_id,
    service_id,
    app_id,
    key_id: 0,
    outcome: reason,
    at: minute,
    count,
  }));
  await addUsage(unit, rollUp(happened));
}
