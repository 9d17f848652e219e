/**
 * One connection on which batches are committed, one transaction each: lock the tenants' rows, read the counters that
 * others have moved, decide, write and commit. That is two round trips, at most three; and one where nobody else has been
 * at the tenants, so that what was decided upon memory needs only be compared.
 */
import type pg from 'pg';
import type { AppSubject, ServiceSubject } from '../configuration.ts';
import { StorageError } from '../errors.ts';
import { type Nonce, nameOfNonce } from '../nonces.ts';
import type { NewHolder } from '../rows.ts';
import { Batch } from './batch.ts';
import { afterCommit, confirmed } from './commit-outcome.ts';
import { connectPipelined, type ServerTimeouts } from './connections.ts';
import type { DatabaseTarget } from './database-url.ts';
import { CONNECTION_LOST, storageError } from './errors.ts';
import { readCountersOf, takeCounters } from './read-counters.ts';
import { array, execute, prepareStatements, sendTogether, textArray } from './statements.ts';
import type { Head } from './subjects.ts';

/** A lane is in a transaction only while its own process works on it: one that pauses that long has stopped. */
const IDLE_IN_TRANSACTION_MS = 2_000;
/** How long a lane waits for a tenant's row before it lets others have a turn. */
const LOCK_MS = 1_000;
/** How long a server may take to end a connection that is given up. */
const FAREWELL_MS = 250;

/** Rows as they are once they were locked or moved, and the database's time then, in Unix milliseconds; null without rows. */
export interface Locked {
  readonly heads: ReadonlyMap<number, Head>;
  readonly now: number | null;
}

type HeadRow = Head & { readonly id: number; readonly now: number };

export class Lane {
  readonly #target: DatabaseTarget;
  readonly #timeouts: ServerTimeouts;
  readonly #reconnected: () => void;
  #client: pg.Client | null = null;
  #connections = 0;

