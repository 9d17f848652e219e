import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import SqliteDatabase from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { listMigrations, type Migration } from '../../src/storage/migrations.ts';
import { SqliteEngine } from '../../src/storage/sqlite/sqlite-engine.ts';
import { tempFolder } from '../support/storage-room.ts';

/** Opens and closes a vault's database with these migrations; what was reported. */
async function start(
  file: string,
  migrations: readonly Migration[] = listMigrations('sqlite'),
): Promise<string[]> {
  const lines: string[] = [];
  const engine = await SqliteEngine.open({
    file,
    migrations,
    clock: { wall: Date.now, monotonic: () => performance.now() },
    observer: { batchCommitted() {}, batchFailed() {}, storageLost() {} },
    report: (line) => void lines.push(line),
  });
  await engine.close();
  return lines;
}

function inspect<T>(file: string, sql: string): T[] {
  const connection = new SqliteDatabase(file, { readonly: true });
  try {
    return connection.prepare(sql).all() as T[];
  } finally {
    connection.close();
  }
}

const applied = (file: string) =>
  inspect<{ number: number; name: string }>(
    file,
    'SELECT number, name FROM schema_migrations ORDER BY number',
  );
const tables = (file: string) =>
  inspect<{ name: string }>(file, "SELECT name FROM sqlite_schema WHERE type = 'table'").map(
    ({ name }) => name,
  );

const FIRST = listMigrations('sqlite');
const next = (name: string, sql: string): Migration[] => [...FIRST, { number: FIRST.length + 1, name, sql }];
const NEXT_NUMBER = FIRST.length + 1;
const COPY = `.before-${String(NEXT_NUMBER).padStart(4, '0')}`;

/** A folder with these files as migrations. */
function folderWith(names: readonly string[]): URL {
  const folder = tempFolder();
  for (const name of names) writeFileSync(join(folder, name), 'SELECT 1;');
  return pathToFileURL(`${folder}/`);
}

