/** A backup on its way back into a PostgreSQL database: an empty one, in one transaction. */
import type pg from 'pg';
import { checksum } from '../backup/files.ts';
import type { BackupManifest } from '../backup/manifest.ts';
import type { Steps } from '../backup/progress.ts';
import { compareChecksum, compareRows } from '../backup/read-backup.ts';
import { StorageError } from '../errors.ts';
import type { Reader } from '../rows.ts';
import { connectOnce, createPool, type ServerTimeouts } from './connections.ts';
import { parseDatabaseUrl } from './database-url.ts';
import { kyselyOver } from './dialect.ts';
import { storageError } from './errors.ts';
import { migratePostgres } from './migrate.ts';
import { runTool, type ToolTarget } from './tools.ts';
import { readPostgresFacts } from './vault-facts.ts';

/** Reading a whole vault takes its time. */
const UNHURRIED: ServerTimeouts = { statement: 86_400_000, lock: 60_000, idleInTransaction: 60_000 };

/** Privileges are not restored, since they name roles of elsewhere; what everybody may by default is taken back again. */
const KEEP_FROM_PUBLIC = `
DO $$
DECLARE
  name regprocedure;
BEGIN
  FOR name IN SELECT oid FROM pg_proc WHERE pronamespace = current_schema()::regnamespace AND prosecdef LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', name);
  END LOOP;
END $$`;

export interface PostgresRestorationOptions {
  readonly backup: string;
  readonly manifest: BackupManifest;
  readonly target: ToolTarget;
  /** Nothing is brought back. */
  readonly checkOnly: boolean;
  readonly steps: Steps;
}

/**
 * Restores the backup into a database that has no tables, brings its schema up to date, and has `inspect` look into it.
 * Rejects with a StorageError: where pg_restore did not come to its end the database is as empty as before; what is found
 * afterwards is told as `RESTORED`, and the database has the vault.
 */
export async function restorePostgres(
  options: PostgresRestorationOptions,
  inspect: (db: Reader) => Promise<void>,
): Promise<void> {
  const { backup, manifest, target, checkOnly, steps } = options;
  compareChecksum(backup, manifest, await checksum(backup, null, steps('checking')));
  if (checkOnly) return;
  const { database = '' } = parseDatabaseUrl(target.url);
  const client = await connectOnce(parseDatabaseUrl(target.url), UNHURRIED);
  try {
    await refuseTables(client);
    await load(options, database);
    await settle(client, options, inspect);
  } catch (error) {
    throw storageError(error);
  } finally {
    await client.end().catch(() => {});
  }
}

/** The tables of extensions are no matter. */
async function refuseTables(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
     WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%'
       AND NOT EXISTS (SELECT FROM pg_depend d
                       WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
     LIMIT 1`,
  );
  if (rows.length === 0) return;
  throw new StorageError(
    'BACKUP',
    `the database of DATABASE_URL is not empty (it has ${rows[0]?.name}): make a new one and name that, \`createdb\` does it`,
  );
}

async function load({ backup, manifest, target, steps }: PostgresRestorationOptions, database: string) {
  const progress = steps('restoring');
  const tables = Object.keys(manifest.rows).length;
  let begun = 0;
  const name = database.replaceAll(/[\\']/g, '\\$&');
  const args = ['--single-transaction', '--exit-on-error', '--no-owner', '--no-privileges', '--no-password'];
  await runTool('pg_restore', [...args, '--verbose', `--dbname=dbname='${name}'`, backup], target, (line) => {
    if (line.includes('processing data for table')) progress(Math.min(1, ++begun / (tables + 1)));
  });
  progress(1);
}

async function settle(
  client: pg.ClientBase,
  { manifest, target, steps }: PostgresRestorationOptions,
  inspect: (db: Reader) => Promise<void>,
): Promise<void> {
  const pool = createPool(parseDatabaseUrl(target.url), UNHURRIED, 2);
  try {
    steps('checking the rows');
    compareRows(manifest, (await readPostgresFacts(client)).rows);
    await migratePostgres(client, (line) => void steps(line));
    await client.query(KEEP_FROM_PUBLIC);
    await client.query('ANALYZE');
    await inspect(kyselyOver(pool));
  } catch (error) {
    throw new StorageError(
      'RESTORED',
      `${(error as Error).message}\nthe database has been restored all the same: drop it before you try again, or let the vault serve from it`,
    );
  } finally {
    await pool.end().catch(() => {});
  }
}
