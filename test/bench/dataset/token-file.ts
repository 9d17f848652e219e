/** The tokens of a data set: a JSON line for each tenant, readable by its owner alone. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DatabaseConfig } from '../../../src/config/variables.ts';
import type { DatasetToken } from './shape.ts';

/** Where the tokens of a data set in `database` go unless somebody says otherwise: beside its file. */
export function tokenFileOf(database: DatabaseConfig): string {
  return join(database.engine === 'sqlite' ? dirname(database.file) : 'data', 'dataset-tokens.jsonl');
}

export function keepToken(file: string, token: DatasetToken): void {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify(token)}\n`, { mode: 0o600 });
}

/** In the order in which they were made. Where a tenant has several lines, its last one is that of the tenant that is there. */
export function readTokens(file: string): DatasetToken[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  const tokens = lines.map((line): DatasetToken => JSON.parse(line));
  return [...new Map(tokens.map((token) => [token.tenant, token])).values()];
}
