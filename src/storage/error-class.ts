/** Errors of storage in a few classes, the same for every engine: what an operator would do differently. */
import { StorageError } from './errors.ts';

export const ERROR_CLASSES = [
  'full',
  'input_output',
  'corrupt',
  'not_permitted',
  'timeout',
  'connection',
  'conflict',
  'resources',
  'other',
] as const;
export type ErrorClass = (typeof ERROR_CLASSES)[number];

/** Codes of SQLite and the driver, SQLSTATEs, and the codes that the engines make themselves. The first match counts. */
const CLASSES: readonly (readonly [RegExp, ErrorClass])[] = [
  [/^(SQLITE_FULL|53100)$/, 'full'],
  [/^(SQLITE_IOERR|58)/, 'input_output'],
  [/^(SQLITE_(CORRUPT|NOTADB)|XX)/, 'corrupt'],
  [/^(SQLITE_(READONLY|PERM|CANTOPEN|AUTH)|25006$|42501$|28|UNSAFE_SERVER$|PERMISSION$)/, 'not_permitted'],
  [/^(TIMEOUT|57014)$/, 'timeout'],
  [/^(THREAD$|CONNECTION_LOST$|TLS$|ERR_WORKER|08|57P|25P0[34]$|40003$)/, 'connection'],
  [/^(SQLITE_(BUSY|LOCKED)|BUSY$|FENCED$|IN_USE$|40|55P03$|ROLLED_BACK$)/, 'conflict'],
  [/^(SQLITE_(NOMEM|TOOBIG)|53|54)/, 'resources'],
];

/** The class of whatever was thrown while storage was at work. */
export function errorClass(error: Error): ErrorClass {
  if (!(error instanceof StorageError)) return 'other';
  return CLASSES.find(([code]) => code.test(error.code))?.[1] ?? 'other';
}
