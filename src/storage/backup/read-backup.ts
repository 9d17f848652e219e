/** Reads what lies beside a backup, and refuses what cannot be restored before a byte of it is. */
import { readFileSync } from 'node:fs';
import { StorageError } from '../errors.ts';
import { listMigrations } from '../migrations.ts';
import { type Checksum, isThere } from './files.ts';
import { type BackupManifest, manifestFile, parseManifest } from './manifest.ts';

/** Throws a StorageError (`BACKUP`) where FILE or FILE.sha256 is missing, or is nothing for `engine` and this release. */
export function readManifest(file: string, engine: BackupManifest['engine']): BackupManifest {
  if (!isThere(file)) throw new StorageError('BACKUP', `there is no file ${file}`);
  const beside = manifestFile(file);
  if (!isThere(beside)) {
    throw new StorageError('BACKUP', `${beside} is missing, without which ${file} cannot be checked`);
  }
  const manifest = parseManifest(readFileSync(beside, 'utf8'), beside);
  if (manifest.engine !== engine) {
    throw new StorageError(
      'BACKUP',
      `${file} is a backup of a vault on ${manifest.engine === 'sqlite' ? 'SQLite' : 'PostgreSQL'}: DATABASE_URL has to name a database of that kind`,
    );
  }
  const newest = listMigrations(engine).length;
  if (manifest.schema > newest) {
    throw new StorageError(
      'NEWER_SCHEMA',
      `${file} has schema ${manifest.schema}, this release knows ${newest}: restore it with the release that made it, or a later one`,
    );
  }
  return manifest;
}

/** Throws a StorageError (`BACKUP`) unless the file that was read is the one that the manifest tells of. */
export function compareChecksum(file: string, manifest: BackupManifest, { sha256, bytes }: Checksum): void {
  if (sha256 === manifest.sha256 && bytes === manifest.bytes) return;
  const how =
    bytes === manifest.bytes ? 'its content has changed' : `it has ${bytes} bytes of ${manifest.bytes}`;
  throw new StorageError(
    'BACKUP',
    `${file} is not the backup that was made: ${how}. Take it from where it was copied from, or another backup`,
  );
}

/** Throws a StorageError (`BACKUP`) unless a table has as many rows as it had. */
export function compareRows(manifest: BackupManifest, rows: Readonly<Record<string, number>>): void {
  const names = new Set([...Object.keys(manifest.rows), ...Object.keys(rows)]);
  const other = [...names].filter((name) => manifest.rows[name] !== rows[name]);
  if (other.length === 0) return;
  throw new StorageError('BACKUP', `the backup has other rows than it should have in ${other.join(', ')}`);
}
