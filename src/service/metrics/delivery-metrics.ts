/** Deliveries and refusals, and how long their answers take. */
import type { Registry } from 'prom-client';
import { REPORT_OUTCOMES } from '../../domain/key-health.ts';
import type { RefusalReason } from '../../domain/refusal.ts';
import { REFUSAL_STATUS } from '../../http/errors.ts';
import { histogram, histograms } from './histogram.ts';
import { byName, counter, value, zeros } from './samples.ts';

const STATUS_CLASSES = ['2xx', '3xx', '4xx', '5xx'] as const;

export type DeliveryMetrics = ReturnType<typeof createDeliveryMetrics>;

export function createDeliveryMetrics(registry: Registry) {
  const counts = {
    delivered: 0,
    failedAuthentications: 0,
    reported: zeros(REPORT_OUTCOMES),
    refused: zeros(Object.keys(REFUSAL_STATUS) as RefusalReason[]),
    requests: zeros(STATUS_CLASSES),
  };
  counter(registry, {
    name: 'keyrotator_deliveries_total',
    help: 'Keys delivered.',
    read: () => value(counts.delivered),
  });
  counter(registry, {
    name: 'keyrotator_refusals_total',
    help: 'Deliveries and reports refused, by reason.',
    labelNames: ['reason'],
    read: () => byName('reason', counts.refused),
  });
  counter(registry, {
    name: 'keyrotator_reports_total',
    help: 'Reports taken, by what became of the delivery.',
    labelNames: ['outcome'],
    read: () => byName('outcome', counts.reported),
  });
  counter(registry, {
    name: 'keyrotator_failed_authentications_total',
    help: 'Requests refused for their token, those among them that were told to wait.',
    read: () => value(counts.failedAuthentications),
  });
  const seconds = histograms(registry, {
    name: 'keyrotator_delivery_seconds',
    help: 'From having read a request for a key to answering it.',
    bounds: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    label: 'outcome',
    names: ['delivered', 'refused'],
  });
  counter(registry, {
    name: 'keyrotator_admin_requests_total',
    help: 'Answers to everything but deliveries and probes, by class of status.',
    labelNames: ['status'],
    read: () => byName('status', counts.requests),
  });
  const adminSeconds = histogram(registry, {
    name: 'keyrotator_admin_request_seconds',
    help: 'How long these answers took.',
    bounds: [0.005, 0.025, 0.1, 0.5, 2.5, 10],
  });
  return {
    counts,
    seconds,
    /** `status`: of HTTP. */
    adminAnswered(status: number, took: number): void {
      const name = `${Math.floor(status / 100)}xx`;
      if (name in counts.requests) counts.requests[name as (typeof STATUS_CLASSES)[number]]++;
      adminSeconds.observe(took);
    },
  };
}
