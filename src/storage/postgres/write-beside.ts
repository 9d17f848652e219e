/** One unit by a local command, beside the replicas that serve. */
import { sql } from 'kysely';
import { StorageError } from '../errors.ts';
import { listMigrations, missingMigrations } from '../migrations.ts';
import type { Transaction } from '../rows.ts';
import { connectOnce, createPool, type ServerTimeouts } from './connections.ts';
import { parseDatabaseUrl } from './database-url.ts';
import { kyselyOver } from './dialect.ts';
import { storageError } from './errors.ts';
import { appliedMigrations } from './migrate.ts';
import { runUnit } from './units.ts';

const TIMEOUTS: ServerTimeouts = { statement: 30_000, lock: 30_000, idleInTransaction: 10_000 };

/**
 * Runs `work` as one unit, in line with those of the replicas; it gets the database's time in Unix milliseconds. Rejects
 * with a StorageError, and then nothing was written unless the connection was lost meanwhile.
 */
export async function writeBesidePostgres<T>(
  url: string,
  work: (unit: Transaction, now: number) => Promise<T>,
): Promise<T> {
  const target = parseDatabaseUrl(url);
  await refuseOtherSchema(url);
  const pool = createPool(target, TIMEOUTS, 1);
  try {
    const { result } = await runUnit(kyselyOver(pool), 'nothing', null, async (unit) => {
      const { rows } = await sql<{ now: number }>`
        SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now`.execute(unit);
      return work(unit, rows[0]?.now ?? Date.now());
    });
    return result;
  } finally {
    await pool.end().catch(() => {});
  }
}

async function refuseOtherSchema(url: string): Promise<void> {
  const client = await connectOnce(parseDatabaseUrl(url), TIMEOUTS);
  try {
    const applied = await appliedMigrations(client);
    if (applied.length === 0) throw new StorageError('NO_VAULT', 'there is no vault in the database');
    if (missingMigrations(listMigrations('postgres'), applied, 'the database').length === 0) return;
    throw new StorageError(
      'OLDER_SCHEMA',
      'the database was made by an older release: run `npm run migrate`',
    );
  } catch (error) {
    throw storageError(error);
  } finally {
    await client.end().catch(() => {});
  }
}
