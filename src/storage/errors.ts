/**
 * Storage did not do what it was asked, and nothing of it was done. `code` is the engine's own (`SQLITE_FULL`, …); the
 * message is for the log and never for a client.
 */
export class StorageError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'StorageError';
    this.code = code;
  }
}

/** The code of a fault of the program. */
export const FAULT = 'FAULT';

/**
 * After a failed fsync nobody knows what is on the disk, and asking again may be told a lie (Rebello et al., "Can
 * Applications Recover from fsync Failures?", 2020): the process has to end.
 */
export function isFsyncFailure(error: unknown): boolean {
  return error instanceof StorageError && /^SQLITE_IOERR_(DIR_)?FSYNC$/.test(error.code);
}
