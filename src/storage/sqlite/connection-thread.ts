/**
 * Runs in a worker thread and owns one SQLite connection: better-sqlite3 blocks, so it never runs on the event loop.
 * The writer also holds the lock that keeps a second process off the same file.
 */
import { chmodSync, closeSync, openSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import SqliteDatabase from 'better-sqlite3';
import { LRUCache } from 'lru-cache';
import { takeLock } from './lock-file.ts';
import type { Answer, Bulk, Call, Checkpointed, ConnectionOptions, Result } from './protocol.ts';

/** There is one writer, and there are two readers. What does not fit is in the system's cache, which they share. */
const CACHE_KIB = { writer: 16_384, reader: 4_096, checkpointer: 256, guest: 2_048 };

/** To what the log is cut when it starts anew, after something made it grow. */
const LOG_BYTES = 32 * 1024 * 1024;

type Statement = SqliteDatabase.Statement<unknown[], unknown>;

const { file, role } = workerData as ConnectionOptions;
const port = parentPort;
if (port === null) throw new Error('connection-thread runs only as a worker thread');

const lock = role === 'writer' ? takeLock(file) : null;
const connection = connect(file);
const statements = new LRUCache<string, Statement>({ max: 500 });
port.postMessage({ id: 0, result: { rows: [], changes: 0 } } satisfies Answer);

port.on('message', async (call: Call) => {
  let answer: Answer;
  try {
    answer = { id: call.id, result: await run(call) };
  } catch (error) {
    answer = { id: call.id, error: describe(error) };
  }
  port.postMessage(answer);
  if (call.kind === 'close') port.close();
});

async function run(call: Call): Promise<Result> {
  switch (call.kind) {
    case 'execute':
      return execute(call.sql, call.parameters);
    case 'script':
      return script(call.sql);
    case 'batch':
      return batch(JSON.parse(call.statements));
    case 'checkpoint':
      return { rows: [checkpoint(call.atLeast)], changes: 0 };
    case 'backup':
      closeSync(openSync(call.to, 'a', 0o600));
      await connection.backup(call.to);
      return { rows: [], changes: 0 };
    case 'close':
      connection.close();
      lock?.close();
      return { rows: [], changes: 0 };
  }
}

function execute(sql: string, parameters: readonly unknown[]): Result {
  // After some errors SQLite has rolled back by itself.
  if (sql === 'ROLLBACK' && !connection.inTransaction) return { rows: [], changes: 0 };
  const statement = prepare(sql);
  if (statement.reader) return { rows: statement.all(...parameters), changes: 0 };
  return { rows: [], changes: statement.run(...parameters).changes };
}

function batch(bulks: readonly Bulk[]): Result {
  connection.exec('BEGIN IMMEDIATE');
  try {
    for (const bulk of bulks) runBulk(bulk);
    const ran = performance.now();
    connection.exec('COMMIT');
    return { rows: [], changes: 0, syncSeconds: (performance.now() - ran) / 1000 };
  } catch (error) {
    if (connection.inTransaction) connection.exec('ROLLBACK');
    throw error;
  }
}

function runBulk({ sql, columns, values, wide }: Bulk): void {
  if (columns === 0) {
    prepare(sql).run();
    return;
  }
  let at = 0;
  if (wide !== undefined) {
    const step = columns * wide.rows;
    for (; at + step <= values.length; at += step) prepare(wide.sql).run(...values.slice(at, at + step));
  }
  for (; at < values.length; at += columns) prepare(sql).run(...values.slice(at, at + columns));
}

function checkpoint(atLeast: number): Checkpointed {
  const before = logOf('NOOP');
  const waiting = before.log - before.checkpointed;
  if (waiting === 0 || waiting < atLeast) return { moved: 0, left: 0 };
  const after = logOf('PASSIVE');
  return { moved: after.checkpointed - before.checkpointed, left: after.log - after.checkpointed };
}

function logOf(mode: 'NOOP' | 'PASSIVE'): { log: number; checkpointed: number } {
  const [row] = connection.pragma(`wal_checkpoint(${mode})`) as { log: number; checkpointed: number }[];
  if (row === undefined) throw new Error('SQLite has not said what is in its log');
  return row;
}

function script(sql: string): Result {
  try {
    connection.exec(sql);
    return { rows: [], changes: 0 };
  } catch (error) {
    if (connection.inTransaction) connection.exec('ROLLBACK');
    throw error;
  }
}

function prepare(sql: string): Statement {
  let statement = statements.get(sql);
  if (statement === undefined) {
    statement = connection.prepare<unknown[], unknown>(sql);
    statements.set(sql, statement);
  }
  return statement;
}

/**
 * Opens the file with the settings that durability rests on, and makes sure of them: in WAL mode better-sqlite3 sets
 * `synchronous` to NORMAL, under which a commit can be lost.
 */
function connect(path: string): SqliteDatabase.Database {
  const db = new SqliteDatabase(path, { fileMustExist: true, readonly: role === 'reader', timeout: 5_000 });
  if (role !== 'reader') {
    refuseForeign(db, path);
    if (role === 'writer') chmodSync(path, 0o600);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma('wal_autocheckpoint = 0');
    db.pragma(`journal_size_limit = ${LOG_BYTES}`);
    db.pragma('secure_delete = ON');
    if (db.pragma('synchronous', { simple: true }) !== 2)
      throw new Error('SQLite does not run with synchronous=FULL');
  }
  if (db.pragma('journal_mode', { simple: true }) !== 'wal')
    throw new Error('SQLite does not run in WAL mode');
  db.pragma(`cache_size = -${CACHE_KIB[role]}`);
  db.pragma('temp_store = MEMORY');
  return db;
}

/** To be called before anything is written: the first pragma would change a file that is somebody else's. */
function refuseForeign(db: SqliteDatabase.Database, path: string): void {
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
  if (tables.length === 0 || tables.includes('schema_migrations')) return;
  throw Object.assign(new Error(`${path} is a SQLite database of something else`), {
    code: 'FOREIGN_SCHEMA',
  });
}

function describe(error: unknown): { code: string; message: string } {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
  return { code, message: error instanceof Error ? error.message : String(error) };
}
