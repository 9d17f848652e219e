/** Makes a backup of a vault: FILE, and beside it FILE.sha256. */
import { renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { StorageError } from '../errors.ts';
import { draftName, isThere, publishNew, removeDraft, syncFolder, writeDraft } from './files.ts';
import { type BackupManifest, formatManifest, manifestFile } from './manifest.ts';

/**
 * `make` writes the backup to the draft that it is given. Both files are on disk and complete when this resolves; killed
 * before, it leaves at most a draft (`FILE.partial-…`) and a FILE.sha256 that the next backup to FILE replaces. `drafts` is
 * told of each draft, for whoever ends the process in the middle. Rejects where FILE is there already.
 */
export async function makeBackup(
  file: string,
  make: (draft: string) => Promise<BackupManifest>,
  drafts: (draft: string) => void,
): Promise<BackupManifest> {
  if (isThere(file)) throw new StorageError('BACKUP', `${file} is there already: name another file`);
  if (!isThere(dirname(file)))
    throw new StorageError('BACKUP', `there is no folder ${dirname(file)}: make it`);
  const draft = draftName(file);
  const manifestDraft = draftName(manifestFile(file));
  drafts(draft);
  drafts(manifestDraft);
  try {
    const manifest = await make(draft);
    writeDraft(manifestDraft, formatManifest(manifest, file));
    // First, so that FILE is never without: alone it is worth nothing.
    renameSync(manifestDraft, manifestFile(file));
    syncFolder(dirname(file));
    publishNew(draft, file);
    return manifest;
  } finally {
    removeDraft(draft);
    removeDraft(manifestDraft);
  }
}
