/** The databases of `--weight`: each with a data set in it, made once and, where the plan says so, kept for another run. */
import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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

/** Where databases are: each call resolves with the URL of one. */
interface Place {
  make(name: string): Promise<string>;
  /** Another with the same in it, gone after the run. */
  copy(name: string): Promise<string>;
  remove(): Promise<void>;
}

export class Databases {
  readonly #folder: string;
  readonly #place: Place;

  private constructor(folder: string, place: Place) {
    this.#folder = folder;
    this.#place = place;
  }

  static async open(stage: Stage, { engine }: Options, plan: WeightPlan): Promise<Databases> {
    const folder = plan.data ?? stage.folder;
    mkdirSync(folder, { recursive: true });
    if (engine === 'sqlite') return new Databases(folder, files(folder, stage.folder));
    if (plan.server !== null) return new Databases(folder, await databasesOn(plan.server));
    const cluster = await startCluster();
    const place = await databasesOn(cluster.url);
    return new Databases(folder, { ...place, remove: () => place.remove().finally(() => cluster.remove()) });
  }

  /** The vault of this name with its data set, which is made, or completed, where it is not there. */
  async furnish(name: string, shape: Shape): Promise<Furnished> {
    const { env } = this.#furnished(name, await this.#place.make(name));
    await makeDataset(readConfig(env), shape, this.#tokenFile(name));
    return this.#furnished(name, env.DATABASE_URL as string);
  }

  /** Another vault with the same in it, gone after the run. Nobody may have the one of this name open. */
  async copy(name: string): Promise<Furnished> {
    return this.#furnished(name, await this.#place.copy(name));
  }

  /** Ends what was started for the run. */
  close(): Promise<void> {
    return this.#place.remove();
  }

  #furnished(name: string, url: string): Furnished {
    const rootToken = this.#secret(`${name}.root-token`, () => `root-${randomBytes(32).toString('hex')}`);
    const env = {
      HOST: '127.0.0.1',
      PORT: '0',
      DATABASE_URL: url,
      KEYROTATOR_MASTER_KEY: this.#secret(`${name}.master-key`, () => randomBytes(32).toString('base64')),
      KEYROTATOR_ROOT_TOKEN: rootToken,
      KEYROTATOR_DEMO: 'false',
    };
    return { env, rootToken, tokens: readTokens(this.#tokenFile(name)) };
  }

  #tokenFile(name: string): string {
    return join(this.#folder, `${name}.tokens`);
  }

  #secret(name: string, make: () => string): string {
    const file = join(this.#folder, name);
    if (!existsSync(file)) writeFileSync(file, make(), { mode: 0o600 });
    return readFileSync(file, 'utf8').trim();
  }
}

function files(folder: string, temporary: string): Place {
  return {
    make: async (name) => `sqlite:${join(folder, `${name}.db`)}`,
    async copy(name) {
      const copy = join(temporary, `${name}-copy.db`);
      copyFileSync(join(folder, `${name}.db`), copy);
      return `sqlite:${copy}`;
    },
    remove: async () => {},
  };
}

async function databasesOn(server: string): Promise<Place> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  const urlOf = (database: string) => Object.assign(new URL(server), { pathname: `/${database}` }).href;
  const copies: string[] = [];
  return {
    async make(name) {
      const database = `keyrotator_weight_${name}`;
      const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
      if (rowCount === 0) await client.query(`CREATE DATABASE ${database}`);
      return urlOf(database);
    },
    async copy(name) {
      const copy = `keyrotator_weight_${name}_copy`;
      await client.query(`DROP DATABASE IF EXISTS ${copy} WITH (FORCE)`);
      await client.query(`CREATE DATABASE ${copy} TEMPLATE keyrotator_weight_${name} STRATEGY file_copy`);
      copies.push(copy);
      await tidy(urlOf(copy));
      return urlOf(copy);
    },
    async remove() {
      for (const copy of copies) await client.query(`DROP DATABASE IF EXISTS ${copy} WITH (FORCE)`);
      await client.end();
    },
  };
}

/** What a server does by itself in time for tables that it knows; of a copy it does not know what was changed. */
async function tidy(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query('VACUUM (ANALYZE)');
  await client.query('CHECKPOINT');
  await client.end();
}
