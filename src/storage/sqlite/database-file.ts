/** What an engine has to know of its file before it serves. */
import { closeSync, mkdirSync, openSync, realpathSync } from 'node:fs';
import { realpath, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { StorageError } from '../errors.ts';
import type { Space } from '../vitals.ts';
import type { Connection } from './connection.ts';

/** The sealed master key check of the vault in this file; null where there is no vault yet. */
export async function readMasterKeyCheck(writer: Connection): Promise<Uint8Array | null> {
  const tables = await writer.call({
    kind: 'execute',
    sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name = 'settings'",
    parameters: [],
  });
  if (tables.rows.length === 0) return null;
  const { rows } = await writer.call({
    kind: 'execute',
    sql: "SELECT value FROM settings WHERE name = 'master_key_check'",
    parameters: [],
  });
  return (rows as { value: Uint8Array }[])[0]?.value ?? null;
}

/** How far the vault's settled time had come when it was last written down, in Unix milliseconds; 0 in a new vault. */
export async function readClockMark(writer: Connection): Promise<number> {
  const { rows } = await writer.call({
    kind: 'execute',
    sql: 'INSERT INTO clock VALUES (1, 0) ON CONFLICT DO UPDATE SET settled = settled RETURNING settled',
    parameters: [],
  });
  return (rows as { settled: number }[])[0]?.settled ?? 0;
}

/** The last one in the order of commits. */
export interface NewestDelivery {
  readonly seq: number;
  readonly delivery_id: string;
}

/** Null where there is none. */
export async function readNewestDelivery(writer: Connection): Promise<NewestDelivery | null> {
  const sql = 'SELECT seq, delivery_id FROM deliveries ORDER BY seq DESC LIMIT 1';
  const { rows } = await writer.call({ kind: 'execute', sql, parameters: [] });
  return (rows as NewestDelivery[])[0] ?? null;
}

/**
 * The same file has the same path, and so the same lock, by whatever symbolic links it is reached. It is made here where
 * it is missing: a link to a file that is yet to be made has no path but its own.
 */
export function canonicalPath(file: string): string {
  const path = resolve(file);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
  return realpathSync(path);
}

/** What the database of this file takes, and what the file system has left. Rejects with a StorageError. */
export async function measureSpace(file: string): Promise<Space> {
  const path = await realpath(file).catch(rethrow);
  const [database, log, system] = await Promise.all([
    stat(path).catch(rethrow),
    measureLog(path),
    statfs(dirname(path)).catch(rethrow),
  ]);
  return { database: database.size, log, free: system.bavail * system.bsize };
}

/**
 * How many bytes the log of the database at this canonical path takes, whether or not they are needed. Rejects with a
 * StorageError, also where it is gone.
 */
export async function measureLog(path: string): Promise<number> {
  return (await stat(`${path}-wal`).catch(rethrow)).size;
}

function rethrow({ code, message }: NodeJS.ErrnoException): never {
  throw new StorageError(code ?? 'UNKNOWN', message);
}
