/** Entries of changes that never were. */
import type { Engine } from '../../src/storage/engine.ts';

/** How many are added in a unit. */
const STEP = 1_000;

export interface MadeEntries {
  readonly count: number;
  /** The time of the first one, in Unix milliseconds; the others follow by the millisecond. */
  readonly at?: number;
  readonly after?: (number: number) => object;
}

/** Adds entries like the tenant's first one, numbered from 0 in their `reason`. */
export async function addAuditEntries(
  engine: Engine,
  tenant: string,
  { count, at = engine.time().now, after = () => ({}) }: MadeEntries,
): Promise<void> {
  const { id: _id, ...first } = await engine.read
    .selectFrom('audit_entries')
    .selectAll()
    .where('tenant_id', 'in', (of) => of.selectFrom('tenants').select('id').where('slug', '=', tenant))
    .orderBy('id')
    .limit(1)
    .executeTakeFirstOrThrow();
  for (let made = 0; made < count; made += STEP) {
    const rows = Array.from({ length: Math.min(STEP, count - made) }, (_, n) => ({
      ...first,
      at: at + made + n,
      reason: `number ${made + n}`,
      after: JSON.stringify(after(made + n)),
    }));
    await engine.write('nothing', (unit) => unit.insertInto('audit_entries').values(rows).execute());
  }
}
