import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { createMigratedDatabase, serverUrl } from '../support/postgres-database.ts';
import { openRoom } from '../support/storage-room.ts';

it('is, after all migrations, what db/sqlite/schema.sql and db/postgres/schema.sql say', async () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/dump-schema.ts', '--check'], {
    encoding: 'utf8',
    env: { ...process.env, TEST_DATABASE_URL: await serverUrl() },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

/** What PostgreSQL has for replicas and SQLite has not: tables, and columns of tables that both have. */
const FOR_REPLICAS = [
  'leases.holder text not null',
  'leases.name text not null',
  'leases.term integer not null',
  'leases.until integer not null',
  'tenants.config_version integer not null default 1',
  'tenants.last_seq integer not null default 0',
  'unit_lock.id integer not null',
];

interface Column {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  readonly required: number;
  readonly otherwise: string | null;
}

function describeColumn({ table, column, type, required, otherwise }: Column): string {
  const kinds: Record<string, string> = {
    bigint: 'integer',
    smallint: 'integer',
    bytea: 'blob',
    'double precision': 'real',
  };
  const kind = kinds[type] ?? type.toLowerCase();
  const given = otherwise?.replace(/::text$/, '') ?? null;
  return `${table}.${column} ${kind}${required ? ' not null' : ''}${given === null || /^nextval/.test(given) ? '' : ` default ${given}`}`;
}

const ON_SQLITE = `
  SELECT m.name AS "table", c.name AS "column", c.type, c."notnull" OR c.pk > 0 AS required, c.dflt_value AS otherwise
  FROM sqlite_schema AS m, pragma_table_info(m.name) AS c
  WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite!_%' ESCAPE '!'`;
const ON_POSTGRES = `
  SELECT table_name AS "table", column_name AS "column", data_type AS type,
         (is_nullable = 'NO')::int AS required, column_default AS otherwise
  FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'deliveries_default'`;
const INDEXES_ON_SQLITE = `
  SELECT name FROM sqlite_schema WHERE type = 'index' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name`;
const INDEXES_ON_POSTGRES = `
  SELECT indexname AS name FROM pg_indexes
  WHERE schemaname = 'public' AND tablename <> 'deliveries_default'
    AND indexname NOT IN (SELECT conname FROM pg_constraint) ORDER BY indexname COLLATE "C"`;

describe('the two engines have', () => {
  it('the same tables and columns, but for what only replicas need', async () => {
    const [sqlite, postgres] = [await openRoom(), await createMigratedDatabase()];
    const one = (await sqlite.rows<Column>(ON_SQLITE)).map(describeColumn).sort();
    const other = (await postgres.query<Column>(ON_POSTGRES)).map(describeColumn).sort();
    expect(other.filter((column) => !FOR_REPLICAS.includes(column))).toEqual(one);
    expect(other).toEqual(expect.arrayContaining(FOR_REPLICAS));
  });

  it('the same indexes, but for the one by which replicas find a delivery', async () => {
    const [sqlite, postgres] = [await openRoom(), await createMigratedDatabase()];
    const one = await sqlite.rows<{ name: string }>(INDEXES_ON_SQLITE);
    const other = await postgres.query<{ name: string }>(INDEXES_ON_POSTGRES);
    const names = other.map(({ name }) => name);
    expect(names).toContain('deliveries_by_delivery');
    expect(names.filter((name) => name !== 'deliveries_by_delivery')).toEqual(one.map(({ name }) => name));
  });
});
