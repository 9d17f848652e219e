/** What keeps a second process off a database that one process serves from. */
import SqliteDatabase from 'better-sqlite3';
import { StorageError } from '../errors.ts';

/**
 * A lock that the operating system lets go of when the process ends, however it ends. `path` is canonical (see
 * database-file.ts). Throws a StorageError (`IN_USE`) where another process has it.
 */
export function takeLock(path: string): { close(): void } {
  const holder = new SqliteDatabase(`${path}.lock`, { timeout: 0 });
  try {
    holder.pragma('locking_mode = EXCLUSIVE');
    holder.exec('BEGIN EXCLUSIVE');
    return holder;
  } catch (error) {
    holder.close();
    if (!(error instanceof SqliteDatabase.SqliteError && error.code === 'SQLITE_BUSY')) throw error;
    throw new StorageError('IN_USE', `another process is using ${path}`);
  }
}
