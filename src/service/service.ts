/** Builds the service out of its rooms, starts it and stops it. Nothing else builds. */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type Config, ConfigError } from '../config/config.ts';
import { DEMO_THROTTLE } from '../domain/judge.ts';
import { NetworkThrottle } from '../domain/network-throttle.ts';
import { Pace } from '../domain/pace.ts';
import { AdministrationPace } from '../http/admin/administration-pace.ts';
import { createApp, type Probes } from '../http/app.ts';
import { clientReaders } from '../http/client-readers.ts';
import { type CountryReader, openCountryDatabase, packagedCountries } from '../http/countries.ts';
import { drain } from '../http/drain.ts';
import { FailedAuthentications } from '../http/failed-authentications.ts';
import { REFUSALS } from '../http/paces.ts';
import { createHttpServer, replaceCertificate, type Server, serve } from '../http/server.ts';
import { type JobsContext, jobsOf } from '../jobs/jobs.ts';
import { startJobs } from '../jobs/schedule.ts';
import { createMailSender } from '../mail/send-mail.ts';
import { ReportQueue } from '../operations/reports/report-queue.ts';
import { DiskWatch } from '../operations/upkeep/watch-disk.ts';
import { ActivityRecorder } from '../operations/usage/record-activity.ts';
import { RefusalRecorder } from '../operations/usage/record-refusals.ts';
import { WebhookDispatcher } from '../operations/webhooks/send-webhooks.ts';
import type { Engine } from '../storage/engine.ts';
import { createAddressGuard } from '../webhooks/address-guard.ts';
import { createWebhookSender } from '../webhooks/send.ts';
import { CertificateKeeper } from './certificate.ts';
import { errorFields, type Logger } from './log.ts';
import { createMetrics, type Metrics } from './metrics/metrics.ts';
import { warnOfNoMail } from './no-mail.ts';
import {
  observeApp,
  observeDeliveries,
  observeDisk,
  observeEmails,
  observeEngine,
  observeJobs,
  observeWebhooks,
} from './observers.ts';
import { type ClockSource, type News, openVault } from './open-vault.ts';
import { OutageLog } from './outage-log.ts';
import { deliveriesFirst } from './pace.ts';
import { warnOfPlainHttp } from './plain-http.ts';
import { Surveyor } from './surveyor.ts';
import { startTracing } from './tracing/start-tracing.ts';

const DRAIN_MS = 10_000;

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
  readonly engine: Engine;
  /** What the jobs work with. */
  readonly jobs: JobsContext;
  readonly news: News;
  /**
   * Unready, drained, committed, closed. With `patient` it goes on serving for the configured time first, so that whoever
   * asks `/readyz` sends nothing more.
   */
  stop(options?: { readonly patient: boolean }): Promise<void>;
}

/**
 * Starts everything; resolves when it serves. Rejects with an error that says what to do. The port is taken before
 * anything is made that is shown only once.
 */
