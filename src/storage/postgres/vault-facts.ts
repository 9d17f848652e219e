/** What a backup and its original have in common. */
import type pg from 'pg';
import { StorageError } from '../errors.ts';

export interface PostgresFacts {
  /** The number of the newest migration. */
  readonly schema: number;
  /** Rows per table. */
  readonly rows: Readonly<Record<string, number>>;
  readonly masterKeyCheck: Uint8Array;
}

/** What is in the vault of this database. Rejects with `BACKUP` where there is none. */
export async function readPostgresFacts(client: pg.ClientBase): Promise<PostgresFacts> {
  const noVault = new StorageError('BACKUP', 'there is no vault in the database: it was never started');
  const tables = await tablesOf(client);
  if (!tables.includes('settings') || !tables.includes('schema_migrations')) throw noVault;
  const { rows } = await client.query<{ schema: number | null; check: Uint8Array | null }>(
    `SELECT (SELECT max(number) FROM schema_migrations) AS schema,
            (SELECT value FROM settings WHERE name = 'master_key_check') AS check`,
  );
  const [facts] = rows;
  if (facts?.schema == null || facts.check === null) throw noVault;
  const counts: Record<string, number> = {};
  for (const table of tables) {
    const counted = await client.query<{ n: number }>(
      `SELECT count(*) AS n FROM ${client.escapeIdentifier(table)}`,
    );
    counts[table] = counted.rows[0]?.n ?? 0;
  }
  return { schema: facts.schema, rows: counts, masterKeyCheck: facts.check };
}

/** The tables of the vault's schema, by name. */
async function tablesOf(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class
     WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
     ORDER BY relname`,
  );
  return rows.map(({ name }) => name);
}
