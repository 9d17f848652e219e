/** Puts a database in the place of another: whoever looks at any instant, also after a sudden end, finds the one or the other whole. */
import { constants, copyFileSync, linkSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { isThere, syncFile, syncFolder } from '../backup/files.ts';
import { StorageError } from '../errors.ts';
import { isDamageCode } from './vault-facts.ts';

/** Whether something lies there that must not be lost. An empty file holds no vault yet. */
export function isOccupied(file: string): boolean {
  return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0 || sizeOf(`${file}-wal`) > 0;
}

/**
 * The caller has the lock of `file`; `draft` is a whole database in one file, on disk, in the same folder. What was in
 * the place stays as `aside`, on disk before it is replaced; null where there was nothing. Throws a StorageError (`IN_USE`)
 * where another program has the database open, and then nothing has happened.
 */
export function replaceDatabase(draft: string, file: string, aside: string): string | null {
  const occupied = isOccupied(file);
  if (occupied) keepAside(file, aside);
  // What belongs to the one before would be read as part of the new one.
  for (const part of ['-wal', '-shm']) rmSync(`${file}${part}`, { force: true });
  renameSync(draft, file);
  syncFolder(dirname(file));
  return occupied ? aside : null;
}

function keepAside(file: string, aside: string): void {
  if (!gatherIntoOneFile(file) && isThere(`${file}-wal`)) {
    // Its log cannot be read into it: the two stay together.
    copyFileSync(`${file}-wal`, `${aside}-wal`, constants.COPYFILE_EXCL);
    syncFile(`${aside}-wal`);
  }
  try {
    linkSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
    // Some file systems have no hard links.
    copyFileSync(file, aside, constants.COPYFILE_EXCL);
    syncFile(aside);
  }
  syncFolder(dirname(file));
}

/** Brings the log into the database and removes it; false where the database is damaged. */
function gatherIntoOneFile(file: string): boolean {
  try {
    const db = new SqliteDatabase(file, { fileMustExist: true, timeout: 0 });
    try {
      db.pragma('wal_checkpoint(TRUNCATE)');
    } finally {
      db.close();
    }
  } catch (error) {
    const code = error instanceof SqliteDatabase.SqliteError ? error.code : '';
    if (isDamageCode(code)) return false;
    if (/^SQLITE_(BUSY|LOCKED)/.test(code)) throw inUse(file);
    throw error;
  }
  // The last one to close it removes the log.
  if (isThere(`${file}-wal`)) throw inUse(file);
  return true;
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function inUse(file: string): StorageError {
  return new StorageError('IN_USE', `another program has ${file} open: end it, and try again`);
}
