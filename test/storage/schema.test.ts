import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

it('is, after all migrations, what db/sqlite/schema.sql says', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/dump-schema.ts', '--check'], {
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
