/** Builds the service out of its rooms, starts it and stops it. Nothing else builds. */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from '../config/config.ts';
import {
  keepMasterKey,
  keepRootToken,
  obtainMasterKey,
  removeRootToken,
  rootTokenFile,
} from '../config/secrets.ts';
import { DEMO_THROTTLE } from '../domain/judge.ts';
import { type Address, clientAddress } from '../domain/network.ts';
import { NetworkThrottle } from '../domain/network-throttle.ts';
import { createApp, type Probes } from '../http/app.ts';
import { FAILED_AUTHENTICATIONS } from '../http/delivery/handler.ts';
import { createHttpServer, drain, serve } from '../http/server.ts';
import { type JobsContext, jobsOf } from '../jobs/jobs.ts';
import { startJobs } from '../jobs/schedule.ts';
import { createDemo } from '../operations/create-demo.ts';
import { prepareVault, verifyMasterKey } from '../operations/prepare-vault.ts';
import { RefusalRecorder } from '../operations/record-refusals.ts';
import { WebhookDispatcher } from '../operations/send-webhooks.ts';
import { type ClockSource, SqliteEngine } from '../storage/sqlite/sqlite-engine.ts';
import { sameDigest } from '../vault/digests.ts';
import { Keyring } from '../vault/keyring.ts';
import { createAddressGuard } from '../webhooks/address-guard.ts';
import { createWebhookSender } from '../webhooks/send.ts';
import { errorFields, type Logger } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { observeApp, observeDeliveries, observeEngine, observeJobs, observeWebhooks } from './observers.ts';
import { deliveriesFirst } from './pace.ts';

const DRAIN_MS = 10_000;
const SYSTEM_CLOCK: ClockSource = { wall: Date.now, monotonic: () => performance.now() };

export interface ServiceOptions {
  readonly log: Logger;
  readonly clock?: ClockSource;
  /** A new root token can be shown to a person; else it is written to a file. */
  readonly showRootToken: boolean;
  /** False: no job runs by itself. */
  readonly jobs?: boolean;
  /** Called when storage cannot be trusted any more: the process has to end. */
  readonly onStorageLost: (error: Error) => void;
  readonly commitTimeoutMs?: number;
}

export interface Service {
  readonly url: string;
  readonly engine: SqliteEngine;
  /** What the jobs work with. */
  readonly jobs: JobsContext;
  readonly news: News;
  /** Unready, drained, committed, closed. */
  stop(): Promise<void>;
}

/** What a person has to be told after a start; each is null where there is nothing new. */
export interface News {
  /** To be shown once. */
  readonly rootToken: string | null;
  readonly rootTokenFile: string | null;
  readonly masterKeyFile: string | null;
  readonly demoToken: string | null;
}

/**
 * Starts everything; resolves when it serves. Rejects with an error that says what to do. The port is taken before
 * anything is made that is shown only once.
 */
export async function startService(config: Config, options: ServiceOptions): Promise<Service> {
  const { log } = options;
  const metrics = createMetrics();
  const server = createHttpServer();
  const url = await listen(server, config);
  let engine: SqliteEngine | null = null;
  try {
    const opened = await openVault(config, options, metrics).catch((error: unknown) => {
      throw explainOpening(error, config.databaseFile);
    });
    engine = opened.vault.engine;
    const { vault, news } = opened;
    const guard = createAddressGuard(config.webhookAllowedAddresses);
    const sender = createWebhookSender({ guard, version: packageVersion() });
    const refusals = new RefusalRecorder();
    const dispatcher = new WebhookDispatcher({
      ...vault,
      sender,
      random: Math.random,
      pace: deliveriesFirst(),
      observer: observeWebhooks(metrics, log),
    });
    const context = {
      ...vault,
      failedAuthentications: new NetworkThrottle(FAILED_AUTHENTICATIONS),
      addressOf: addressReader(config),
    };
    const health = { draining: false };
    const probes = createProbes(engine, metrics, health);
    const app = createApp({ ...context, guard, probes, observer: observeApp(log) });
    const observer = observeDeliveries(metrics, log, refusals, engine);
    serve(server, { ...context, demoThrottle: new NetworkThrottle(DEMO_THROTTLE), observer }, app);
    metrics.ready.set(1);

    const jobs: JobsContext = { vault, dispatcher, refusals, retentionDays: config.deliveryRetentionDays };
    const schedule = options.jobs === false ? null : startJobs(jobsOf(jobs), observeJobs(metrics, log));
    return {
      url,
      engine,
      jobs,
      news,
      async stop() {
        health.draining = true;
        metrics.ready.set(0);
        await drain(server, DRAIN_MS);
        await Promise.all([schedule?.stop(), dispatcher.stop()]);
        await sender.close();
        await refusals
          .flush(vault)
          .catch((error: Error) => log.error(errorFields(error), 'the last refusals were not recorded'));
        await vault.engine.close();
      },
    };
  } catch (error) {
    server.close();
    await engine?.close();
    throw error;
  }
}

