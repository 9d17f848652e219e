/** Kysely over a connection thread. */
import {
  CompiledQuery as Compiled,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Tables } from '../rows.ts';
import type { Connection } from './connection.ts';
import type { SqlValue } from './protocol.ts';

/** `current` gives the connection to use, so that a thread can be replaced under a living Kysely. */
export function kyselyOver(current: () => Connection): Kysely<Tables> {
  const dialect: Dialect = {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new ThreadDriver(current),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
  return new Kysely<Tables>({ dialect });
}

class ThreadDriver implements Driver {
  readonly #current: () => Connection;

  constructor(current: () => Connection) {
    this.#current = current;
  }

  async init(): Promise<void> {}

  /** Never rejects: Kysely would wait for ever for this connection to be released. */
  async acquireConnection(): Promise<DatabaseConnection> {
    return new ThreadConnection(this.#current);
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(Compiled.raw('BEGIN IMMEDIATE'));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(Compiled.raw('COMMIT'));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(Compiled.raw('ROLLBACK'));
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {}
}

/** Keeps to the thread of its first query: what is left of a unit must not run outside its transaction on another. */
class ThreadConnection implements DatabaseConnection {
  readonly #current: () => Connection;
  #connection: Connection | null = null;

  constructor(current: () => Connection) {
    this.#current = current;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    this.#connection ??= this.#current();
    const { rows, changes } = await this.#connection.call({
      kind: 'execute',
      sql: query.sql,
      parameters: query.parameters as readonly SqlValue[],
    });
    return { rows: rows as R[], numAffectedRows: BigInt(changes) };
  }

  streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('a connection thread does not stream: read pages');
  }
}
