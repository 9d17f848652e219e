/** The secrets that the service makes for itself outside production, as files that only its user can read. */

import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigError } from './config.ts';

/** The file beside the database that holds a master key which nobody gave. */
function masterKeyFile(databaseFile: string): string {
  return join(dirname(databaseFile), 'master.key');
}

/** The file beside the database into which a new root token is written where there is no terminal. */
export function rootTokenFile(databaseFile: string): string {
  return join(dirname(databaseFile), 'root-token');
}

/** The master key in `file`, 32 bytes; null where there is no such file. Throws where it holds something else. */
function readMasterKey(file: string): Buffer | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== 32) {
    throw new ConfigError([`${file} does not hold a master key: put the right file back`]);
  }
  return key;
}

/** The master key that was given or found; `createIn`: the file in which a new one is yet to be kept, before anything is sealed under it. */
export interface MasterKey {
  readonly key: Buffer;
  readonly createIn: string | null;
}

/** `given`: base64 of the configuration, or null; `databaseFile`: null where no file holds the vault, then it must be given. */
export function obtainMasterKey(given: string | null, databaseFile: string | null): MasterKey {
  if (given !== null) return { key: Buffer.from(given, 'base64'), createIn: null };
  if (databaseFile === null) throw new Error('KEYROTATOR_MASTER_KEY must be given');
  const file = masterKeyFile(databaseFile);
  const found = readMasterKey(file);
  return found === null ? { key: randomBytes(32), createIn: file } : { key: found, createIn: null };
}

/** The master key of a vault that there is, 32 bytes: `given`, or that of its file. Throws a ConfigError where there is neither. */
export function findMasterKey(given: string | null, databaseFile: string | null): Buffer {
  if (given !== null) return Buffer.from(given, 'base64');
  const file = databaseFile === null ? null : masterKeyFile(databaseFile);
  const found = file === null ? null : readMasterKey(file);
  if (found !== null) return found;
  const where = file === null ? '' : `, or put the vault's own back as ${file}`;
  throw new ConfigError([
    `KEYROTATOR_MASTER_KEY must be given${where}: without it nothing in the vault opens`,
  ]);
}

/** Keeps a new master key in its file, on disk before this returns. Fails where the file is there already. */
export function keepMasterKey(key: Buffer, file: string): void {
  writeSecretFile(file, `${key.toString('base64')}\n`);
}

/**
 * Keeps a new root token in its file, on disk before this returns. One that is there may be that of another vault in the
 * same folder: it stays beside, as `FILE.before-1` or with the next number that is free.
 */
export function keepRootToken(token: string, file: string): void {
  setAside(file);
  writeSecretFile(file, `${token}\n`);
}

function setAside(file: string): string | null {
  if (!existsSync(file)) return null;
  let number = 1;
  while (existsSync(`${file}.before-${number}`)) number++;
  const aside = `${file}.before-${number}`;
  renameSync(file, aside);
  return aside;
}

/**
 * Keeps a root token that is not valid yet, on disk before this returns, as `FILE.new`; what it gives puts it into `FILE`. What
 * is there by then stays beside, as {@link keepRootToken} has it: under the name that it gives back, or null for nothing.
 */
export function draftRootToken(token: string, file: string): () => string | null {
  const draft = `${file}.new`;
  rmSync(draft, { force: true });
  writeSecretFile(draft, `${token}\n`);
  return () => {
    const aside = setAside(file);
    renameSync(draft, file);
    syncFolder(dirname(file));
    return aside;
  };
}

/**
 * Removes the file of a root token where `isThat` says so of the token in it; what else is there stays. Never throws: what
 * cannot be removed holds a token that is worth nothing any more.
 */
export function removeRootToken(file: string, isThat: (token: string) => boolean): void {
  try {
    if (isThat(readFileSync(file, 'utf8').trim())) rmSync(file);
  } catch {
    // There is no such file, or it is not for this process to touch.
  }
}

/** Writes a file of mode 0600 that is there whole or not at all, and is on disk when this returns. Never overwrites. */
function writeSecretFile(file: string, content: string): void {
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  const descriptor = openSync(draft, 'wx', 0o600);
  try {
    writeSync(descriptor, content);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  try {
    linkSync(draft, file);
  } finally {
    rmSync(draft);
  }
  syncFolder(folder);
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
