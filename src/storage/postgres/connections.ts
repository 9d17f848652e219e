/** Connections to the database: what each is set to, and what is refused. */
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { StorageError } from '../errors.ts';
import type { DatabaseTarget } from './database-url.ts';
import { storageError, TRY_AGAIN_AFTER_MS } from './errors.ts';

const CONNECT_MS = 2_000;
const KEEP_ALIVE_AFTER_MS = 30_000;
/** How long somebody may wait for a connection of a pool, made or given back. */
const POOL_WAIT_MS = 5_000;
const TOO_MANY_CONNECTIONS = '53300';
const INT8 = 20;
const NUMERIC = 1700;

/** 64-bit integers and sums of them as numbers: they are times, ids and counts, all far below 2^53. */
const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === INT8 || oid === NUMERIC) return Number;
    return pg.types.getTypeParser(oid, format ?? 'text');
  },
} as pg.CustomTypesConfig;

/** Time-outs of the server in milliseconds: of a statement, of waiting for a lock, of a pause inside a transaction. */
export interface ServerTimeouts {
  readonly statement: number;
  readonly lock: number;
  readonly idleInTransaction: number;
}

function clientConfig(target: DatabaseTarget, timeouts: ServerTimeouts): pg.ClientConfig {
  return {
    ...target,
    types,
    keepAlive: true,
    // Before a firewall forgets a connection on which nothing happens.
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    connectionTimeoutMillis: CONNECT_MS,
    // A server that does not answer at all is given up a little later than it should have given up itself.
    query_timeout: timeouts.statement + 1_000,
  };
}

/** A pool of at most `max` connections, each checked when it is made. */
export function createPool(target: DatabaseTarget, timeouts: ServerTimeouts, max: number): pg.Pool {
  // Waiting for one of a pool may take longer than connecting.
  class PooledClient extends pg.Client {
    constructor() {
      super(clientConfig(target, timeouts));
    }
  }
  const pool = new pg.Pool({
    ...clientConfig(target, timeouts),
    max,
    connectionTimeoutMillis: POOL_WAIT_MS,
    Client: PooledClient,
    onConnect: (client) => {
      // An error of the connection is told to whoever waits for an answer, or asks next.
      client.on('error', () => {});
      return checkServer(client, timeouts);
    },
  } as pg.PoolConfig);
  // An idle connection that ends is replaced when it is needed; without a listener it would end the process.
  pool.on('error', () => {});
  return pool;
}

/**
 * One statement by any connection of the pool. Where the server takes no more of them, it waits for one that the pool has; rejects
 * as `pg` does where it has none, or none that is given back in time.
 */
export async function queryByAny<R extends pg.QueryResultRow>(
  pool: pg.Pool,
  text: string,
  values: readonly unknown[] = [],
): Promise<pg.QueryResult<R>> {
  const started = performance.now();
  for (;;) {
    try {
      return await pool.query<R>(text, [...values]);
    } catch (error) {
      const mayWait = pool.totalCount > 0 && performance.now() - started < POOL_WAIT_MS;
      if ((error as { code?: string }).code !== TOO_MANY_CONNECTIONS || !mayWait) throw error;
      await pause(TRY_AGAIN_AFTER_MS);
    }
  }
}

/** One connection, checked. Rejects with a StorageError. */
export async function connectOnce(
  target: DatabaseTarget,
  timeouts: ServerTimeouts,
  options: pg.ClientConfig = {},
): Promise<pg.Client> {
  const client = new pg.Client({ ...clientConfig(target, timeouts), ...options });
  // An error of the connection is told to whoever waits for an answer.
  client.on('error', () => {});
  try {
    await client.connect();
    await checkServer(client, timeouts);
    return client;
  } catch (error) {
    client.end().catch(() => {});
    throw storageError(error);
  }
}

/** How long what is read may take on a connection of {@link connectToRead}: a whole day. */
const UNHURRIED: ServerTimeouts = { statement: 86_400_000, lock: 60_000, idleInTransaction: 0 };

/** A connection for long reading, also to a standby. Rejects with a StorageError. */
export async function connectToRead(target: DatabaseTarget): Promise<pg.Client> {
  const client = new pg.Client(clientConfig(target, UNHURRIED));
  // An error of the connection is told to whoever waits for an answer.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(`SELECT ${setTimeouts(UNHURRIED)}`);
    return client;
  } catch (error) {
    client.end().catch(() => {});
    throw storageError(error);
  }
}

/** A connection on which queries are sent without waiting for the answers of those before. Rejects with a StorageError. */
export function connectPipelined(target: DatabaseTarget, timeouts: ServerTimeouts): Promise<pg.Client> {
  return connectOnce(target, timeouts, { pipeline: true });
}

/** The time-outs as columns of a query. Poolers in front of a server take no parameters when a connection begins. */
function setTimeouts({ statement, lock, idleInTransaction }: ServerTimeouts): string {
  return Object.entries({
    statement_timeout: statement,
    lock_timeout: lock,
    idle_in_transaction_session_timeout: idleInTransaction,
  })
    .map(([name, ms]) => `set_config('${name}', '${ms}', false)`)
    .join(', ');
}

/**
 * Refuses a server that acknowledges commits which it may lose, and one that does not take writes; sets the time-outs, and
 * what every statement relies on: it sees what others have committed before it, the server sends its warnings, none is
 * compiled first, which takes longer than the longest of them, and none reads a whole table where it may go by an index, whatever
 * the planner takes a table for that has grown since it was looked at. Rejects with a StorageError: `UNSAFE_SERVER` for good, 25006
 * where another server may have taken over. What was found and set holds as long as the connection does.
 */
export async function checkServer(client: pg.ClientBase, timeouts: ServerTimeouts): Promise<void> {
  const { rows } = await client.query<{ commit: string; fsync: string; read_only: string }>(
    `SELECT current_setting('synchronous_commit') AS commit, current_setting('fsync') AS fsync,
            current_setting('transaction_read_only') AS read_only,
            set_config('synchronous_commit', current_setting('synchronous_commit'), false),
            set_config('default_transaction_isolation', 'read committed', false),
            set_config('client_min_messages', 'warning', false),
            set_config('jit', 'off', false),
            set_config('enable_seqscan', 'off', false),
            ${setTimeouts(timeouts)}`,
  );
  const [settings] = rows;
  if (settings?.commit !== 'on' && settings?.commit !== 'remote_apply') {
    throw new StorageError(
      'UNSAFE_SERVER',
      `synchronous_commit is ${settings?.commit} for this user and database: a delivered key could be lost from the record when the server ends; set it to on`,
    );
  }
  if (settings?.fsync === 'off') {
    throw new StorageError(
      'UNSAFE_SERVER',
      'fsync is off on this server: what it has committed may not survive a power failure; set it to on',
    );
  }
  if (settings?.read_only === 'on') {
    throw new StorageError('25006', 'the server takes no writes: it is a standby');
  }
}
