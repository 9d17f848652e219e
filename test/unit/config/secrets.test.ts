import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  draftRootToken,
  keepMasterKey,
  keepRootToken,
  obtainMasterKey,
  removeRootToken,
  rootTokenFile,
} from '../../../src/config/secrets.ts';

let folder: string;
let database: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyrotator-secrets-'));
  database = join(folder, 'data', 'keyrotator.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

const modeOf = (path: string) => statSync(path).mode & 0o777;

/** What a start does with a master key. */
function start(): Buffer {
  const { key, createIn } = obtainMasterKey(null, database);
  if (createIn !== null) keepMasterKey(key, createIn);
  return key;
}

it('takes the master key that was given, and keeps no copy', () => {
  const given = Buffer.alloc(32, 7);
  expect(obtainMasterKey(given.toString('base64'), database)).toEqual({ key: given, createIn: null });
  expect(readdirSync(folder)).toEqual([]);
});

it('makes a master key once, in a file beside the database that only its user can read', () => {
  const key = start();
  const file = join(folder, 'data', 'master.key');
  expect(readFileSync(file, 'utf8')).toBe(`${key.toString('base64')}\n`);
  expect([modeOf(file), modeOf(join(folder, 'data'))]).toEqual([0o600, 0o700]);
  expect(readdirSync(join(folder, 'data'))).toEqual(['master.key']);
  expect(start().equals(key)).toBe(true);
});

it('makes another master key for each vault', () => {
  const key = start();
  database = join(folder, 'other', 'keyrotator.db');
  expect(start().equals(key)).toBe(false);
});

it('never overwrites a master key', () => {
  const key = start();
  const file = join(folder, 'data', 'master.key');
  expect(() => keepMasterKey(Buffer.alloc(32, 1), file)).toThrow(/EEXIST/);
  expect(start().equals(key)).toBe(true);
  expect(readdirSync(join(folder, 'data'))).toEqual(['master.key']);
});

it('lets only one of two starts at the same time keep its master key', () => {
  const one = obtainMasterKey(null, database);
  const other = obtainMasterKey(null, database);
  keepMasterKey(one.key, one.createIn as string);
  expect(() => keepMasterKey(other.key, other.createIn as string)).toThrow(/EEXIST/);
  expect(start().equals(one.key)).toBe(true);
});

it('refuses a file that holds no master key, instead of making another', () => {
  start();
  const file = join(folder, 'data', 'master.key');
  for (const text of ['', 'c2hvcnQ=', `${Buffer.alloc(33).toString('base64')}\n`]) {
    writeFileSync(file, text);
    expect(() => obtainMasterKey(null, database)).toThrow(`${file} does not hold a master key`);
  }
});

it('refuses a file that cannot be read, instead of making another', () => {
  database = join(folder, 'keyrotator.db');
  writeFileSync(join(folder, 'plain'), '');
  expect(() => obtainMasterKey(null, join(folder, 'plain', 'keyrotator.db'))).toThrow(/ENOTDIR/);
});

it('keeps a root token in a file that only its user can read, and what was there before beside it', () => {
  const file = rootTokenFile(database);
  for (const token of ['one', 'two', 'three']) keepRootToken(token, file);
  const contents = readdirSync(join(folder, 'data')).map((name) => {
    const path = join(folder, 'data', name);
    return [name, readFileSync(path, 'utf8'), modeOf(path)];
  });
  expect(contents.toSorted()).toEqual([
    ['root-token', 'three\n', 0o600],
    ['root-token.before-1', 'one\n', 0o600],
    ['root-token.before-2', 'two\n', 0o600],
  ]);
});

it('puts a new root token into its file, and what is there beside it', () => {
  const file = rootTokenFile(database);
  expect(draftRootToken('of another vault', file)()).toBe(null);
  expect(draftRootToken('new', file)()).toBe(`${file}.before-1`);
  expect([readFileSync(file, 'utf8'), readFileSync(`${file}.before-1`, 'utf8')]).toEqual([
    'new\n',
    'of another vault\n',
  ]);
});

it('removes the file of a root token that was replaced, and no other file in its place', () => {
  const file = rootTokenFile(database);
  const isReplaced = (token: string) => token === 'replaced';
  removeRootToken(file, isReplaced);
  keepRootToken('another', file);
  removeRootToken(file, isReplaced);
  expect(readFileSync(file, 'utf8')).toBe('another\n');
  keepRootToken('replaced', file);
  removeRootToken(file, isReplaced);
  expect(readdirSync(join(folder, 'data'))).toEqual(['root-token.before-1']);
});
