/**
 * The log: JSON lines on standard error, pretty on a terminal. Callers pass named fields and nothing else: no request, no
 * URL, no body ever reaches it, so there is nothing to redact.
 */
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import pretty from 'pino-pretty';
import { FAULT, StorageError } from '../storage/errors.ts';

export type { Logger };

/** `terminal`: whether standard error is one. */
export function createLog(level: string, terminal: boolean): Logger {
  const destination: DestinationStream = terminal
    ? pretty({ destination: 2, sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' })
    : pino.destination({ dest: 2, sync: true });
  return pino({ level, base: null, timestamp: stdTimeFunctions.isoTime }, destination);
}

/** The fields of an error that may be logged. */
export function errorFields(error: Error): { error: string; code?: string; stack?: string } {
  const code = 'code' in error ? String(error.code) : undefined;
  // Where an error of storage was made says nothing of why.
  const traced = !(error instanceof StorageError) || code === FAULT;
  return {
    error: error.message,
    ...(code === undefined ? {} : { code }),
    ...(traced && error.stack ? { stack: error.stack } : {}),
  };
}
