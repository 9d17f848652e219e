/** What becomes of a backup's files in bad hands and on bad disks. */
import { createHash } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import SqliteDatabase from 'better-sqlite3';

export function copyBackup(from: string, to: string): void {
  copyFileSync(from, to);
  copyFileSync(`${from}.sha256`, `${to}.sha256`);
}

export function flipBit(file: string, at: number): void {
  const byte = readFileSync(file)[at] ?? 0;
  overwrite(file, at, Buffer.from([byte ^ 1]));
}

export function overwrite(file: string, at: number, bytes: Uint8Array): void {
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, bytes, 0, bytes.length, at);
  closeSync(descriptor);
}

export function truncate(file: string, by: number): void {
  truncateSync(file, statSync(file).size - by);
}

/** Changes a line of the manifest, as `schema`. */
export function setField(file: string, name: string, value: string): void {
  const manifest = readFileSync(`${file}.sha256`, 'utf8');
  writeFileSync(
    `${file}.sha256`,
    manifest.replace(new RegExp(`^# ${name}: .*$`, 'm'), `# ${name}: ${value}`),
  );
}

/** Changes the database of a backup, and makes its checksum fit again. */
export function changeDatabase(file: string, change: (db: SqliteDatabase.Database) => void): void {
  const db = new SqliteDatabase(file);
  change(db);
  db.close();
  resign(file);
}

/** Makes the checksum that of the file as it is. */
export function resign(file: string): void {
  setField(file, 'bytes', String(statSync(file).size));
  const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
  const manifest = readFileSync(`${file}.sha256`, 'utf8');
  writeFileSync(`${file}.sha256`, manifest.replace(/^[0-9a-f]{64}/m, sha256));
}
