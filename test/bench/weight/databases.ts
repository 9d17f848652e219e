/** The databases of `--weight`: each with a data set in it, made once and, where the plan says so, kept for another run. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { readConfig } from '../../../src/config/config.ts';
import { startCluster } from '../../support/postgres-cluster.ts';
import { makeDataset } from '../dataset/make-dataset.ts';
import type { DatasetToken, Shape } from '../dataset/shape.ts';
import { readTokens } from '../dataset/token-file.ts';
import type { Options } from '../options.ts';
import type { Stage } from '../stage.ts';
import type { WeightPlan } from './plan.ts';

/** A vault with a data set: what a service is started with, and the tokens. */
export interface Furnished {
  readonly env: Readonly<Record<string, string>>;
  readonly rootToken: string;
  readonly tokens: readonly DatasetToken[];
}

export class Databases {
  readonly #folder: string;
  readonly #urlOf: (name: string) => Promise<string>;
  readonly #remove: () => Promise<void>;

  private constructor(
    folder: string,
    urlOf: (name: string) => Promise<string>,
    remove: () => Promise<void> = async () => {},
  ) {
    this.#folder = folder;
    this.#urlOf = urlOf;
    this.#remove = remove;
  }

  static async open(stage: Stage, { engine }: Options, plan: WeightPlan): Promise<Databases> {
    const folder = plan.data ?? stage.folder;
    mkdirSync(folder, { recursive: true });
    if (engine === 'sqlite')
      return new Databases(folder, async (name) => `sqlite:${join(folder, `${name}.db`)}`);
    if (plan.server !== null) {
      const { server } = plan;
      return new Databases(folder, (name) => databaseOn(server, name));
    }
    const cluster = await startCluster();
    return new Databases(
      folder,
      (name) => databaseOn(cluster.url, name),
      () => cluster.remove(),
    );
  }

  /** The vault of this name with its data set, which is made, or completed, where it is not there. */
  async furnish(name: string, shape: Shape): Promise<Furnished> {
    const rootToken = this.#secret(`${name}.root-token`, () => `root-${randomBytes(32).toString('hex')}`);
    const env = {
      HOST: '127.0.0.1',
      PORT: '0',
      DATABASE_URL: await this.#urlOf(name),
      KEYROTATOR_MASTER_KEY: this.#secret(`${name}.master-key`, () => randomBytes(32).toString('base64')),
      KEYROTATOR_ROOT_TOKEN: rootToken,
      KEYROTATOR_DEMO: 'false',
    };
    const tokenFile = join(this.#folder, `${name}.tokens`);
    await makeDataset(readConfig(env), shape, tokenFile);
    return { env, rootToken, tokens: readTokens(tokenFile) };
  }

  /** Ends what was started for the run. */
  close(): Promise<void> {
    return this.#remove();
  }

  #secret(name: string, make: () => string): string {
    const file = join(this.#folder, name);
    if (!existsSync(file)) writeFileSync(file, make(), { mode: 0o600 });
    return readFileSync(file, 'utf8').trim();
  }
}

async function databaseOn(server: string, name: string): Promise<string> {
  const database = `keyrotator_weight_${name}`;
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${database}`);
  } finally {
    await client.end();
  }
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}
