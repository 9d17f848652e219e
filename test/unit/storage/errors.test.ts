import { expect, it } from 'vitest';
import { isFsyncFailure, StorageError } from '../../../src/storage/errors.ts';

it('tells a failed fsync, after which nothing can be trusted, from every failure that may be tried again', () => {
  const failed = (code: string) => isFsyncFailure(new StorageError(code, 'disk I/O error'));
  expect(['SQLITE_IOERR_FSYNC', 'SQLITE_IOERR_DIR_FSYNC'].map(failed)).toEqual([true, true]);
  const others = [
    'SQLITE_FULL',
    'SQLITE_IOERR_WRITE',
    'SQLITE_IOERR',
    'SQLITE_BUSY',
    'THREAD',
    'TIMEOUT',
    'SQLITE_IOERR_FSYNC2',
  ];
  expect(others.filter(failed)).toEqual([]);
  expect(isFsyncFailure(Object.assign(new Error(), { code: 'SQLITE_IOERR_FSYNC' }))).toBe(false);
});
