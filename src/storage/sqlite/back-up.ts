/** Backs a vault up into one file of its own, while it serves. */
import { checksum, createDraft, isThere, keepPrivate, syncFile } from '../backup/files.ts';
import type { BackupManifest } from '../backup/manifest.ts';
import type { Steps } from '../backup/progress.ts';
import { StorageError } from '../errors.ts';
import { copyDatabase, finishCopy } from './copy-database.ts';

/** Writes the backup to `draft`, on disk when this resolves. Rejects with a StorageError. */
export async function backUpSqlite(file: string, draft: string, steps: Steps): Promise<BackupManifest> {
  if (!isThere(file)) throw new StorageError('BACKUP', `there is no vault at ${file}: set DATABASE_URL`);
  createDraft(draft);
  const created_at = new Date().toISOString();
  await copyDatabase(file, draft, steps('copying'));
  const { schema, rows, masterKeyCheck } = await finishCopy(draft);
  keepPrivate(draft);
  syncFile(draft);
  const sum = await checksum(draft, null, steps('checking'));
  return { engine: 'sqlite', created_at, schema, rows, master_key_check: masterKeyCheck, ...sum };
}