  /**
   * `timeoutMs`: how long the server may take over a statement, and to answer at all. `reconnected` is told of each new
   * connection in the place of one that was lost, before anything is done on it.
   */
  constructor(target: DatabaseTarget, timeoutMs: number, reconnected: () => void) {
    this.#target = target;
    this.#reconnected = reconnected;
    this.#timeouts = {
      statement: timeoutMs,
      lock: Math.min(LOCK_MS, timeoutMs),
      idleInTransaction: IDLE_IN_TRANSACTION_MS,
    };
  }

  /**
   * Begins a transaction and locks rows: all of them, or where it is not to `wait` those that nobody else holds. In the same
   * round trip, once the rows are locked, it brings the counters of `subjects` up to date.
   */
  async lock(
    tenantIds: readonly number[],
    wait: boolean,
    subjects: readonly (ServiceSubject | AppSubject)[],
  ): Promise<Locked> {
    const client = await this.#connected();
    const statements = ['BEGIN', execute(wait ? 'wait_for_tenants' : 'lock_tenants', [array(tenantIds)])];
    if (subjects.length > 0) statements.push(...readCountersOf(subjects));
    const [, locked, ...read] = await answered(sendTogether(client, statements));
    takeCounters(read, subjects);
    const rows: HeadRow[] = locked?.rows ?? [];
    return { heads: byId(rows), now: rows[0]?.now ?? null };
  }

  /** Brings the counters of these up to date. */
  async readCounters(subjects: readonly (ServiceSubject | AppSubject)[]): Promise<void> {
    takeCounters(await answered(sendTogether(this.#locking, readCountersOf(subjects))), subjects);
  }

  /** The names of those of these nonces that were spent, and are remembered at `settled`. */
  async readNonces(nonces: readonly Nonce[], settled: number): Promise<Set<string>> {
    const ids = array(nonces.map(({ app_id }) => app_id));
    const text = execute('read_nonces', [ids, textArray(nonces.map(({ nonce }) => nonce)), settled]);
    const { rows } = await answered(this.#locking.query<Nonce>(text));
    return new Set(rows.map(nameOfNonce));
  }

  /** Whether a delivery of this id was committed after `sinceSeq`. */
  async hasCommitted(tenantId: number, sinceSeq: number, deliveryId: string): Promise<boolean> {
    const text = execute('find_delivery', [tenantId, sinceSeq, deliveryId]);
    const { rows } = await answered(this.#locking.query(text));
    return rows.length > 0;
  }

  /**
   * Commits what was only locked. That waits as any commit does until what was committed before it is safe, on a synchronous
   * standby too. Rejects as {@link commit} does.
   */
  async confirm(): Promise<void> {
    const client = this.#locking;
    await confirmed(client, () => client.query('COMMIT')).catch((error) => {
      throw afterCommit(error);
    });
  }

  /**
   * Writes the batch and commits; resolves with the tenants' rows as they are then. Rejects with {@link OutcomeUnknown}
   * where nobody knows what became of it, and with another StorageError where nothing was committed.
   */
  async commit(batch: Batch, holders: readonly NewHolder[]): Promise<Map<number, Head>> {
    const client = this.#locking;
    const changes = batch.changes.map(({ text, values }) => client.query(text, [...values]));
    const name = batch.movesWindows ? 'write_batch_and_windows' : 'write_batch';
    const write = sendTogether(client, [execute(name, batch.parameters(holders)), 'COMMIT']);
    // One that fails keeps what follows it from being run; its own error tells more than theirs.
    const outcomes = await confirmed(client, () => Promise.allSettled([...changes, write])).catch((error) => {
      throw afterCommit(error);
    });
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw afterCommit(outcome.reason);
    const [written, committed] = await write;
    if (committed?.command !== 'COMMIT')
      throw new StorageError('ROLLED_BACK', 'the server has rolled the batch back');
    return byId(written?.rows ?? []);
  }

  /**
   * Writes and commits the batch in one round trip, where every tenant's row is as in `heads` and held by nobody, and the
   * database's clock about at `time`, by which the batch was decided; resolves with null where one of that is not so, and
   * then nothing was written. Rejects as {@link commit} does.
   */
  async commitIfUnmoved(
    batch: Batch,
    heads: ReadonlyMap<number, Head>,
    holders: readonly NewHolder[],
    time: number,
  ): Promise<Locked | null> {
    // On a new connection, which may lead to another server, the same numbers need not mean the same rows.
    const client = this.#client;
    if (client === null) {
      await this.#connected();
      return null;
    }
    const name = batch.movesWindows ? 'write_batch_if_unmoved_and_windows' : 'write_batch_if_unmoved';
    const text = execute(name, [...batch.parametersIfUnmoved(heads, holders), time]);
    const { rows } = await confirmed(client, () => client.query<HeadRow>(text)).catch((error) => {
      throw afterCommit(error);
    });
    const [first] = rows;
    return first === undefined ? null : { heads: byId(rows), now: first.now };
  }

  /** Does all that a batch does, with nothing in it: rejects with a StorageError where no batch could be committed. */
  async rehearse(): Promise<void> {
    const client = await this.#connected();
    const steps = [
      execute('wait_for_tenants', [array([])]),
      ...readCountersOf([]),
      execute('write_batch', new Batch().parameters([])),
    ];
    await answered(sendTogether(client, ['BEGIN', ...steps, 'COMMIT']));
  }

  /** Ends a transaction that wrote nothing. */
  async rollBack(): Promise<void> {
    if (this.#client !== null) await answered(this.#client.query('ROLLBACK'));
  }

  /** Ends the connection: what the server still does with it is undone, but for a commit under way. */
  drop(): void {
    const client = this.#client;
    this.#client = null;
    if (client === null) return;
    client.end().catch(() => {});
    cut(client);
  }

  get connected(): boolean {
    return this.#client !== null;
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    if (client === null) return;
    // A server that does not answer keeps no replica from stopping.
    const late = setTimeout(() => cut(client), FAREWELL_MS);
    await client.end().catch(() => {});
    clearTimeout(late);
  }

  /**
   * The connection that holds the locks. Where it was lost, nothing more may be done in their name: on another connection
   * nothing is locked, and each statement commits by itself.
   */
  get #locking(): pg.Client {
    if (this.#client === null)
      throw new StorageError(CONNECTION_LOST, 'the connection with the locks was lost');
    return this.#client;
  }

  async #connected(): Promise<pg.Client> {
    if (this.#client !== null) return this.#client;
    const client = await connectPipelined(this.#target, this.#timeouts);
    try {
      await answered(prepareStatements(client));
    } catch (error) {
      client.end().catch(() => {});
      throw error;
    }
    client.once('end', () => {
      if (this.#client === client) this.#client = null;
    });
    this.#client = client;
    if (this.#connections++ > 0) this.#reconnected();
    return client;
  }
}

function cut(client: pg.Client): void {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}

/** Rejects with a StorageError. */
async function answered<T>(query: Promise<T>): Promise<T> {
  try {
    return await query;
  } catch (error) {
    throw storageError(error);
  }
}

function byId(rows: readonly HeadRow[]): Map<number, Head> {
  return new Map(rows.map(({ id, config_version, last_seq }) => [id, { config_version, last_seq }]));
}
