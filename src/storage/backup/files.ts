/** Files of backups: drafts that become the real thing whole or not at all, and checksums. */
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { StorageError } from '../errors.ts';
import type { Progress } from './progress.ts';

const CHUNK = 4 * 1024 * 1024;
/** What is written is brought to disk in pieces, so that whoever shares the disk never waits for all of it at once. */
const SYNC_EVERY = 32 * 1024 * 1024;

/** The name of a file that is yet to become `file`: beside it, and nobody else's. */
export function draftName(file: string): string {
  return `${file}.partial-${randomBytes(4).toString('hex')}`;
}

/** Makes an empty file that only its user can read; fails where it is there. */
export function createDraft(draft: string): void {
  closeSync(openSync(draft, 'wx', 0o600));
}

/** Removes a draft and what SQLite keeps beside it. */
export function removeDraft(draft: string): void {
  const name = basename(draft);
  for (const file of readdirSync(dirname(draft))) {
    if (file.startsWith(name)) rmSync(join(dirname(draft), file), { force: true });
  }
}

/** Writes a small file of mode 0600, on disk when this returns. */
export function writeDraft(draft: string, text: string): void {
  createDraft(draft);
  const descriptor = openSync(draft, 'r+');
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Puts the draft in its place, in one step; throws where something is there. */
export function publishNew(draft: string, file: string): void {
  try {
    linkSync(draft, file);
    rmSync(draft);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new StorageError('BACKUP', `${file} is there already: name another file`);
    // Some file systems have no hard links.
    if (isThere(file)) throw error;
    renameSync(draft, file);
  }
  syncFolder(dirname(file));
}

export function isThere(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}

export function syncFile(file: string): void {
  const descriptor = openSync(file, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

export function syncFolder(folder: string): void {
  syncFile(folder);
}

export interface Checksum {
  readonly sha256: string;
  readonly bytes: number;
}

/** Reads `from` once, and copies what it reads to `to` where one is given, so that what was checked is what was copied. */
export async function checksum(from: string, to: string | null, progress: Progress): Promise<Checksum> {
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(CHUNK);
  const total = statSync(from).size;
  const input = openSync(from, 'r');
  const output = to === null ? null : openSync(to, 'wx', 0o600);
  let bytes = 0;
  try {
    for (;;) {
      const read = readSync(input, buffer);
      if (read === 0) break;
      const part = buffer.subarray(0, read);
      hash.update(part);
      for (let written = 0; output !== null && written < read; ) {
        written += writeSync(output, part, written);
      }
      if (output !== null && Math.floor((bytes + read) / SYNC_EVERY) > Math.floor(bytes / SYNC_EVERY)) {
        fsyncSync(output);
      }
      bytes += read;
      progress(bytes / Math.max(bytes, total));
      // So that a signal is heard.
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (output !== null) fsyncSync(output);
  } finally {
    closeSync(input);
    if (output !== null) closeSync(output);
  }
  return { sha256: hash.digest('hex'), bytes };
}

/** Lets only the user read it, whoever made it. */
export function keepPrivate(file: string): void {
  chmodSync(file, 0o600);
}

/** Called as a file grows: brings it to disk each time that it has grown by 32 MiB. Close it in the end. */
export function syncAsItGrows(file: string): { grown(): void; close(): void } {
  const descriptor = openSync(file, 'r');
  let synced = 0;
  return {
    grown() {
      const { size } = statSync(file);
      if (size - synced < SYNC_EVERY) return;
      fsyncSync(descriptor);
      synced = size;
    },
    close: () => closeSync(descriptor),
  };
}
