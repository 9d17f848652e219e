/** Kysely over a pool of PostgreSQL connections. */
import {
  CompiledQuery as Compiled,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  type TransactionSettings,
} from 'kysely';
import type pg from 'pg';
import { StorageError } from '../errors.ts';
import type { Tables } from '../rows.ts';
import { confirmed } from './commit-outcome.ts';
import { storageError } from './errors.ts';

export function kyselyOver(pool: pg.Pool): Kysely<Tables> {
  const dialect: Dialect = {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new PoolDriver(pool),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
  return new Kysely<Tables>({ dialect });
}

class PoolDriver implements Driver {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    try {
      return new PooledConnection(await this.#pool.connect());
    } catch (error) {
      throw storageError(error);
    }
  }

  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    const isolation =
      settings.isolationLevel === undefined ? '' : ` ISOLATION LEVEL ${settings.isolationLevel}`;
    const access = settings.accessMode === undefined ? '' : ` ${settings.accessMode}`;
    await connection.executeQuery(Compiled.raw(`BEGIN${isolation}${access}`));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await (connection as PooledConnection).commit();
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(Compiled.raw('ROLLBACK'));
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    (connection as PooledConnection).release();
  }

  async destroy(): Promise<void> {
    await this.#pool.end();
  }
}

class PooledConnection implements DatabaseConnection {
  readonly #client: pg.PoolClient;
  #failed = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, rowCount } = await this.#query(query.sql, query.parameters);
    return { rows, numAffectedRows: BigInt(rowCount ?? 0) };
  }

  /**
   * Rejects where a statement before has failed, whoever caught that: the server then rolls back what it is to commit; and
   * where the server has not waited for its synchronous standby.
   */
  async commit(): Promise<void> {
    const { command } = await confirmed(this.#client, () => this.#query('COMMIT'));
    if (command !== 'COMMIT') throw new StorageError('ROLLED_BACK', 'the server has rolled the unit back');
  }

  async #query(sql: string, parameters: readonly unknown[] = []): Promise<pg.QueryResult> {
    try {
      return await this.#client.query(sql, [...parameters]);
    } catch (error) {
      const failure = storageError(error);
      // A statement that the server refused leaves the connection as good as it was; anything else does not.
      this.#failed ||= !/^(2[23]|42|55|40)/.test(failure.code);
      throw failure;
    }
  }

  /** Gives the connection back, or ends it where nobody knows what state it is in. */
  release(): void {
    this.#client.release(this.#failed);
  }

  streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('read pages, not streams');
  }
}
