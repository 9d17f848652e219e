/** A backup on its way back: copied beside the place where it is to be, looked into, and put there when all is well. */
import { rmSync } from 'node:fs';
import { checksum, draftName, isThere, keepPrivate, removeDraft, syncFile } from '../backup/files.ts';
import type { BackupManifest } from '../backup/manifest.ts';
import type { Steps } from '../backup/progress.ts';
import { compareChecksum, compareRows } from '../backup/read-backup.ts';
import { StorageError } from '../errors.ts';
import { listMigrations } from '../migrations.ts';
import type { Reader } from '../rows.ts';
import { Connection } from './connection.ts';
import { canonicalPath } from './database-file.ts';
import { kyselyOver } from './dialect.ts';
import { takeLock } from './lock-file.ts';
import { migrate } from './migrate.ts';
import { isOccupied, replaceDatabase } from './replace-database.ts';
import { isDamageCode, readFacts } from './vault-facts.ts';

export interface RestorationOptions {
  readonly backup: string;
  readonly manifest: BackupManifest;
  /** The vault's database. */
  readonly file: string;
  /** Where something is in the place, it is kept aside; else the restoration is refused. */
  readonly replace: boolean;
  /** Nothing is put in place, so a vault may serve there meanwhile. */
  readonly checkOnly: boolean;
  readonly steps: Steps;
  /** Told the names of files that are to be removed where the process ends in the middle. */
  readonly draft: (name: string) => void;
}

/**
 * Checks the backup in a copy; `inspect` looks into that, in which the schema is that of this release, and may write to
 * it. Where nothing has objected the copy takes the place of the database. Resolves with the name under which the one
 * before was kept, or null. Rejects with a StorageError, and then the place is as it was.
 */
export async function restoreSqlite(
  options: RestorationOptions,
  inspect: (db: Reader) => Promise<void>,
): Promise<string | null> {
  const { checkOnly, file } = options;
  if (checkOnly) {
    await withCheckedCopy(options, file, inspect, () => null);
    return null;
  }
  const fresh = !isThere(file);
  const path = canonicalPath(file);
  const lock = takeLockToRestore(path);
  try {
    if (isOccupied(path) && !options.replace) {
      throw new StorageError(
        'BACKUP',
        `there is a vault at ${file}: with --replace it makes room, and is kept beside it under another name`,
      );
    }
    const aside = `${path}.replaced-${new Date().toISOString().replaceAll(':', '-')}`;
    return await withCheckedCopy(options, path, inspect, (draft) => replaceDatabase(draft, path, aside));
  } finally {
    // Made above, to have a name of its own.
    if (fresh && !isOccupied(path)) rmSync(path, { force: true });
    lock.close();
    if (fresh && !isThere(path)) rmSync(`${path}.lock`, { force: true });
  }
}

function takeLockToRestore(path: string): { close(): void } {
  try {
    return takeLock(path);
  } catch (error) {
    if (!(error instanceof StorageError && error.code === 'IN_USE')) throw error;
    throw new StorageError('IN_USE', `a vault is serving from ${path}: stop it first`);
  }
}

async function withCheckedCopy<T>(
  { backup, manifest, steps, draft: tellDraft }: RestorationOptions,
  place: string,
  inspect: (db: Reader) => Promise<void>,
  put: (draft: string) => T,
): Promise<T> {
  const draft = draftName(place);
  tellDraft(draft);
  try {
    compareChecksum(backup, manifest, await checksum(backup, draft, steps('copying')));
    await checkCopy(draft, manifest, steps, inspect);
    keepPrivate(draft);
    syncFile(draft);
    return put(draft);
  } finally {
    removeDraft(draft);
  }
}

async function checkCopy(
  draft: string,
  manifest: BackupManifest,
  steps: Steps,
  inspect: (db: Reader) => Promise<void>,
): Promise<void> {
  try {
    const connection = await Connection.open({ file: draft, role: 'writer' }, () => {});
    try {
      const ask = async (sql: string) =>
        (await connection.call({ kind: 'execute', sql, parameters: [] })).rows;
      await checkIntegrity(ask, steps);
      const facts = await readFacts(ask);
      if (facts.schema !== manifest.schema) throw damaged(`its schema is ${facts.schema}`);
      compareRows(manifest, facts.rows);
      await migrate(connection, draft, listMigrations('sqlite'), (line) => void steps(line), {
        isCopy: true,
      });
      await inspect(kyselyOver(() => connection));
    } finally {
      // Brings the log into the file, and removes it.
      await connection.close();
    }
  } catch (error) {
    throw error instanceof StorageError && isDamageCode(error.code) ? damaged(error.message) : error;
  }
  if (isThere(`${draft}-wal`)) throw damaged('its log is not part of it');
}

async function checkIntegrity(
  ask: (sql: string) => Promise<readonly unknown[]>,
  steps: Steps,
): Promise<void> {
  steps('checking the integrity');
  const [found] = (await ask('PRAGMA integrity_check(1)')) as { integrity_check: string }[];
  if (found?.integrity_check !== 'ok') throw damaged(String(found?.integrity_check));
  const orphans = (await ask('PRAGMA foreign_key_check')) as { table: string }[];
  if (orphans.length > 0) throw damaged(`${orphans.length} rows of ${orphans[0]?.table} belong to nothing`);
}

function damaged(why: string): StorageError {
  return new StorageError(
    'BACKUP',
    `the backup is damaged, though its checksum is right: ${why}. Take another backup`,
  );
}