async function openVault(config: Config, options: ServiceOptions, metrics: Metrics) {
  const { log } = options;
  const master = obtainMasterKey(config.masterKey, config.databaseFile);
  const toKeep = Buffer.from(master.key);
  const keyring = new Keyring(master.key);
  const engine = await SqliteEngine.open({
    file: config.databaseFile,
    clock: options.clock ?? SYSTEM_CLOCK,
    observer: observeEngine(metrics, log, options.onStorageLost),
    report: (line) => log.info(line),
    inspect(check) {
      if (check !== null) verifyMasterKey(keyring, check);
      if (master.createIn !== null) keepMasterKey(toKeep, master.createIn);
      toKeep.fill(0);
    },
    ...(options.commitTimeoutMs === undefined ? {} : { commitTimeoutMs: options.commitTimeoutMs }),
  });
  try {
    const tokenFile = rootTokenFile(config.databaseFile);
    const prepared = await prepareVault(engine, keyring, config.rootToken, (token) => {
      if (!options.showRootToken) keepRootToken(token, tokenFile);
    });
    const { digests, replacedRootToken } = prepared;
    const vault = { engine, keyring, digests };
    if (replacedRootToken !== null) {
      log.info('the root token was replaced');
      removeRootToken(tokenFile, (token) => sameDigest(digests.ofToken(token), replacedRootToken));
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

function createProbes(engine: SqliteEngine, metrics: Metrics, health: { draining: boolean }): Probes {
  return {
    async notReady() {
      if (health.draining) return 'draining';
      try {
        await engine.check();
        return null;
      } catch {
        return 'storage unavailable';
      }
    },
    metrics: async () => ({ type: metrics.registry.contentType, text: await metrics.registry.metrics() }),
  };
}

/** Reads the client's address; that of a connection without a trusted proxy is read once. */
function addressReader(config: Config): (request: IncomingMessage) => Address | null {
  const known = new WeakMap<object, Address | null>();
  return (request) => {
    if (config.trustedProxies.length > 0) {
      const forwarded = request.headersDistinct['x-forwarded-for']?.join(',');
      return clientAddress(request.socket.remoteAddress, forwarded, config.trustedProxies);
    }
    let address = known.get(request.socket);
    if (address === undefined) {
      address = clientAddress(request.socket.remoteAddress, undefined, []);
      known.set(request.socket, address);
    }
    return address;
  };
}

function listen(server: Server, { host, port }: Config): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => reject(explainListening(error, host, port));
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      const { address, family, port: bound } = server.address() as AddressInfo;
      resolve(`http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`);
    });
  });
}

function explainListening({ code, message }: NodeJS.ErrnoException, host: string, port: number): Error {
  if (code === 'EADDRINUSE')
    return new Error(`address already in use ${host}:${port}: set PORT to a free one`);
  if (code === 'EACCES') return new Error(`${message}: set PORT to one that this user may listen on`);
  return new Error(`${message}: set HOST to an address of this machine`);
}

/** Codes of errors that a path which cannot be a database ends in. */
const WRONG_PATH = /^(?:E[A-Z]+|SQLITE_(?:NOTADB|CANTOPEN|READONLY|PERM)\w*)$/;

function explainOpening(error: unknown, file: string): unknown {
  if (!(error instanceof Error && 'code' in error && WRONG_PATH.test(String(error.code)))) return error;
  return new Error(`the database ${file} of DATABASE_URL cannot be opened: ${error.message}`, {
    cause: error,
  });
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
