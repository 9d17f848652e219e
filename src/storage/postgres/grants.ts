/** What a role that serves is allowed, where another one owns the schema. Everything in the schema is the vault's. */
import type pg from 'pg';
import { StorageError } from '../errors.ts';

/** Rejects where there is no such role, before anything is done in its name. */
export async function requireRole(client: pg.ClientBase, role: string): Promise<void> {
  const { rows } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  if (rows.length > 0) return;
  throw new StorageError(
    'NO_ROLE',
    `KEYROTATOR_SERVING_ROLE names a role that does not exist on this server: make it with CREATE ROLE … LOGIN; nothing was migrated`,
  );
}

/** Lets `role` read and write rows, and no more; also of what this user will add to the schema later. */
export async function grantServing(client: pg.ClientBase, role: string): Promise<void> {
  const name = client.escapeIdentifier(role);
  const { rows } = await client.query<{ schema: string }>('SELECT current_schema() AS schema');
  const schema = client.escapeIdentifier(rows[0]?.schema ?? 'public');
  await client.query(`GRANT USAGE ON SCHEMA ${schema} TO ${name}`);
  for (const [rights, kind] of [
    ['SELECT, INSERT, UPDATE, DELETE', 'TABLES'],
    ['USAGE', 'SEQUENCES'],
    ['EXECUTE', 'FUNCTIONS'],
  ]) {
    await client.query(`GRANT ${rights} ON ALL ${kind} IN SCHEMA ${schema} TO ${name}`);
    await client.query(`ALTER DEFAULT PRIVILEGES IN SCHEMA ${schema} GRANT ${rights} ON ${kind} TO ${name}`);
  }
  await client.query(`REVOKE INSERT, UPDATE, DELETE ON schema_migrations FROM ${name}`);
}

/** What the owner of the journal owns beside it and this user may not use; a partition is used through its table. */
const NOT_GRANTED = `
WITH vault AS (SELECT relnamespace AS schema, relowner AS owner FROM pg_class WHERE oid = 'schema_migrations'::regclass)
SELECT relname::text AS name FROM pg_class, vault
WHERE relnamespace = schema AND relowner = owner AND (
  relkind IN ('r', 'p') AND NOT relispartition AND NOT (
    has_table_privilege(pg_class.oid, 'SELECT') AND (
      relname = 'schema_migrations' OR has_table_privilege(pg_class.oid, 'INSERT')
        AND has_table_privilege(pg_class.oid, 'UPDATE') AND has_table_privilege(pg_class.oid, 'DELETE')))
  OR relkind = 'S' AND NOT has_sequence_privilege(pg_class.oid, 'USAGE'))
UNION ALL
SELECT proname::text FROM pg_proc, vault
WHERE pronamespace = schema AND proowner = owner AND NOT has_function_privilege(pg_proc.oid, 'EXECUTE')
ORDER BY name`;

/** Rejects with `PERMISSION` where this user lacks what it takes to serve. */
export async function checkGrants(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ name: string }>(NOT_GRANTED);
  if (rows.length === 0) return;
  throw new StorageError(
    'PERMISSION',
    `this user may not use ${rows.map(({ name }) => name).join(', ')} of the vault: run \`npm run migrate\` as the schema's owner, with KEYROTATOR_SERVING_ROLE naming this user`,
  );
}
