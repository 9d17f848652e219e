/** What the rooms tell of their work, turned into metrics and log lines. */
import { LRUCache } from 'lru-cache';
import type { AppObserver } from '../http/app.ts';
import type { DeliveryObserver } from '../http/delivery/handler.ts';
import type { ReportObserver } from '../http/delivery/report-handler.ts';
import type { JobObserver } from '../jobs/schedule.ts';
import type { EmailObserver } from '../operations/emails/send-emails.ts';
import type { DiskObserver } from '../operations/upkeep/watch-disk.ts';
import type { ActivityRecorder } from '../operations/usage/record-activity.ts';
import type { RefusalRecorder } from '../operations/usage/record-refusals.ts';
import type { WebhookObserver } from '../operations/webhooks/send-webhooks.ts';
import type { Engine, EngineObserver } from '../storage/engine.ts';
import { errorClass } from '../storage/error-class.ts';
import { StorageError } from '../storage/errors.ts';
import { errorFields, type Logger } from './log.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { OutageLog } from './outage-log.ts';

export function observeEngine(
  metrics: Metrics,
  log: Logger,
  outage: OutageLog,
  onStorageLost: (error: Error) => void,
): EngineObserver {
  const { storage } = metrics;
  return {
    batchCommitted(deliveries, seconds, syncSeconds) {
      metrics.deliveries.counts.delivered += deliveries;
      storage.batchSize.observe(deliveries);
      storage.commitSeconds.observe(seconds);
      if (syncSeconds !== null) storage.syncSeconds.observe(syncSeconds);
    },
    batchFailed(error) {
      storage.failures[errorClass(error)]++;
      outage.failed(error);
    },
    storageLost(error) {
      log.fatal(errorFields(error), 'storage cannot be trusted any more');
      onStorageLost(error);
    },
  };
}

/** Of how many tenants it is remembered, and for how long, that the log has it already that their data key fails. */
const MOST_TOLD = 1_000;
const TELL_AGAIN_MS = 600_000;

/** A delivery is in the database and a refusal in its sums: neither gets a log line above debug, lest a flood fills the disk. */
export function observeDeliveries(
  metrics: Metrics,
  log: Logger,
  { refusals, activity }: { readonly refusals: RefusalRecorder; readonly activity: ActivityRecorder },
  engine: Engine,
): DeliveryObserver & ReportObserver {
  const { counts, seconds: took } = metrics.deliveries;
  const toldOf = new LRUCache<number, true>({ max: MOST_TOLD, ttl: TELL_AGAIN_MS });
  return {
    delivered(request_id, app, network, seconds) {
      took.delivered.observe(seconds);
      if (app !== null) activity.count(app, network);
      log.debug({ request_id }, 'delivered');
    },
    reported(request_id, outcome) {
      counts.reported[outcome]++;
      log.debug({ request_id, outcome }, 'reported');
    },
    refused(request_id, refusal, who, network, seconds) {
      counts.refused[refusal.reason]++;
      took.refused.observe(seconds);
      log.debug({ request_id, reason: refusal.reason, network }, 'refused');
      if (who === null) return;
      refusals.count({ ...who, reason: refusal.reason, network, requestId: request_id }, engine.time().now);
    },
    failed(request_id, error, seconds) {
      counts.refused['storage unavailable']++;
      took.refused.observe(seconds);
      // That storage failed was logged once for all; anything else is a fault of the program.
      const level = error instanceof StorageError ? 'debug' : 'error';
      log[level]({ request_id, ...errorFields(error) }, 'not recorded, so not delivered');
    },
    broken(request_id, keys) {
      for (const key of keys) {
        log.warn({ request_id, ...key }, 'a key does not decrypt: it is left out until it is enabled again');
      }
    },
    dataKeyFailed(request_id, tenant_id) {
      if (toldOf.has(tenant_id)) return;
      toldOf.set(tenant_id, true);
      log.error(
        { request_id, tenant_id },
        'the data key of a tenant does not unwrap: none of its keys can be handed out',
      );
    },
  };
}

const PROBES = new Set(['/healthz', '/readyz', '/metrics']);

export function observeApp(metrics: Metrics, log: Logger): AppObserver {
  return {
    answered(entry) {
      const isProbe = PROBES.has(entry.route);
      if (!isProbe) metrics.deliveries.adminAnswered(entry.status, entry.seconds);
      log[isProbe && entry.status < 400 ? 'debug' : 'info'](entry, 'answered');
    },
    failed: (request_id, error) => log.error({ request_id, ...errorFields(error) }, 'request failed'),
  };
}

export function observeWebhooks(metrics: Metrics, log: Logger, outage: OutageLog): WebhookObserver {
  return {
    attempted(webhook_id, result) {
      metrics.webhooks.attempted(result.ok ? 'ok' : result.error, result.latencyMs / 1000);
      if (!result.ok)
        log.warn({ webhook_id, error: result.error, status: result.status }, 'a webhook was not taken');
    },
    failed(webhook_id, error) {
      if (outage.explains(error)) return;
      log.error({ webhook_id, ...errorFields(error) }, 'sending webhooks failed');
    },
  };
}

/** The address is a person's: the log has its number. */
export function observeEmails({ emailAttempts }: Metrics, log: Logger): EmailObserver {
  return {
    attempted(email_id, result) {
      emailAttempts[result.ok ? 'ok' : result.error]++;
      if (result.ok) log.debug({ email_id }, 'mailed');
      else {
        const { error, status, cause } = result;
        log.warn({ email_id, error, status, cause }, 'a mail was not taken');
      }
    },
    barred(email_id) {
      emailAttempts.barred++;
      log.warn(
        { email_id },
        'a mail was not sent: KEYROTATOR_MAIL_DOMAINS does not name the domain of the address',
      );
    },
  };
}

export function observeDisk(log: Logger): DiskObserver {
  const told = {
    enough: ['info', 'the disk has room again'],
    scarce: ['warn', 'the disk fills up: make room, or keep deliveries for fewer days'],
    low: ['error', 'the disk is nearly full: refusals are not recorded; deliveries are, until it is full'],
  } as const;
  return {
    changed(state, free) {
      const [level, line] = told[state];
      log[level]({ free_bytes: free }, line);
    },
  };
}

export function observeJobs(metrics: Metrics, log: Logger, outage: OutageLog): JobObserver {
  return {
    ran: (job, seconds) => metrics.jobs.ran(job, seconds),
    late: (job) => log.debug({ job }, 'a job was woken late'),
    failed(job, error) {
      metrics.jobs.failed(job);
      if (outage.explains(error)) return;
      log.error({ job, ...errorFields(error) }, 'a job failed: it runs again at its next time');
    },
  };
}
