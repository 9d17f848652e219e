/** Brings a vault back from a backup, after everything in it was checked. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readVaultConfig } from '../config/config.ts';
import { environmentForPrograms } from '../config/env.ts';
import { findMasterKey } from '../config/secrets.ts';
import { verifyMasterKey } from '../operations/vault/prepare-vault.ts';
import { inspectRestored } from '../operations/vault/restore-vault.ts';
import { removeDraft } from '../storage/backup/files.ts';
import { readManifest } from '../storage/backup/read-backup.ts';
import { restorePostgres } from '../storage/postgres/restoration.ts';
import type { Reader } from '../storage/rows.ts';
import { restoreSqlite } from '../storage/sqlite/restoration.ts';
import { Keyring } from '../vault/keyring.ts';
import { checkDatabaseUrl, describeBackup } from './backups.ts';
import { showSteps } from './steps.ts';
import { giveWay, onInterrupt, runCommand, say, UsageError } from './terminal.ts';

const USAGE = `npm run restore -- [--check] [--replace] [--with-broken] FILE
  Checks a backup and its checksum, FILE.sha256, and makes it the vault of DATABASE_URL.
  --check        checks everything and puts nothing in place; a vault may serve meanwhile
  --replace      an existing vault on SQLite makes room, and is kept beside it under another name
  --with-broken  secrets that do not open are no reason to refuse`;

const OPTIONS = {
  check: { type: 'boolean', default: false },
  replace: { type: 'boolean', default: false },
  'with-broken': { type: 'boolean', default: false },
} as const;

function parse(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    if (positionals.length === 1 && positionals[0] !== '')
      return { ...values, file: positionals[0] as string };
  } catch {
    // Told below.
  }
  throw new UsageError();
}

async function main(args: readonly string[]): Promise<void> {
  const { check: checkOnly, replace, 'with-broken': withBroken, file } = parse(args);
  const { database, masterKey } = readVaultConfig();
  checkDatabaseUrl(database);
  const keyring = new Keyring(findMasterKey(masterKey, database.engine === 'sqlite' ? database.file : null));
  const backup = resolve(file);
  const manifest = readManifest(backup, database.engine);
  verifyMasterKey(keyring, manifest.master_key_check);
  giveWay();
  const drafts: string[] = [];
  onInterrupt(() => drafts.forEach(removeDraft));
  say(`${file}: ${describeBackup(manifest)}`);
  const inspect = (db: Reader) =>
    inspectRestored(db, { keyring, manifest, withBroken, steps: showSteps, tell: say });
  const common = { backup, manifest, checkOnly, steps: showSteps };
  if (database.engine === 'postgres') {
    const target = { url: database.url, env: environmentForPrograms() };
    await restorePostgres({ ...common, target }, inspect);
    say(checkOnly ? 'the checksum and the master key are right; nothing was restored' : 'restored');
    return;
  }
  const draft = (name: string) => void drafts.push(name);
  const aside = await restoreSqlite({ ...common, file: database.file, replace, draft }, inspect);
  if (aside !== null) say(`the vault that was there is kept as ${aside}`);
  say(checkOnly ? 'it can be restored; nothing was replaced' : `restored to ${database.file}`);
}

runCommand(USAGE, main);
