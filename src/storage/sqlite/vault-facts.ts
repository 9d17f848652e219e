/** What a backup and its original have in common, and how a damaged file shows. */
import { StorageError } from '../errors.ts';

export interface VaultFacts {
  /** The number of the newest migration. */
  readonly schema: number;
  /** Rows per table. */
  readonly rows: Readonly<Record<string, number>>;
  readonly masterKeyCheck: Uint8Array;
}

/** `ask` runs a query. Rejects with a StorageError (`BACKUP`) where there is no vault. */
export async function readFacts(ask: (sql: string) => Promise<readonly unknown[]>): Promise<VaultFacts> {
  const [newest] = (await ask('SELECT max(number) AS schema FROM schema_migrations')) as {
    schema: number | null;
  }[];
  const [check] = (await ask("SELECT value FROM settings WHERE name = 'master_key_check'")) as {
    value: Uint8Array;
  }[];
  if (newest?.schema == null || check === undefined) {
    throw new StorageError('BACKUP', 'there is no vault in the database: it was never started');
  }
  const tables = (await ask(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
  )) as { name: string }[];
  const rows: Record<string, number> = {};
  for (const { name } of tables) {
    const [counted] = (await ask(`SELECT count(*) AS n FROM "${name}"`)) as { n: number }[];
    rows[name] = counted?.n ?? 0;
  }
  return { schema: newest.schema, rows, masterKeyCheck: check.value };
}

/** Codes of SQLite for a file that is not, or not any more, what SQLite has written. */
export function isDamageCode(code: string): boolean {
  return /^SQLITE_(CORRUPT|NOTADB|IOERR)/.test(code);
}
