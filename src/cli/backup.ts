/** Backs the vault up into a file, while it serves. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readDatabaseConfig } from '../config/config.ts';
import { environmentForPrograms } from '../config/env.ts';
import { makeBackup } from '../storage/backup/back-up.ts';
import { removeDraft } from '../storage/backup/files.ts';
import { manifestFile } from '../storage/backup/manifest.ts';
import { backUpPostgres } from '../storage/postgres/back-up.ts';
import { backUpSqlite } from '../storage/sqlite/back-up.ts';
import { checkDatabaseUrl, describeBackup } from './backups.ts';
import { showSteps } from './steps.ts';
import { giveWay, onInterrupt, runCommand, say, UsageError } from './terminal.ts';

const USAGE = `npm run backup -- FILE
  Backs the vault of DATABASE_URL up into FILE, also while it serves, and puts the checksum beside it, in FILE.sha256.
  Secrets stay encrypted: without the master key, which is kept apart, nobody can restore them.`;

function fileOf(args: readonly string[]): string {
  try {
    const { positionals } = parseArgs({ args: [...args], allowPositionals: true });
    if (positionals.length === 1 && positionals[0] !== '') return positionals[0] as string;
  } catch {
    // Told below.
  }
  throw new UsageError();
}

async function main(args: readonly string[]): Promise<void> {
  const file = fileOf(args);
  const database = readDatabaseConfig();
  checkDatabaseUrl(database);
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
  say(`${file}: ${describeBackup(manifest)}`);
  say(`${manifestFile(file)}: its checksum. Keep the two together, and the master key apart from them.`);
}

runCommand(USAGE, main);
