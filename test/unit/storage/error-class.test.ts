import { expect, it } from 'vitest';
import { ERROR_CLASSES, errorClass } from '../../../src/storage/error-class.ts';
import { StorageError } from '../../../src/storage/errors.ts';

it.each([
  ['full', ['SQLITE_FULL', '53100']],
  ['input_output', ['SQLITE_IOERR', 'SQLITE_IOERR_FSYNC', 'SQLITE_IOERR_WRITE', '58030']],
  ['corrupt', ['SQLITE_CORRUPT', 'SQLITE_NOTADB', 'XX001']],
  ['not_permitted', ['SQLITE_READONLY', 'SQLITE_CANTOPEN', '25006', '42501', '28P01', 'UNSAFE_SERVER']],
  ['timeout', ['TIMEOUT', '57014']],
  ['connection', ['THREAD', 'CONNECTION_LOST', 'TLS', '08006', '57P01', '25P03']],
  ['conflict', ['SQLITE_BUSY', 'BUSY', 'FENCED', '40001', '55P03']],
  ['resources', ['SQLITE_NOMEM', '53300']],
  ['other', ['FAULT', '23505', 'SQLITE_CONSTRAINT', 'UNKNOWN', '']],
])('%s', (name, codes) => {
  for (const code of codes) expect(errorClass(new StorageError(code, '')), code).toBe(name);
  expect(ERROR_CLASSES).toContain(name);
});

it('an error that is not of storage is of no class of it', () => {
  expect(errorClass(Object.assign(new Error(), { code: 'SQLITE_FULL' }))).toBe('other');
});
