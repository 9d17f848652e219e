/** What is known of a commit from what the server has said, or has not. */
import type pg from 'pg';
import { StorageError } from '../errors.ts';
import { CONNECTION_LOST, storageError } from './errors.ts';

/** SQLSTATE statement_completion_unknown. */
const NOT_CONFIRMED = '40003';
/** Where the server's sources give up the wait for a standby: unlike its words, the same in every language. */
const SYNCHRONOUS_REPLICATION = 'syncrep.c';

/** The connection, or the wait for the standby, was lost after the commit had been sent: nobody knows yet what became of it. */
export class OutcomeUnknown extends StorageError {
  constructor(cause: StorageError) {
    super(cause.code, cause.message);
    this.name = 'OutcomeUnknown';
  }
}

/**
 * Resolves as `commit` does, which commits on the client. Rejects where the server calls it committed and warns that it has
 * not waited for the synchronous standby: if that takes over, the record is lost.
 */
export async function confirmed<T>(client: pg.ClientBase, commit: () => Promise<T>): Promise<T> {
  let waited = true;
  const listen = (notice: { file?: string | undefined }) => {
    if (notice.file === SYNCHRONOUS_REPLICATION) waited = false;
  };
  client.on('notice', listen);
  try {
    const result = await commit();
    if (!waited) {
      throw new StorageError(
        NOT_CONFIRMED,
        'the wait for the synchronous standby was cancelled on the server',
      );
    }
    return result;
  } finally {
    client.off('notice', listen);
  }
}

/** The error of a statement that commits. 08…: what a pooler says in the place of a server that it has lost. */
export function afterCommit(error: unknown): StorageError {
  const failure = storageError(error);
  const unknown = failure.code === CONNECTION_LOST || /^(08|57P|40003)/.test(failure.code);
  return unknown ? new OutcomeUnknown(failure) : failure;
}
