/** Opens the database that the configuration names, and makes sure that there is a vault in it. */
import { type Config, ConfigError } from '../config/config.ts';
import {
  keepMasterKey,
  keepRootToken,
  obtainMasterKey,
  removeRootToken,
  rootTokenFile,
} from '../config/secrets.ts';
import { continueDeliveryIds } from '../operations/delivery/delivery-id.ts';
import { createDemo } from '../operations/upkeep/create-demo.ts';
import { prepareVault, verifyMasterKey } from '../operations/vault/prepare-vault.ts';
import type { Vault } from '../operations/vault/vault.ts';
import type { Engine, EngineObserver } from '../storage/engine.ts';
import { parseDatabaseUrl } from '../storage/postgres/database-url.ts';
import { PostgresEngine } from '../storage/postgres/postgres-engine.ts';
import { SqliteEngine } from '../storage/sqlite/sqlite-engine.ts';
import { sameDigest } from '../vault/digests.ts';
import { Keyring } from '../vault/keyring.ts';
import type { Logger } from './log.ts';

/** Codes of errors that a path which cannot be a database ends in. */
const WRONG_PATH = /^(?:E[A-Z]+|SQLITE_(?:NOTADB|CANTOPEN|READONLY|PERM)\w*)$/;

/** The clocks of this machine. On PostgreSQL the wall clock is the database's, unless a test gives one. */
export interface ClockSource {
  /** Unix milliseconds. */
  wall(): number;
  /** Milliseconds that only go forward. */
  monotonic(): number;
}

export interface OpenVaultOptions {
  readonly log: Logger;
  readonly observer: EngineObserver;
  /** A new root token can be shown to a person; else it is written to a file. */
  readonly showRootToken: boolean;
  readonly clock?: ClockSource;
  readonly commitTimeoutMs?: number;
}

/** What a person has to be told after a start; each is null where there is nothing new. */
export interface News {
  /** To be shown once. */
  readonly rootToken: string | null;
  readonly rootTokenFile: string | null;
  readonly masterKeyFile: string | null;
  readonly demoToken: string | null;
}

export interface OpenedVault {
  readonly vault: Vault;
  readonly news: News;
}

/** Rejects with an error that says what to do; nothing is written to a database that belongs to another master key. */
export async function openVault(config: Config, options: OpenVaultOptions): Promise<OpenedVault> {
  const { database } = config;
  try {
    return await open(config, options);
  } catch (error) {
    throw database.engine === 'sqlite' ? explainOpening(error, database.file) : error;
  }
}

async function open(config: Config, options: OpenVaultOptions): Promise<OpenedVault> {
  const { database } = config;
  const file = database.engine === 'sqlite' ? database.file : null;
  const master = obtainMasterKey(config.masterKey, file);
  const toKeep = Buffer.from(master.key);
  const keyring = new Keyring(master.key);
  const engine = await openEngine(config, options, (check) => {
    if (check !== null) verifyMasterKey(keyring, check);
    if (master.createIn !== null) keepMasterKey(toKeep, master.createIn);
    toKeep.fill(0);
  });
  try {
    const tokenFile = file === null ? null : rootTokenFile(file);
    const prepared = await prepareVault(engine, keyring, config.rootToken, (token) => {
      if (!options.showRootToken && tokenFile !== null) keepRootToken(token, tokenFile);
    });
    const { digests, replacedRootToken, oldRootTokenGiven } = prepared;
    const vault = { engine, keyring, digests };
    if (engine.newestDeliveryId !== null) continueDeliveryIds(engine.newestDeliveryId);
    if (oldRootTokenGiven) {
      options.log.warn(
        'KEYROTATOR_ROOT_TOKEN is one that was replaced before, and is not valid: give the present one, or a new one',
      );
    }
    if (replacedRootToken !== null) {
      options.log.warn('the root token was replaced by that of KEYROTATOR_ROOT_TOKEN');
      const isReplaced = (token: string) => sameDigest(digests.ofToken(token), replacedRootToken);
      if (tokenFile !== null) removeRootToken(tokenFile, isReplaced);
    }
    const hidden = prepared.newRootToken !== null && !options.showRootToken;
    const news: News = {
      rootToken: hidden ? null : prepared.newRootToken,
      rootTokenFile: hidden ? tokenFile : null,
      masterKeyFile: master.createIn,
      demoToken: prepared.firstStart && config.demo ? await createDemo(vault) : null,
    };
    return { vault, news };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

async function openEngine(
  config: Config,
  options: OpenVaultOptions,
  inspect: (masterKeyCheck: Uint8Array | null) => void,
): Promise<Engine> {
  const { database } = config;
  const { clock, log, observer, commitTimeoutMs } = options;
  const common = {
    observer,
    inspect,
    report: (line: string, level: 'info' | 'warn' = 'info') => log[level](line),
    ...(commitTimeoutMs === undefined ? {} : { commitTimeoutMs }),
  };
  const monotonic = clock?.monotonic ?? (() => performance.now());
  if (database.engine === 'sqlite') {
    const wall = clock?.wall ?? Date.now;
    return SqliteEngine.open({ ...common, file: database.file, clock: { wall, monotonic } });
  }
  try {
    parseDatabaseUrl(database.url);
  } catch (error) {
    throw new ConfigError([(error as Error).message]);
  }
  const wall = clock?.wall ?? ((databaseTime: number) => databaseTime);
  return PostgresEngine.open({
    ...common,
    url: database.url,
    poolSize: config.databaseConnections,
    clock: { wall, monotonic },
  });
}

function explainOpening(error: unknown, file: string): unknown {
  if (!(error instanceof Error && 'code' in error && WRONG_PATH.test(String(error.code)))) return error;
  return new Error(`the database ${file} of DATABASE_URL cannot be opened: ${error.message}`, {
    cause: error,
  });
}