export async function startService(config: Config, options: ServiceOptions): Promise<Service> {
  const { log } = options;
  const version = packageVersion();
  const monotonic = options.clock?.monotonic ?? (() => performance.now());
  const metrics = createMetrics({ version, engine: config.database.engine, monotonic });
  const countryOf = await openCountries(config);
  const server = createHttpServer(config.tls);
  const url = await listen(server, config);
  warnOfPlainHttp(config, url, log);
  const outage = new OutageLog(log, async () => engine?.check());
  let engine: Engine | null = null;
  try {
    const opened = await openVault(config, {
      log,
      observer: observeEngine(metrics, log, outage, options.onStorageLost),
      showRootToken: options.showRootToken,
      ...(options.clock === undefined ? {} : { clock: options.clock }),
      ...(options.commitTimeoutMs === undefined ? {} : { commitTimeoutMs: options.commitTimeoutMs }),
    });
    engine = opened.vault.engine;
    const { news } = opened;
    const tracing = await startTracing({ config: config.tracing, version, log, spans: metrics.spans });
    const vault =
      tracing === null ? opened.vault : { ...opened.vault, engine: tracing.engine(opened.vault.engine) };
    const guard = createAddressGuard(config.webhookAllowedAddresses);
    const plainSender = createWebhookSender({ guard, version, proxy: config.webhookProxy });
    const sender = tracing === null ? plainSender : tracing.sender(plainSender);
    const refusals = new RefusalRecorder();
    const activity = new ActivityRecorder();
    const dispatcher = new WebhookDispatcher({
      ...vault,
      sender,
      random: Math.random,
      pace: deliveriesFirst(),
      observer: observeWebhooks(metrics, log, outage),
    });
    const context = {
      ...vault,
      failedAuthentications: new FailedAuthentications(
        () => metrics.deliveries.counts.failedAuthentications++,
      ),
      administrationPace: new AdministrationPace(),
      ...clientReaders(config.trustedProxies, countryOf),
    };
    const health = { draining: false };
    metrics.sources.vitals = () => vault.engine.vitals();
    const probes = createProbes(engine, metrics, new Surveyor(vault, monotonic), health);
    const tls = config.tls !== null;
    const { mail } = config;
    await warnOfNoMail(config, vault.engine.read, log);
    const mailing =
      mail === null
        ? null
        : { sender: createMailSender(mail), observer: observeEmails(metrics, log), domains: mail.domains };
    const app = createApp({ ...context, guard, mail, probes, tls, observer: observeApp(metrics, log) });
    const plainObserver = observeDeliveries(metrics, log, { refusals, activity }, engine);
    const observer = tracing === null ? plainObserver : tracing.observer(plainObserver);
    const throttles = { demoThrottle: new NetworkThrottle(DEMO_THROTTLE), refusals: new Pace(REFUSALS) };
    const reports = new ReportQueue(vault, options.commitTimeoutMs);
    const deliveries = { ...context, ...throttles, reports, observer };
    serve(server, deliveries, app, tracing?.around ?? null);

    const { retention } = config;
    const disk = new DiskWatch(config.disk, refusals, observeDisk(log));
    const certificate = keepCertificate(server, config, metrics, options);
    const jobs: JobsContext = {
      vault,
      dispatcher,
      refusals,
      activity,
      mailing,
      disk,
      retention,
      certificate,
    };
    const all = jobsOf(jobs).map((job) => (tracing === null ? job : tracing.job(job)));
    metrics.jobs.expect(all.map(({ name }) => name));
    const schedule = options.jobs === false ? null : startJobs(all, observeJobs(metrics, log, outage));
    return {
      url,
      engine,
      jobs,
      news,
      async stop({ patient } = { patient: false }) {
        health.draining = true;
        if (patient) await delay(config.drainSeconds * 1_000);
        await drain(server, DRAIN_MS);
        await Promise.all([schedule?.stop(), dispatcher.stop()]);
        await sender.close();
        mailing?.sender.close();
        outage.close();
        await refusals
          .flush(vault)
          .catch((error: Error) => log.error(errorFields(error), 'the last refusals were not recorded'));
        await Promise.all([vault.engine.close(), tracing?.shutdown()]);
      },
    };
  } catch (error) {
    server.close();
    outage.close();
    await engine?.close();
    throw error;
  }
}

async function openCountries({ countryDatabase }: Config): Promise<CountryReader> {
  if (countryDatabase === null) return packagedCountries();
  return openCountryDatabase(countryDatabase).catch((error: Error) => {
    throw new ConfigError([error.message]);
  });
}

function keepCertificate(
  server: Server,
  { tls }: Config,
  metrics: Metrics,
  { log, clock }: ServiceOptions,
): CertificateKeeper | null {
  if (tls === null) return null;
  return new CertificateKeeper(tls, {
    log,
    now: clock?.wall ?? Date.now,
    served: (endsAt) => {
      metrics.sources.certificateEndsAt = endsAt;
    },
    use: (pair) => replaceCertificate(server, pair),
  });
}

function createProbes(
  engine: Engine,
  metrics: Metrics,
  surveyor: Surveyor,
  health: { draining: boolean },
): Probes {
  const notReady = async () => {
    if (health.draining) return 'draining';
    try {
      await engine.check();
      return null;
    } catch {
      return 'storage unavailable';
    }
  };
  return {
    notReady,
    async metrics() {
      const { registry, sources } = metrics;
      const [survey, why] = await Promise.all([surveyor.latest(), notReady()]);
      sources.survey = survey;
      sources.ready = why === null;
      return { type: registry.contentType, text: await registry.metrics() };
    },
  };
}

function listen(server: Server, { host, port, tls }: Config): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => reject(explainListening(error, host, port));
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      const { address, family, port: bound } = server.address() as AddressInfo;
      resolve(
        `${tls === null ? 'http' : 'https'}://${family === 'IPv6' ? `[${address}]` : address}:${bound}`,
      );
    });
  });
}

function explainListening({ code, message }: NodeJS.ErrnoException, host: string, port: number): Error {
  if (code === 'EADDRINUSE')
    return new Error(`address already in use ${host}:${port}: set PORT to a free one`);
  if (code === 'EACCES') return new Error(`${message}: set PORT to one that this user may listen on`);
  return new Error(`${message}: set HOST to an address of this machine`);
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
