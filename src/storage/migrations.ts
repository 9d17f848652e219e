/** The migrations of a release, `db/<engine>/NNNN-name.sql`: forward only, the same numbers and names for each engine. */
import { readdirSync, readFileSync } from 'node:fs';
import { StorageError } from './errors.ts';

const DB = new URL('../../db/', import.meta.url);

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

/** The migrations of this release in their order. Throws when their numbers have a gap or a repeat. */
export function listMigrations(
  engine: 'sqlite' | 'postgres',
  folder: URL = new URL(`${engine}/`, DB),
): Migration[] {
  const names = readdirSync(folder)
    .filter((file) => /^\d{4}-[a-z0-9-]+\.sql$/.test(file))
    .sort();
  return names.map((file, at) => {
    const number = Number(file.slice(0, 4));
    if (number !== at + 1) throw new Error(`migration ${file} is out of order: ${at + 1} was expected`);
    return { number, name: file.slice(5, -4), sql: readFileSync(new URL(file, folder), 'utf8') };
  });
}

/**
 * What of `known` is yet to be applied. Throws a StorageError for a database whose schema is newer than this release
 * (`NEWER_SCHEMA`) or not its own (`FOREIGN_SCHEMA`). `database` is its name in the messages.
 */
export function missingMigrations(
  known: readonly Migration[],
  applied: readonly { readonly number: number; readonly name: string }[],
  database: string,
): readonly Migration[] {
  const last = applied.at(-1)?.number ?? 0;
  const newest = known.at(-1)?.number ?? 0;
  if (last > newest) {
    throw new StorageError(
      'NEWER_SCHEMA',
      `${database} has schema ${last}, this release knows ${newest}: run the release that wrote it, or a later one`,
    );
  }
  for (const { number, name } of applied) {
    if (known[number - 1]?.name !== name) {
      throw new StorageError(
        'FOREIGN_SCHEMA',
        `${database} has migration ${number} "${name}", which this release does not know`,
      );
    }
  }
  return known.slice(last);
}
