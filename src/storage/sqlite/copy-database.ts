/** Copies the database of a vault as it is at one instant, from another process than the one that serves. */
import SqliteDatabase from 'better-sqlite3';
import { syncAsItGrows } from '../backup/files.ts';
import type { Progress } from '../backup/progress.ts';
import { StorageError } from '../errors.ts';
import { isDamageCode, readFacts, type VaultFacts } from './vault-facts.ts';

const PAGES_PER_STEP = 1_000;

/**
 * Copies into the empty file `to`, which becomes a database in one file. The process that has the file's lock goes on
 * reading and writing: the copy holds a read transaction, so it has exactly what was committed when it began, and no
 * write makes it begin again. The log of `file` cannot start anew as long.
 */
export async function copyDatabase(file: string, to: string, progress: Progress): Promise<void> {
  const source = new SqliteDatabase(file, { fileMustExist: true, readonly: true, timeout: 5_000 });
  const syncing = syncAsItGrows(to);
  try {
    source.exec('BEGIN');
    // The snapshot is taken by the first reading.
    if (!isVault(source)) throw new StorageError('BACKUP', `${file} holds no vault`);
    await source.backup(to, {
      progress({ totalPages, remainingPages }) {
        syncing.grown();
        progress(totalPages === 0 ? 0 : 1 - remainingPages / totalPages);
        return PAGES_PER_STEP;
      },
    });
  } catch (error) {
    throw isDamage(error) ? damaged((error as Error).message) : error;
  } finally {
    syncing.close();
    source.close();
  }
}

function isVault(db: SqliteDatabase.Database): boolean {
  const sql = "SELECT count(*) FROM sqlite_schema WHERE name IN ('settings', 'schema_migrations')";
  return db.prepare(sql).pluck().get() === 2;
}

/** Makes the copy one file that can be read, and looks into it. Throws where it is damaged. */
export async function finishCopy(copy: string): Promise<VaultFacts> {
  const db = new SqliteDatabase(copy, { fileMustExist: true });
  try {
    db.pragma('journal_mode = DELETE');
    const found = db.pragma('quick_check(1)', { simple: true });
    if (found !== 'ok') throw damaged(String(found));
    return await readFacts(async (sql) => db.prepare(sql).all());
  } catch (error) {
    throw isDamage(error) ? damaged((error as Error).message) : error;
  } finally {
    db.close();
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof SqliteDatabase.SqliteError && isDamageCode(error.code);
}

function damaged(why: string): StorageError {
  return new StorageError('BACKUP', `the database is damaged, and so would be its backup: ${why}`);
}
