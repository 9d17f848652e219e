/** A file that breaks the structure on purpose, and the beginning of the name of the rule that must report it. */
export type Plant = { file: string; text: string; rule: string };

/** One plant or more for each rule, and for each way to write an import. Each room has a `target.ts`. */
export const PLANTS: Plant[] = [
  { file: 'src/domain/a.ts', text: `import { x } from '../storage/target.ts';`, rule: 'domain imports only' },
  {
    file: 'src/audit/a.ts',
    text: `import type { X } from '../events/target.ts';`,
    rule: 'audit imports only',
  },
  { file: 'src/http/a.ts', text: `export * from '../jobs/target.ts';`, rule: 'http imports only' },
  {
    file: 'src/storage/a.ts',
    text: `export type { X } from '../vault/target.ts';`,
    rule: 'storage imports only',
  },
  {
    file: 'src/operations/a.ts',
    text: `export const x = () => import('../http/target.ts');`,
    rule: 'operations imports only',
  },
  { file: 'src/jobs/a.ts', text: `import '../config/target.ts';`, rule: 'jobs imports only' },
  { file: 'src/cli/a.ts', text: `import { type X } from '../main.ts';`, rule: 'cli imports only' },
  {
    file: 'src/cli/admin/a.ts',
    text: `import { x } from '../../operations/target.ts';`,
    rule: 'the command line imports only',
  },
  { file: 'src/config/a.ts', text: `import { x } from '../vault/target.ts';`, rule: 'config imports only' },
  {
    file: 'src/console/a.ts',
    text: `import { x } from '../domain/target.ts';`,
    rule: 'console imports only',
  },
  {
    file: 'src/vault/a.ts',
    text: `import { x } from '../../test/a.ts';`,
    rule: 'src imports nothing beside it',
  },
  { file: 'src/vault/b.ts', text: `import type { C } from './c.ts';`, rule: 'no cycles' },
  { file: 'src/vault/c.ts', text: `import { b } from './b.ts';`, rule: 'no cycles' },
  { file: 'src/http/b.ts', text: `import Database from 'better-sqlite3';`, rule: 'better-sqlite3 only' },
  {
    file: 'src/storage/postgres/a.ts',
    text: `import type { Database } from 'better-sqlite3';`,
    rule: 'better-sqlite3 only',
  },
  { file: 'src/jobs/b.ts', text: `import { schedule } from 'node-cron';`, rule: 'node-cron only' },
  {
    file: 'src/http/d.ts',
    text: `import { trace } from '@opentelemetry/api';`,
    rule: '@opentelemetry only',
  },
  {
    file: 'src/http/e.ts',
    text: `export const x = () => import('./openapi/target.ts');`,
    rule: 'of src/http/openapi only',
  },
  { file: 'src/domain/b.ts', text: `import { createHash } from 'node:crypto';`, rule: 'domain and contract' },
  { file: 'src/contract/b.ts', text: `import type { Buffer } from 'buffer';`, rule: 'domain and contract' },
  { file: 'src/vault/d.ts', text: `import { x } from './missing.ts';`, rule: 'every import is found' },
  { file: 'src/vault/e.ts', text: `import { it } from 'vitest';`, rule: 'src runs without development' },
];

/** Imports that the structure allows: a report about one of them means that a rule says too much. */
export const ALLOWED: Omit<Plant, 'rule'>[] = [
  { file: 'src/main.ts', text: `import { x } from './config/target.ts';` },
  { file: 'src/cli/b.ts', text: `import { x } from '../config/target.ts';` },
  { file: 'src/cli/admin/b.ts', text: `import { x } from '../../domain/target.ts';` },
  { file: 'src/http/c.ts', text: `import { x } from '../operations/target.ts';` },
  { file: 'src/http/openapi/target.ts', text: `import { createDocument } from 'zod-openapi';` },
  { file: 'src/storage/sqlite/a.ts', text: `import Database from 'better-sqlite3';` },
  { file: 'src/storage/b.ts', text: `import type { X } from '../audit/target.ts';` },
  { file: 'src/service/tracing/a.ts', text: `import { trace } from '@opentelemetry/api';` },
  { file: 'src/jobs/schedule.ts', text: `import { schedule } from 'node-cron';` },
  { file: 'src/domain/c.ts', text: `import { parse } from 'ipaddr.js';\nimport { x } from './target.ts';` },
];
