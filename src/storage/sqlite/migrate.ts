/**
 * Brings the schema up to date when the service starts: forward only, one transaction per migration, after a copy of the
 * file was made. Migrations are `db/sqlite/NNNN-name.sql`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { StorageError } from '../errors.ts';
import type { Connection } from './connection.ts';

const FOLDER = new URL('../../../db/sqlite/', import.meta.url);

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

/** The migrations of this release in their order. Throws when their numbers have a gap or a repeat. */
export function listMigrations(folder: URL = FOLDER): Migration[] {
  const names = readdirSync(folder)
    .filter((file) => /^\d{4}-[a-z0-9-]+\.sql$/.test(file))
    .sort();
  return names.map((file, at) => {
    const number = Number(file.slice(0, 4));
    if (number !== at + 1) throw new Error(`migration ${file} is out of order: ${at + 1} was expected`);
    return { number, name: file.slice(5, -4), sql: readFileSync(new URL(file, folder), 'utf8') };
  });
}

/**
 * Runs what is missing. Refuses, before anything is written, a file whose schema is newer than this release or not its own.
 * `report` gets a line per step.
 */
export async function migrate(
  connection: Connection,
  file: string,
  migrations: readonly Migration[],
  report: (line: string) => void,
): Promise<void> {
  const applied = await appliedMigrations(connection);
  const last = applied.at(-1)?.number ?? 0;
  const newest = migrations.at(-1)?.number ?? 0;
  if (last > newest) {
    throw new StorageError(
      'NEWER_SCHEMA',
      `${file} has schema ${last}, this release knows ${newest}: run the release that wrote it, or a later one`,
    );
  }
  for (const { number, name } of applied) {
    const known = migrations[number - 1];
    if (known?.name !== name) {
      throw new StorageError(
        'FOREIGN_SCHEMA',
        `${file} has migration ${number} "${name}", which this release does not know`,
      );
    }
  }
  const missing = migrations.slice(last);
  const [first] = missing;
  if (first === undefined) return;
  if (last > 0) {
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

async function appliedMigrations(connection: Connection): Promise<{ number: number; name: string }[]> {
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
