/**
 * Brings the schema up to date when the service starts: forward only, one transaction per migration, after a copy of the
 * file was made.
 */
import { type Migration, missingMigrations } from '../migrations.ts';
import type { Connection } from './connection.ts';

/**
 * Runs what is missing. Refuses, before anything is written, a file whose schema is newer than this release or not its own.
 * `report` gets a line per step. `isCopy`: the file is a copy already, and is not copied again.
 */
export async function migrate(
  connection: Connection,
  file: string,
  migrations: readonly Migration[],
  report: (line: string) => void,
  { isCopy = false } = {},
): Promise<void> {
  const applied = await appliedMigrations(connection);
  const missing = missingMigrations(migrations, applied, file);
  const [first] = missing;
  if (first === undefined) return;
  if (applied.length > 0 && !isCopy) {
    const copy = `${file}.before-${String(first.number).padStart(4, '0')}`;
    report(`copying the database to ${copy}`);
    await connection.call({ kind: 'backup', to: copy });
  }
  for (const migration of missing) {
    report(`migrating the database: ${migration.number} ${migration.name}`);
    await connection.call({ kind: 'script', sql: inOneTransaction(migration) });
  }
}

function inOneTransaction({ number, name, sql }: Migration): string {
  return `BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS schema_migrations (
  number     INTEGER PRIMARY KEY,
  name       TEXT NOT NULL,
  applied_at INTEGER NOT NULL
) STRICT;
${sql}
INSERT INTO schema_migrations VALUES (${number}, '${name}', CAST(unixepoch('subsec') * 1000 AS INTEGER));
COMMIT;`;
}

/** The journal; empty where there is none. */
export async function appliedMigrations(connection: Connection): Promise<{ number: number; name: string }[]> {
  const { rows: tables } = await connection.call({
    kind: 'execute',
    sql: "SELECT name FROM sqlite_schema WHERE type = 'table'",
    parameters: [],
  });
  if (tables.length === 0) return [];
  const { rows } = await connection.call({
    kind: 'execute',
    sql: 'SELECT number, name FROM schema_migrations ORDER BY number',
    parameters: [],
  });
  return rows as { number: number; name: string }[];
}
