/** Backs a vault on PostgreSQL up with pg_dump, while replicas serve from it. */
import { checksum, createDraft, keepPrivate, syncFile } from '../backup/files.ts';
import type { BackupManifest } from '../backup/manifest.ts';
import type { Steps } from '../backup/progress.ts';
import { StorageError } from '../errors.ts';
import { connectToRead } from './connections.ts';
import { parseDatabaseUrl } from './database-url.ts';
import { storageError } from './errors.ts';
import { runTool, type ToolTarget } from './tools.ts';
import { readPostgresFacts } from './vault-facts.ts';

const PERMISSION_DENIED = '42501';
const WHO_MAY =
  'the role of DATABASE_URL may not read all of the vault: take its owner, or one that was granted pg_read_all_data';

/**
 * Writes the backup to `draft`, in pg_dump's custom format, on disk when this resolves. What is said of it in the manifest
 * comes from the same snapshot. Works on a standby, too. Rejects with a StorageError.
 */
export async function backUpPostgres(
  target: ToolTarget,
  draft: string,
  steps: Steps,
): Promise<BackupManifest> {
  const client = await connectToRead(parseDatabaseUrl(target.url));
  try {
    const created_at = new Date().toISOString();
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const { schema, rows, masterKeyCheck } = await readPostgresFacts(client);
    const snapshot = await client.query<{ id: string }>('SELECT pg_export_snapshot() AS id');
    createDraft(draft);
    await dump(target, draft, snapshot.rows[0]?.id ?? '', Object.keys(rows).length, steps);
    keepPrivate(draft);
    syncFile(draft);
    const sum = await checksum(draft, null, steps('checking'));
    return { engine: 'postgres', created_at, schema, rows, master_key_check: masterKeyCheck, ...sum };
  } catch (error) {
    const failure = storageError(error);
    if (failure.code !== PERMISSION_DENIED && !/permission denied/.test(failure.message)) throw failure;
    throw new StorageError('PERMISSION', `${failure.message}\n${WHO_MAY}`);
  } finally {
    await client.end().catch(() => {});
  }
}

async function dump(
  target: ToolTarget,
  draft: string,
  snapshot: string,
  tables: number,
  steps: Steps,
): Promise<void> {
  const progress = steps('copying');
  let begun = 0;
  const args = ['--format=custom', '--verbose', '--no-password', `--snapshot=${snapshot}`, `--file=${draft}`];
  await runTool('pg_dump', args, target, (line) => {
    if (line.includes('dumping contents of table')) progress(++begun / (tables + 1));
  });
  progress(1);
}
