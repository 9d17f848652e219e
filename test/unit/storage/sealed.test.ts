import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SEALED } from '../../../src/storage/tables/sealed.ts';

test('a restoration opens the secrets of every column that holds any', () => {
  const schema = readFileSync(new URL('../../../db/sqlite/schema.sql', import.meta.url), 'utf8');
  const columns = [...schema.matchAll(/CREATE TABLE "?(\w+)"? \(([\s\S]*?)\) STRICT/g)].flatMap(
    ([, table, body = '']) =>
      [...body.matchAll(/^\s*(sealed\w*)\s/gm)].map(([, column]) => `${table}.${column}`),
  );
  // Data keys are opened by what is sealed under them, and by sealing.
  expect(columns.sort()).toEqual(['data_keys.sealed', ...SEALED].sort());
});
