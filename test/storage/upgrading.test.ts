/** What a migration makes of rows that an earlier release has left. */
import SqliteDatabase from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { listMigrations } from '../../src/storage/migrations.ts';
import { createDatabase } from '../support/postgres-database.ts';

/** Runs statements on a new database, and gives the rows of the last one. */
const ENGINES = [
  {
    name: 'sqlite',
    run(statements: readonly string[]): Promise<object[]> {
      const db = new SqliteDatabase(':memory:');
      for (const sql of statements.slice(0, -1)) db.exec(sql);
      return Promise.resolve(db.prepare(statements.at(-1) ?? '').all() as object[]);
    },
  },
  {
    name: 'postgres',
    async run(statements: readonly string[]): Promise<object[]> {
      const database = await createDatabase();
      let rows: object[] = [];
      for (const sql of statements) rows = await database.query(sql);
      return rows;
    },
  },
] as const;

/** Upgrades from the step before `name` with rows that `left` puts there. */
function upgrade(engine: (typeof ENGINES)[number], name: string, left: string, read: string) {
  const all = listMigrations(engine.name);
  const at = all.findIndex((migration) => migration.name === name);
  expect(at).toBeGreaterThan(0);
  const sql = (migrations: typeof all) => migrations.map((migration) => migration.sql);
  return engine.run([...sql(all.slice(0, at)), left, ...sql(all.slice(at)), read]);
}

describe.each(ENGINES)('an upgrade on $name', (engine) => {
  it('keeps of each counter the last window, also where that has yet to begin', async () => {
    const rows = await upgrade(
      engine,
      'one-window',
      `INSERT INTO counters (subject, subject_id, starts_at, ends_at, count, last_at) VALUES
        ('service', 1, 0, 10, 7, 5), ('service', 1, 10, 20, 3, 15), ('service', 2, 0, 10, 4, 5),
        ('key', 1, 0, 10, 7, 5), ('key', 1, 9000000000000, 9000000086400, 1, 9000000000001),
        ('app', 1, 0, 10, 0, 5), ('app', 1, 10, 20, 2, 15), ('app', 1, 20, 30, 1, 25)`,
      'SELECT subject, subject_id, starts_at, count FROM counters ORDER BY subject, subject_id, starts_at',
    );
    expect(rows.map((row) => Object.values(row))).toEqual([
      ['app', 1, 20, 1],
      ['key', 1, 9000000000000, 1],
      ['service', 1, 10, 3],
      ['service', 2, 0, 4],
    ]);
  });
});
