/** What the driver and the server say when something fails, as errors of storage. */
import pg from 'pg';
import { FAULT, StorageError } from '../errors.ts';

/**
 * SQLSTATEs after which the same work may be tried again: the connection, the server's start and end, a lock that was not
 * granted, conflicts, an outcome that nobody knows (https://www.postgresql.org/docs/current/errcodes-appendix.html).
 */
const TRY_AGAIN = /^(08...|57P0[1-5]|25P0[3-4]|4000[13]|40P01|55P03|53300|25006)$/;

/** For how long such work is tried again, and after what pause. */
export const TRY_AGAIN_FOR_MS = 2_000;
export const TRY_AGAIN_AFTER_MS = 50;

/** The code of an error that came without one of the server's: the connection was lost or could not be made. */
export const CONNECTION_LOST = 'CONNECTION_LOST';

/** The code of an error of TLS, which does not pass by itself. */
export const TLS_REFUSED = 'TLS';
const TLS_ERROR = /CERT|SIGNATURE|^ERR_TLS/;

/** A {@link StorageError} with the SQLSTATE, {@link CONNECTION_LOST} or {@link TLS_REFUSED}. What is one already stays as it is. */
export function storageError(error: unknown): StorageError {
  if (error instanceof StorageError) return error;
  const { code, message } = error as { code?: unknown; message: string };
  // Codes of the system look like the server's: EPIPE.
  const state =
    error instanceof pg.DatabaseError && code !== undefined ? String(code) : codeOf(error, code, message);
  const said = message === '' ? String(code ?? 'the connection failed') : message;
  return new StorageError(state, MEANING[state]?.(said) ?? said);
}

/** What the server or the driver says in other words, where those are the driver's own or leave out what to do. */
const MEANING: Readonly<Record<string, (said: string) => string>> = {
  '53300': (said) =>
    `${said}: each replica takes up to KEYROTATOR_DATABASE_CONNECTIONS of them: lower it, or raise max_connections or the role's limit`,
  '28P01': (said) => (/client password must be/.test(said) ? 'the server asks for a password' : said),
};

function codeOf(error: unknown, code: unknown, message: string): string {
  if (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError)
    return FAULT;
  // The exchange of passwords: what the driver could not answer.
  if (/^SASL: /.test(message)) return '28P01';
  const tls = TLS_ERROR.test(String(code)) || /does not support SSL/.test(message);
  return tls ? TLS_REFUSED : CONNECTION_LOST;
}

/** Whether the work that failed may succeed on the same or another connection in a moment. */
export function mayTryAgain(error: StorageError): boolean {
  return error.code === CONNECTION_LOST || TRY_AGAIN.test(error.code);
}

/** Whether what was to be written is at fault, and not the connection or what was prepared on it. */
export function isOfData(error: StorageError): boolean {
  return /^2[23]/.test(error.code);
}
