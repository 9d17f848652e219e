/** What the main thread and a connection thread say to each other. */

export interface ConnectionOptions {
  readonly file: string;
  /** The writer has the lock; a guest writes beside it, and the checkpointer moves what the writer wrote. */
  readonly role: 'writer' | 'reader' | 'checkpointer' | 'guest';
}

/** A value as SQLite takes and gives it. */
export type SqlValue = string | number | bigint | null | Uint8Array;

/** A value that JSON carries. */
export type SqlScalar = string | number | null;

/** A prepared statement and the rows of parameters to run it with, all in one flat array. */
export interface Bulk {
  readonly sql: string;
  readonly columns: number;
  readonly values: readonly SqlScalar[];
  /** The same statement for several rows at once, which costs half as much a row; the rest goes through `sql`. */
  readonly wide?: { readonly sql: string; readonly rows: number };
}

export type Command =
  | { readonly kind: 'execute'; readonly sql: string; readonly parameters: readonly SqlValue[] }
  /**
   * A JSON array of {@link Bulk}: one string crosses threads several times faster than its hundreds of values. All of it
   * runs in one transaction of its own, on disk when it is answered, or none of it.
   */
  | { readonly kind: 'batch'; readonly statements: string }
  /** Several statements, which open and commit their own transaction. */
  | { readonly kind: 'script'; readonly sql: string }
  /** Moves the log's pages into the database if there are so many; its row is a {@link Checkpointed}. */
  | { readonly kind: 'checkpoint'; readonly atLeast: number }
  | { readonly kind: 'backup'; readonly to: string }
  | { readonly kind: 'close' };

export type Call = { readonly id: number } & Command;

export interface Result {
  readonly rows: readonly unknown[];
  readonly changes: number;
  /** How long a batch took to commit once its statements had run, in seconds. */
  readonly syncSeconds?: number;
}

/** How many pages a checkpoint moved into the database, and how many of those that it saw it had to leave in the log. */
export interface Checkpointed {
  readonly moved: number;
  readonly left: number;
}

export type Answer =
  | { readonly id: number; readonly result: Result }
  | { readonly id: number; readonly error: { readonly code: string; readonly message: string } };
