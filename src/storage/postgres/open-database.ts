/** Makes a database ready to serve: waits until it can be reached, looks at what is in it, and brings the schema up to date. */
import pg from 'pg';
import { StorageError } from '../errors.ts';
import type { Migration } from '../migrations.ts';
import { connectOnce, type ServerTimeouts } from './connections.ts';
import { type DatabaseTarget, parseDatabaseUrl } from './database-url.ts';
import { CONNECTION_LOST, mayTryAgain, storageError } from './errors.ts';
import { grantServing, migratePostgres } from './migrate.ts';

/** A database that is started together with its replicas takes a while. */
const WAIT_MS = 30_000;
const TRY_AGAIN_AFTER_MS = 500;
/** A migration may take its time. */
const MIGRATION: ServerTimeouts = { statement: 3_600_000, lock: 60_000, idleInTransaction: 60_000 };

export interface OpenOptions {
  readonly inspect?: (masterKeyCheck: Uint8Array | null) => void;
  readonly report: (line: string) => void;
  readonly migrations?: readonly Migration[];
}

/** Resolves with the database's clock and the settled time that it remembers, in Unix milliseconds. */
export async function openDatabase(
  target: DatabaseTarget,
  timeouts: ServerTimeouts,
  { inspect, report, migrations }: OpenOptions,
): Promise<{ now: number; mark: number }> {
  const client = await connect(target, timeouts, report);
  try {
    inspect?.(await readMasterKeyCheck(client));
    await migratePostgres(client, report, migrations);
    const { rows } = await client.query<{ settled: number; now: number }>(
      `INSERT INTO clock VALUES (1, 0) ON CONFLICT (id) DO UPDATE SET settled = clock.settled
       RETURNING settled, (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now`,
    );
    const [clock] = rows;
    return { now: clock?.now ?? 0, mark: clock?.settled ?? 0 };
  } catch (error) {
    // What `inspect` throws is not storage's.
    throw error instanceof pg.DatabaseError ? storageError(error) : error;
  } finally {
    await client.end().catch(() => {});
  }
}

/** Migrates, and grants `servingRole` what it takes to serve. Rejects with an error that says what to do. */
export async function migrateDatabase(
  url: string,
  servingRole: string | null,
  report: (line: string) => void,
): Promise<void> {
  const client = await connect(parseDatabaseUrl(url), MIGRATION, report);
  try {
    await migratePostgres(client, report);
    if (servingRole !== null) await grantServing(client, servingRole);
  } catch (error) {
    throw storageError(error);
  } finally {
    await client.end().catch(() => {});
  }
}

async function connect(
  target: DatabaseTarget,
  timeouts: ServerTimeouts,
  report: (line: string) => void,
): Promise<pg.Client> {
  const started = performance.now();
  let told = false;
  for (;;) {
    try {
      return await connectOnce(target, timeouts);
    } catch (thrown) {
      const error = storageError(thrown);
      const late = performance.now() - started >= WAIT_MS;
      if (late || !mayTryAgain(error)) throw explain(error);
      if (!told) report(`waiting for the database: ${error.message}`);
      told = true;
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_AFTER_MS));
    }
  }
}

function explain(error: StorageError): StorageError {
  if (error.code === 'UNSAFE_SERVER') return error;
  const hint = error.code === CONNECTION_LOST ? ': check the host, the port and sslmode of DATABASE_URL' : '';
  return new StorageError(error.code, `the database cannot be used: ${error.message}${hint}`);
}

async function readMasterKeyCheck(client: pg.Client): Promise<Uint8Array | null> {
  const { rows: tables } = await client.query("SELECT to_regclass('settings') AS name");
  if (tables[0]?.name === null) return null;
  const { rows } = await client.query<{ value: Uint8Array }>(
    "SELECT value FROM settings WHERE name = 'master_key_check'",
  );
  return rows[0]?.value ?? null;
}
