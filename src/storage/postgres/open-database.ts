/** Makes a database ready to serve: waits until it can be reached, looks at what is in it, and brings the schema up to date. */
import type pg from 'pg';
import { StorageError } from '../errors.ts';
import type { Migration } from '../migrations.ts';
import { connectOnce, type ServerTimeouts } from './connections.ts';
import { type DatabaseTarget, parseDatabaseUrl } from './database-url.ts';
import { mayTryAgain, storageError } from './errors.ts';
import { checkGrants, grantServing, requireRole } from './grants.ts';
import { hintFor } from './hints.ts';
import { appliedMigrations, migratePostgres } from './migrate.ts';

const WAIT_MS = 30_000;
const TRY_AGAIN_AFTER_MS = 500;
/** A migration may take its time. */
const MIGRATION: ServerTimeouts = { statement: 3_600_000, lock: 60_000, idleInTransaction: 60_000 };

/** Told what is done, and with `warn` what an operator should know. */
export type Report = (line: string, level?: 'warn') => void;

export interface OpenOptions {
  readonly inspect?: (masterKeyCheck: Uint8Array | null) => void;
  readonly report: Report;
  readonly migrations?: readonly Migration[];
}

/** Resolves with the database's clock and the settled time that it remembers, in Unix milliseconds. */
export function openDatabase(
  target: DatabaseTarget,
  timeouts: ServerTimeouts,
  { inspect, report, migrations }: OpenOptions,
): Promise<{ now: number; mark: number }> {
  return patiently(target, report, async () => {
    const client = await connectOnce(target, timeouts);
    try {
      inspect?.(await fromStorage(readMasterKeyCheck(client)));
      await migratePostgres(client, report, migrations);
      await fromStorage(checkGrants(client));
      await fromStorage(warnOfTornPages(client, report));
      return await fromStorage(readClock(client));
    } finally {
      client.end().catch(() => {});
    }
  });
}

/** Migrates, and grants `servingRole` what it takes to serve. Rejects with an error that says what to do. */
export async function migrateDatabase(
  url: string,
  servingRole: string | null,
  report: Report,
): Promise<void> {
  const target = parseDatabaseUrl(url);
  const client = await patiently(target, report, () => connectOnce(target, MIGRATION));
  try {
    if (servingRole !== null) await requireRole(client, servingRole);
    await migratePostgres(client, report);
    if (servingRole !== null) await grantServing(client, servingRole);
  } catch (error) {
    throw storageError(error);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Tries for a while: a database that is started together with its replicas takes its time. */
async function patiently<T>(target: DatabaseTarget, report: Report, attempt: () => Promise<T>): Promise<T> {
  const started = performance.now();
  let told = false;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      // What is none of storage's is not for storage to explain.
      if (!(error instanceof StorageError)) throw error;
      const late = performance.now() - started >= WAIT_MS;
      if (late || !mayTryAgain(error)) throw explain(error, target);
      if (!told) report(`waiting for the database: ${error.message}`);
      told = true;
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_AFTER_MS));
    }
  }
}

async function fromStorage<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    throw storageError(error);
  }
}

/** Codes whose messages say all there is to say. */
const SAID = new Set(['UNSAFE_SERVER', 'NEWER_SCHEMA', 'FOREIGN_SCHEMA', 'PERMISSION']);

function explain(error: StorageError, target: DatabaseTarget): StorageError {
  if (SAID.has(error.code)) return error;
  const hint = hintFor(error, target);
  const message = `the database cannot be used: ${error.message}${hint === null ? '' : `: ${hint}`}`;
  return new StorageError(error.code, message);
}

/** Whether that is safe depends on the file system, which alone knows whether it writes pages whole. */
async function warnOfTornPages(client: pg.Client, report: Report): Promise<void> {
  const { rows } = await client.query<{ setting: string }>(
    "SELECT current_setting('full_page_writes') AS setting",
  );
  if (rows[0]?.setting !== 'off') return;
  report(
    'full_page_writes is off on this server: unless its file system writes pages whole, as ZFS does, a crash may tear what was committed; set it to on',
    'warn',
  );
}

async function readClock(client: pg.Client): Promise<{ now: number; mark: number }> {
  const { rows } = await client.query<{ settled: number; now: number }>(
    `INSERT INTO clock VALUES (1, 0) ON CONFLICT (id) DO UPDATE SET settled = clock.settled
     RETURNING settled, (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now`,
  );
  const [clock] = rows;
  return { now: clock?.now ?? 0, mark: clock?.settled ?? 0 };
}

async function readMasterKeyCheck(client: pg.Client): Promise<Uint8Array | null> {
  if ((await appliedMigrations(client)).length === 0) return null;
  const { rows } = await client.query<{ value: Uint8Array }>(
    "SELECT value FROM settings WHERE name = 'master_key_check'",
  );
  return rows[0]?.value ?? null;
}
