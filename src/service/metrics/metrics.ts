/** What the service counts of itself, for Prometheus. No label ever has a tenant, a key, a token or an address. */
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Survey } from '../../operations/upkeep/survey-vault.ts';
import type { EngineVitals } from '../../storage/vitals.ts';
import { createEmailAttempts, createJobMetrics, createWebhookMetrics } from './background-metrics.ts';
import { createDeliveryMetrics } from './delivery-metrics.ts';
import { byName, counter, gauge, value, zeros } from './samples.ts';
import { createStorageMetrics } from './storage-metrics.ts';
import { createSurveyMetrics } from './survey-metrics.ts';

export type Metrics = ReturnType<typeof createMetrics>;

/** Where the numbers come from that are not counted here. Each is asked when Prometheus asks. */
export interface MetricSources {
  vitals: (() => EngineVitals) | null;
  survey: Survey | null;
  ready: boolean;
  /** In Unix milliseconds; null without TLS. */
  certificateEndsAt: number | null;
}

/** `monotonic`: milliseconds that only go forward. */
export function createMetrics(options: { version: string; engine: string; monotonic: () => number }) {
  const { version, engine, monotonic } = options;
  const registry = new Registry();
  const sources: MetricSources = { vitals: null, survey: null, ready: false, certificateEndsAt: null };
  gauge(registry, {
    name: 'keyrotator_build_info',
    help: 'Always 1: which release runs on which engine.',
    labelNames: ['version', 'engine'],
    read: () => [[{ version, engine }, 1]],
  });
  gauge(registry, {
    name: 'keyrotator_ready',
    help: '1 while the service can record deliveries and does not stop.',
    read: () => value(sources.ready ? 1 : 0),
  });
  gauge(registry, {
    name: 'keyrotator_tls_certificate_expires_timestamp_seconds',
    help: 'When the certificate that is served ends, in Unix time.',
    read: () => (sources.certificateEndsAt === null ? [] : value(sources.certificateEndsAt / 1000)),
  });
  const spans = zeros(['exported', 'failed']);
  counter(registry, {
    name: 'keyrotator_trace_spans_total',
    help: 'Spans of traces, by whether the collector took them.',
    labelNames: ['result'],
    read: () => byName('result', spans),
  });
  const metrics = {
    registry,
    spans,
    sources,
    deliveries: createDeliveryMetrics(registry),
    storage: createStorageMetrics(registry, () => sources.vitals?.() ?? null),
    webhooks: createWebhookMetrics(registry),
    emailAttempts: createEmailAttempts(registry),
    jobs: createJobMetrics(registry, monotonic),
  };
  createSurveyMetrics(registry, () => sources.survey);
  collectDefaultMetrics({ register: registry });
  return metrics;
}
