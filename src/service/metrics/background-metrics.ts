/** Webhooks and mails that were sent, and the jobs. */
import { Histogram, type Registry } from 'prom-client';
import { SEND_ERRORS, type SendError } from '../../webhooks/send-failure.ts';
import { histogram } from './histogram.ts';
import { byName, counter, gauge, zeros } from './samples.ts';

interface JobState {
  lastSuccessAt: number;
  lastSeconds: number | null;
  failures: number;
}

export type WebhookMetrics = ReturnType<typeof createWebhookMetrics>;

export function createWebhookMetrics(registry: Registry) {
  const attempts = zeros(['ok', ...SEND_ERRORS]);
  counter(registry, {
    name: 'keyrotator_webhook_attempts_total',
    help: 'Attempts to send an event, by result.',
    labelNames: ['result'],
    read: () => byName('result', attempts),
  });
  const seconds = histogram(registry, {
    name: 'keyrotator_webhook_attempt_seconds',
    help: 'How long receivers take.',
    bounds: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  });
  return {
    attempted(result: 'ok' | SendError, took: number): void {
      attempts[result]++;
      seconds.observe(took);
    },
  };
}

/** How attempts to send a mail ended; `barred` are those that the operator lets go to other domains alone. */
export function createEmailAttempts(registry: Registry) {
  const attempts = zeros(['ok', 'refused', 'not reached', 'barred']);
  counter(registry, {
    name: 'keyrotator_email_attempts_total',
    help: 'Attempts to send a mail, by result.',
    labelNames: ['result'],
    read: () => byName('result', attempts),
  });
  return attempts;
}

export type JobMetrics = ReturnType<typeof createJobMetrics>;

/** `monotonic`: milliseconds. */
export function createJobMetrics(registry: Registry, monotonic: () => number) {
  const jobs = new Map<string, JobState>();
  // Prometheus gives every series a label `job` of its own.
  const labelNames = ['name'];
  const seconds = new Histogram({
    name: 'keyrotator_job_seconds',
    help: 'Runs of the scheduled jobs.',
    labelNames,
    buckets: [0.01, 0.1, 1, 10, 60],
    registers: [registry],
  });
  counter(registry, {
    name: 'keyrotator_job_failures_total',
    help: 'Runs of the scheduled jobs that failed.',
    labelNames,
    read: () => [...jobs].map(([name, { failures }]) => [{ name }, failures]),
  });
  gauge(registry, {
    name: 'keyrotator_job_age_seconds',
    help: 'Since the job last succeeded, or where it has not yet, since the start.',
    labelNames,
    read: () =>
      [...jobs].map(([name, { lastSuccessAt }]) => [{ name }, (monotonic() - lastSuccessAt) / 1000]),
  });
  gauge(registry, {
    name: 'keyrotator_job_last_run_seconds',
    help: 'How long the last run took that succeeded.',
    labelNames,
    read: () =>
      [...jobs].flatMap(([name, { lastSeconds }]) => (lastSeconds === null ? [] : [[{ name }, lastSeconds]])),
  });
  const of = (name: string): JobState => {
    const known = jobs.get(name) ?? { lastSuccessAt: monotonic(), lastSeconds: null, failures: 0 };
    jobs.set(name, known);
    return known;
  };
  return {
    /** The jobs that there are. */
    expect(names: readonly string[]): void {
      for (const name of names) of(name);
    },
    ran(job: string, took: number): void {
      const state = of(job);
      state.lastSuccessAt = monotonic();
      state.lastSeconds = took;
      seconds.observe({ name: job }, took);
    },
    failed(job: string): void {
      of(job).failures++;
    },
  };
}
