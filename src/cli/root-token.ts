/** Makes a new root token in the place of one that was lost or seen by others; a vault may be serving meanwhile. */
import { ConfigError, readVaultConfig } from '../config/config.ts';
import { draftRootToken, findMasterKey, removeRootToken, rootTokenFile } from '../config/secrets.ts';
import type { DatabaseConfig } from '../config/variables.ts';
import { type NewRootToken, replaceRootToken } from '../operations/vault/replace-root-token.ts';
import { writeBesidePostgres } from '../storage/postgres/write-beside.ts';
import type { Transaction } from '../storage/rows.ts';
import { writeBesideSqlite } from '../storage/sqlite/write-beside.ts';
import { Keyring } from '../vault/keyring.ts';
import { checkDatabaseUrl } from './backups.ts';
import { runCommand, say, UsageError } from './terminal.ts';

const USAGE = `npm run root-token
  Makes a new root token for the vault of DATABASE_URL, also while it serves; the old one is worth nothing from then on.`;

/** Where a token goes that belongs to no file of a database. */
const FILE_WITHOUT_DATABASE = 'data/root-token';

async function main(args: readonly string[]): Promise<void> {
  if (args.length > 0) throw new UsageError();
  const { database, masterKey, rootToken } = readVaultConfig();
  if (rootToken !== null) {
    throw new ConfigError([
      'KEYROTATOR_ROOT_TOKEN is set, and decides: whenever the service starts it makes that the root token. Set it to another one (`openssl rand -hex 32`) and start the service again',
    ]);
  }
  checkDatabaseUrl(database);
  const file = database.engine === 'sqlite' ? database.file : null;
  const keyring = new Keyring(findMasterKey(masterKey, file));
  const tokenFile = file === null ? FILE_WITHOUT_DATABASE : rootTokenFile(file);
  const shown = process.stdout.isTTY === true;
  let settle: () => string | null = () => null;
  const { token, isReplaced } = await writeBeside(database, (unit, now) =>
    replaceRootToken(unit, keyring, now, (made) => {
      if (!shown) settle = draftRootToken(made, tokenFile);
    }),
  );
  removeRootToken(tokenFile, isReplaced);
  const aside = settle();
  say(shown ? `The new root token, shown this once: ${token}` : `The new root token is in ${tokenFile}.`);
  if (aside !== null) say(`What was in that file is kept as ${aside}.`);
  say('The old one is worth nothing from now on.');
  say(
    database.engine === 'sqlite'
      ? 'A service that is started with KEYROTATOR_ROOT_TOKEN makes that the root token, unless it was replaced before.'
      : 'Give it to every replica as KEYROTATOR_ROOT_TOKEN: one that starts with the old serves, but warns.',
  );
}

function writeBeside(
  database: DatabaseConfig,
  work: (unit: Transaction, now: number) => Promise<NewRootToken>,
): Promise<NewRootToken> {
  return database.engine === 'sqlite'
    ? writeBesideSqlite(database.file, work)
    : writeBesidePostgres(database.url, work);
}

runCommand(USAGE, main);
