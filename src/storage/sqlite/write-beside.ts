/** One unit by a local command, on a vault that may be serving. */
import { StorageError } from '../errors.ts';
import { listMigrations, missingMigrations } from '../migrations.ts';
import type { Transaction } from '../rows.ts';
import { Connection } from './connection.ts';
import { canonicalPath } from './database-file.ts';
import { kyselyOver } from './dialect.ts';
import { appliedMigrations } from './migrate.ts';
import { isOccupied } from './replace-database.ts';

/**
 * Runs `work` as one transaction; it gets the time in Unix milliseconds. Only for what the serving process keeps nothing
 * of in memory: it goes on without knowing that anything was written beside it. Rejects with a StorageError, and then
 * nothing was written.
 */
export async function writeBesideSqlite<T>(
  file: string,
  work: (unit: Transaction, now: number) => Promise<T>,
): Promise<T> {
  if (!isOccupied(file)) throw new StorageError('NO_VAULT', `there is no vault at ${file}: set DATABASE_URL`);
  const connection = await Connection.open({ file: canonicalPath(file), role: 'guest' }, () => {});
  try {
    const missing = missingMigrations(listMigrations('sqlite'), await appliedMigrations(connection), file);
    if (missing.length > 0) {
      throw new StorageError(
        'OLDER_SCHEMA',
        `${file} was made by an older release: start the service once, which brings it up to date`,
      );
    }
    return await kyselyOver(() => connection)
      .transaction()
      .execute((unit) => work(unit, Date.now()));
  } finally {
    await connection.close();
  }
}
