/** Very many apps at once, put there without the administration. */
import { sql } from 'kysely';
import type { Vault } from '../../src/operations/vault/vault.ts';
import { takeIds } from '../../src/storage/tables/sequences.ts';
import { seedApp } from './seed.ts';

/** How many are made in a unit. */
const STEP = 20_000;

/**
 * Makes `count` apps; returns the first id, from which the others count on. The n-th is called `App n`; every tenth has the tag
 * `tenth`, and every hundredth is switched off.
 */
export async function seedManyApps(vault: Vault, tenantId: number, count: number): Promise<number> {
  const { id: pattern } = await seedApp(vault, tenantId);
  const row = await vault.engine.read
    .selectFrom('apps')
    .selectAll()
    .where('id', '=', pattern)
    .executeTakeFirstOrThrow();
  const first = await vault.engine.write('nothing', (unit) => takeIds(unit, 'apps', count));
  const values: Record<string, ReturnType<typeof sql>> = {
    id: sql`${sql.lit(first)} + i`,
    name: sql`'App ' || i`,
    tags: sql`CASE WHEN i % 10 = 0 THEN '{"tenth":"yes"}' ELSE '{}' END`,
    enabled: sql`CASE WHEN i % 100 = 0 THEN 0 ELSE 1 END`,
  };
  const columns = Object.keys(row);
  for (let made = 0; made < count; made += STEP) {
    const last = Math.min(made + STEP, count) - 1;
    await vault.engine.write({ tenantId }, (unit) =>
      sql`WITH RECURSIVE n (i) AS (SELECT ${sql.lit(made)} UNION ALL SELECT i + 1 FROM n WHERE i < ${sql.lit(last)})
        INSERT INTO apps (${sql.join(columns.map((column) => sql.ref(column)))})
        SELECT ${sql.join(columns.map((column) => values[column] ?? sql.ref(column)))}
        FROM apps CROSS JOIN n WHERE id = ${sql.lit(pattern)}`.execute(unit),
    );
  }
  await vault.engine.write({ tenantId }, (unit) =>
    unit.deleteFrom('apps').where('id', '=', pattern).execute(),
  );
  return first;
}
