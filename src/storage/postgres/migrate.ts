/**
 * Brings the schema up to date: forward only, one transaction per migration. Several replicas may start at once: whoever
 * is first to note a migration runs it, the others wait for the outcome.
 */
import type pg from 'pg';
import { StorageError } from '../errors.ts';
import { listMigrations, type Migration, missingMigrations } from '../migrations.ts';
import { storageError } from './errors.ts';

const PERMISSION_DENIED = '42501';
const UNDEFINED_COLUMN = '42703';
/** A migration, and waiting for that of another replica, may take its time. */
const NO_TIMEOUT = { query_timeout: 86_400_000 };
/** What two that make the same table at once are told: unique_violation, duplicate_table, duplicate_object. */
const MADE_BY_ANOTHER = new Set(['23505', '42P07', '42710']);

/**
 * Runs what is missing. Rejects, before anything is written, where the schema is newer than this release or not its own,
 * and with `PERMISSION` where the user may not change the schema. `report` gets a line per step.
 */
export async function migratePostgres(
  client: pg.ClientBase,
  report: (line: string) => void,
  migrations: readonly Migration[] = listMigrations('postgres'),
): Promise<void> {
  const applied = await appliedMigrations(client);
  const missing = missingMigrations(migrations, applied, 'the database');
  try {
    if (applied.length === 0) await makeJournal(client);
    for (const migration of missing) await apply(client, migration, report);
  } catch (error) {
    const failure = storageError(error);
    if (failure.code !== PERMISSION_DENIED) throw failure;
    throw new StorageError(
      'PERMISSION',
      'the schema of the database is not that of this release, and this user may not change it: run `npm run migrate` as a user that may, with KEYROTATOR_SERVING_ROLE naming this one',
    );
  }
}

/** The journal; empty where there is none. Rejects with `FOREIGN_SCHEMA` where the database belongs to something else. */
export async function appliedMigrations(client: pg.ClientBase): Promise<{ number: number; name: string }[]> {
  // In this order: whoever makes the vault meanwhile makes the journal first.
  try {
    const hasTables = await exists(client, 'settings', 'tenants');
    if (!(await exists(client, 'schema_migrations'))) {
      if (hasTables) throw foreign();
      return [];
    }
    const { rows } = await client.query('SELECT number, name FROM schema_migrations ORDER BY number');
    return rows;
  } catch (error) {
    const failure = storageError(error);
    throw failure.code === UNDEFINED_COLUMN ? foreign() : failure;
  }
}

async function exists(client: pg.ClientBase, ...names: readonly string[]): Promise<boolean> {
  const { rows } = await client.query(
    'SELECT FROM unnest($1::text[]) AS name WHERE to_regclass(name) IS NOT NULL',
    [names],
  );
  return rows.length > 0;
}

function foreign(): StorageError {
  return new StorageError(
    'FOREIGN_SCHEMA',
    'the database has tables of something else: give the vault a database of its own',
  );
}

async function makeJournal(client: pg.ClientBase): Promise<void> {
  try {
    await client.query(`CREATE TABLE IF NOT EXISTS schema_migrations (
      number     bigint PRIMARY KEY,
      name       text NOT NULL,
      applied_at bigint NOT NULL
    )`);
  } catch (error) {
    if (!MADE_BY_ANOTHER.has(storageError(error).code)) throw error;
  }
}

/** The note comes first: a second one waits for it, and is refused once the migration has been committed. */
async function apply(
  client: pg.ClientBase,
  { number, name, sql }: Migration,
  report: (line: string) => void,
): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query('SET LOCAL statement_timeout = 0');
    await client.query('SET LOCAL lock_timeout = 0');
    const { rowCount } = await client.query({
      text: `INSERT INTO schema_migrations VALUES ($1, $2, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)
             ON CONFLICT DO NOTHING`,
      values: [number, name],
      ...NO_TIMEOUT,
    });
    if (rowCount === 1) {
      report(`migrating the database: ${number} ${name}`);
      await client.query({ text: sql, ...NO_TIMEOUT });
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}
