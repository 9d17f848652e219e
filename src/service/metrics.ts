/** What the service counts of itself, for Prometheus. No label ever has a tenant, a key or an address. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: 'keyrotator_' });
  return {
    registry,
    deliveries: new Counter({ name: 'keyrotator_deliveries_total', help: 'Keys delivered.', registers }),
    refusals: new Counter({
      name: 'keyrotator_refusals_total',
      help: 'Deliveries refused, by reason.',
      labelNames: ['reason'],
      registers,
    }),
    batchSize: new Histogram({
      name: 'keyrotator_batch_deliveries',
      help: 'Deliveries that shared a commit.',
      buckets: [1, 4, 16, 64, 256, 1024],
      registers,
    }),
    commitSeconds: new Histogram({
      name: 'keyrotator_commit_seconds',
      help: 'From setting off a batch to having it on disk.',
      buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.25, 1, 10],
      registers,
    }),
    storageFailures: new Counter({
      name: 'keyrotator_storage_failures_total',
      help: 'Batches and connections that storage failed.',
      registers,
    }),
    webhookAttempts: new Counter({
      name: 'keyrotator_webhook_attempts_total',
      help: 'Attempts to send an event, by result.',
      labelNames: ['result'],
      registers,
    }),
    jobSeconds: new Histogram({
      name: 'keyrotator_job_seconds',
      help: 'Runs of the scheduled jobs.',
      labelNames: ['job'],
      buckets: [0.01, 0.1, 1, 10, 60],
      registers,
    }),
    jobFailures: new Counter({
      name: 'keyrotator_job_failures_total',
      help: 'Runs of the scheduled jobs that failed.',
      labelNames: ['job'],
      registers,
    }),
    ready: new Gauge({ name: 'keyrotator_ready', help: '1 while the service takes requests.', registers }),
  };
}
