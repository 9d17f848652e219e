import type { Transaction } from '../rows.ts';

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

/** Adds sums to what is there. Those of tenants that are gone are left out. */
export async function addRefusals(unit: Transaction, sums: readonly RefusalSum[]): Promise<void> {
  if (sums.length === 0) return;
  const named = [...new Set(sums.map(({ tenant_id }) => tenant_id))];
  const tenants = await unit.selectFrom('tenants').select('id').where('id', 'in', named).execute();
  const known = new Set(tenants.map(({ id }) => id));
  for (const sum of sums) {
    if (!known.has(sum.tenant_id)) continue;
    await unit
      .insertInto('refusals')
      .values({ ...sum, samples: JSON.stringify(sum.samples) })
      .onConflict((conflict) =>
        conflict
          .columns(['tenant_id', 'minute', 'app_id', 'service_id', 'reason', 'network'])
          .doUpdateSet((row) => ({ count: row('refusals.count', '+', sum.count) })),
      )
      .execute();
  }
}
