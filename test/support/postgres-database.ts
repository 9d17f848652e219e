/** Databases of a test's own on a real PostgreSQL, gone after the test. */
import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterEach, inject } from 'vitest';
import { listMigrations } from '../../src/storage/migrations.ts';
import { migratePostgres } from '../../src/storage/postgres/migrate.ts';

export interface TestDatabase {
  readonly url: string;
  /** What is committed, through a connection of its own; int8 and numeric come as numbers. */
  query<T>(sql: string, params?: readonly unknown[]): Promise<T[]>;
  /** Ends its sessions and drops it. */
  drop(): Promise<void>;
}

export interface DatabaseOptions {
  /** The URL of another server than the shared one; that one then has to clean up. */
  readonly server?: string;
}

const made = new Set<TestDatabase>();

afterEach(async () => {
  await Promise.all([...made].map((database) => database.drop()));
});

/** A new, empty database. */
export async function createDatabase(options: DatabaseOptions = {}): Promise<TestDatabase> {
  const server = options.server ?? (await serverUrl());
  return create(server, options, 'template0');
}

/** A new database with the schema after all migrations, and nothing else in it. */
export async function createMigratedDatabase(options: DatabaseOptions = {}): Promise<TestDatabase> {
  const server = options.server ?? (await serverUrl());
  return create(server, options, await migratedTemplate(server));
}

/** The URL of the shared server, which starts if it has to: a role there that may create databases. */
export async function serverUrl(): Promise<string> {
  const response = await fetch(inject('postgresServer'));
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}

/** Runs one statement, or several without parameters, on a connection of its own. */
export function queryAt<T>(url: string, sql: string, params: readonly unknown[] = []): Promise<T[]> {
  return withClient(url, async (client) => {
    // Without parameters it goes as a simple query, which may have several statements.
    const results = [await client.query(sql, params.length === 0 ? undefined : [...params])].flat();
    return (results.at(-1)?.rows ?? []) as T[];
  });
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, types: { getTypeParser } });
  // A connection that breaks fails its query as well.
  client.on('error', () => {});
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

const getTypeParser: typeof pg.types.getTypeParser = (type: number, format?: 'text' | 'binary') =>
  type === pg.types.builtins.INT8 || type === pg.types.builtins.NUMERIC
    ? Number
    : pg.types.getTypeParser(type, format as 'text');

async function create(server: string, options: DatabaseOptions, template: string): Promise<TestDatabase> {
  const name = `keyrotator_test_${randomBytes(6).toString('hex')}`;
  await queryAt(server, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  const url = urlOf(server, name);
  const database: TestDatabase = {
    url,
    query: (sql, params) => queryAt(url, sql, params),
    async drop() {
      made.delete(database);
      await queryAt(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
  if (options.server === undefined) made.add(database);
  return database;
}

function urlOf(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

const templates = new Map<string, Promise<string>>();

function migratedTemplate(server: string): Promise<string> {
  const known = templates.get(server);
  if (known !== undefined) return known;
  const template = makeTemplate(server);
  templates.set(server, template);
  return template;
}

/** Named after the migrations, and complete as soon as it has that name, however many make it at once. */
async function makeTemplate(server: string): Promise<string> {
  const migrations = JSON.stringify(listMigrations('postgres'));
  const digest = createHash('sha256').update(migrations).digest('hex').slice(0, 16);
  const template = `keyrotator_test_template_${digest}`;
  const isThere = async () =>
    (await queryAt(server, 'SELECT FROM pg_database WHERE datname = $1', [template])).length > 0;
  if (await isThere()) return template;
  const draft = await create(server, { server }, 'template0');
  await withClient(draft.url, (client) => migratePostgres(client, () => {}));
  try {
    await queryAt(server, `ALTER DATABASE ${new URL(draft.url).pathname.slice(1)} RENAME TO ${template}`);
  } catch (error) {
    await draft.drop();
    if (!(await isThere())) throw error;
  }
  return template;
}
