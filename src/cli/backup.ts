/** Backs the vault up into a file, while it serves. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError, readDatabaseConfig } from '../config/config.ts';
import { environmentForPrograms } from '../config/env.ts';
import { makeBackup } from '../storage/backup/back-up.ts';
import { removeDraft } from '../storage/backup/files.ts';
import { type BackupManifest, manifestFile } from '../storage/backup/manifest.ts';
import { backUpPostgres } from '../storage/postgres/back-up.ts';
import { parseDatabaseUrl } from '../storage/postgres/database-url.ts';
import { backUpSqlite } from '../storage/sqlite/back-up.ts';
import { formatBytes, giveWay, onInterrupt, runCommand, say, showSteps, UsageError } from './terminal.ts';

function fileOf(args: readonly string[]): string {
  try {
    const { positionals } = parseArgs({ args: [...args], allowPositionals: true });
    if (positionals.length === 1 && positionals[0] !== '') return positionals[0] as string;
  } catch {
    // Told below.
  }
  throw new UsageError('npm run backup -- FILE');
}

async function main(): Promise<void> {
  const file = fileOf(process.argv.slice(2));
  const database = readDatabaseConfig();
  if (database.engine === 'postgres') checkUrl(database.url);
  giveWay();
  const drafts: string[] = [];
  onInterrupt(() => drafts.forEach(removeDraft));
  const manifest = await makeBackup(
    resolve(file),
    (draft) =>
      database.engine === 'sqlite'
        ? backUpSqlite(database.file, draft, showSteps)
        : backUpPostgres({ url: database.url, env: environmentForPrograms() }, draft, showSteps),
    (draft) => void drafts.push(draft),
  );
  say(`${file}: ${describe(manifest)}`);
  say(`${manifestFile(file)}: its checksum. Keep the two together, and the master key apart from them.`);
}

function checkUrl(url: string): void {
  try {
    parseDatabaseUrl(url);
  } catch (error) {
    throw new ConfigError([(error as Error).message]);
  }
}

function describe({ bytes, created_at, schema, rows }: BackupManifest): string {
  const { tenants = 0, provider_keys: keys = 0, deliveries = 0 } = rows;
  return `${formatBytes(bytes)} of ${created_at}, schema ${schema}, ${tenants} tenants, ${keys} keys, ${deliveries} deliveries`;
}

runCommand(main);
