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

runCommand(main);