describe('migrating', () => {
  it('makes the schema at the first start, and does nothing at the second', async () => {
    const file = join(tempFolder(), 'keyrotator.db');
    expect(await start(file)).toEqual(
      FIRST.map(({ number, name }) => `migrating the database: ${number} ${name}`),
    );
    expect(applied(file)).toEqual(FIRST.map(({ number, name }) => ({ number, name })));
    expect(await start(file)).toEqual([]);
  });

  it('goes forward by what is missing, after a copy of the file was made that only its user can read', async () => {
    const file = join(tempFolder(), 'keyrotator.db');
    await start(file);
    const lines = await start(file, next('more', 'CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT;'));
    expect(lines).toEqual([
      `copying the database to ${file}${COPY}`,
      `migrating the database: ${NEXT_NUMBER} more`,
    ]);
    expect(tables(file)).toContain('more');
    expect(tables(`${file}${COPY}`)).not.toContain('more');
    expect(applied(`${file}${COPY}`)).toHaveLength(FIRST.length);
    expect(inspect(`${file}${COPY}`, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    expect(statSync(`${file}${COPY}`).mode & 0o777).toBe(0o600);
  });

  it('leaves the file as it was where a migration fails, and works once that is mended', async () => {
    const file = join(tempFolder(), 'keyrotator.db');
    await start(file);
    const before = readFileSync(file);
    const failing = next('failing', 'CREATE TABLE half (id INTEGER); INSERT INTO missing VALUES (1);');
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(start(file, failing)).rejects.toMatchObject({
        name: 'StorageError',
        code: 'SQLITE_ERROR',
      });
      expect(readFileSync(file).equals(before)).toBe(true);
    }
    await start(file, next('mended', 'CREATE TABLE whole (id INTEGER);'));
    expect(tables(file)).toContain('whole');
    expect(tables(file)).not.toContain('half');
  });

  it('keeps the migrations before the one that fails', async () => {
    const file = join(tempFolder(), 'keyrotator.db');
    await start(file);
    const two = [
      ...next('good', 'CREATE TABLE good (id INTEGER);'),
      { number: NEXT_NUMBER + 1, name: 'bad', sql: 'nonsense;' },
    ];
    await expect(start(file, two)).rejects.toMatchObject({ name: 'StorageError' });
    expect(applied(file).at(-1)).toEqual({ number: NEXT_NUMBER, name: 'good' });
  });

  it('refuses the schema of a later release, and leaves the file as it was', async () => {
    const file = join(tempFolder(), 'keyrotator.db');
    await start(file, next('later', 'CREATE TABLE later (id INTEGER);'));
    const before = readFileSync(file);
    await expect(start(file)).rejects.toMatchObject({
      code: 'NEWER_SCHEMA',
      message: `${file} has schema ${NEXT_NUMBER}, this release knows ${FIRST.length}: run the release that wrote it, or a later one`,
    });
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it('refuses a file whose migrations went another way', async () => {
    const file = join(tempFolder(), 'keyrotator.db');
    await start(file, next('theirs', 'CREATE TABLE theirs (id INTEGER);'));
    await expect(start(file, next('ours', 'CREATE TABLE ours (id INTEGER);'))).rejects.toMatchObject({
      code: 'FOREIGN_SCHEMA',
    });
    expect(tables(file)).not.toContain('ours');
  });

  it.each(['delete', 'wal'])(
    'refuses the database of something else in %s mode, and leaves it as it was',
    async (mode) => {
      const file = join(tempFolder(), 'theirs.db');
      const theirs = new SqliteDatabase(file);
      theirs.pragma(`journal_mode = ${mode}`);
      theirs.exec('CREATE TABLE things (id INTEGER)');
      theirs.close();
      const before = readFileSync(file);
      await expect(start(file)).rejects.toMatchObject({
        code: 'FOREIGN_SCHEMA',
        message: `${file} is a SQLite database of something else`,
      });
      expect(readFileSync(file).equals(before)).toBe(true);
    },
  );

  it('refuses a file that is no database, and leaves it as it was', async () => {
    const file = join(tempFolder(), 'letter.txt');
    writeFileSync(file, 'Dear reader, '.repeat(1_000));
    await expect(start(file)).rejects.toMatchObject({ name: 'StorageError', code: 'SQLITE_NOTADB' });
    expect(readFileSync(file, 'utf8')).toBe('Dear reader, '.repeat(1_000));
  });
});

describe('the list of migrations', () => {
  it('starts with the first and leaves no number out', () => {
    expect(FIRST.map(({ number }) => number)).toEqual(FIRST.map((_, at) => at + 1));
    expect(FIRST[0]?.name).toBe('initial');
  });

  it('has the same numbers and names for each engine', () => {
    const titles = (engine: 'sqlite' | 'postgres') =>
      listMigrations(engine).map(({ number, name }) => `${number} ${name}`);
    expect(titles('postgres')).toEqual(titles('sqlite'));
  });

  it('takes them in the order of their numbers, and nothing but migrations', () => {
    const folder = folderWith(['0002-b.sql', '0001-a.sql', 'schema.sql', '0003-c.sql.orig', 'README.md']);
    expect(listMigrations('sqlite', folder).map(({ number, name }) => `${number} ${name}`)).toEqual([
      '1 a',
      '2 b',
    ]);
  });

  it.each([
    ['a gap', ['0001-a.sql', '0003-c.sql'], '0003-c.sql'],
    ['a number that comes twice', ['0001-a.sql', '0001-b.sql'], '0001-b.sql'],
    ['a start that is not 1', ['0002-a.sql'], '0002-a.sql'],
  ])('refuses %s', (_, names, culprit) => {
    expect(() => listMigrations('sqlite', folderWith(names))).toThrow(`migration ${culprit} is out of order`);
  });
});
