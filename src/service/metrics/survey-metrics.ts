/** What has to be asked of the database: limits, keys, webhooks, room. Left out while it does not answer. */
import type { Registry } from 'prom-client';
import type { Survey } from '../../operations/upkeep/survey-vault.ts';
import { byName, gauge, type Sample, value } from './samples.ts';

export function createSurveyMetrics(registry: Registry, last: () => Survey | null): void {
  const known = (samples: (survey: Survey) => readonly Sample[]) => () => {
    const survey = last();
    return survey === null ? [] : samples(survey);
  };
  gauge(registry, {
    name: 'keyrotator_daily_limits',
    help: 'Services and apps with a daily limit.',
    labelNames: ['subject'],
    read: known(({ limits: { service, app } }) =>
      byName('subject', { service: service.limited, app: app.limited }),
    ),
  });
  gauge(registry, {
    name: 'keyrotator_daily_limits_used',
    help: 'Those that have used at least this share of it today.',
    labelNames: ['subject', 'share'],
    read: known(({ limits }) =>
      (['service', 'app'] as const).flatMap((subject): Sample[] => [
        [{ subject, share: '0.9' }, limits[subject].nearly],
        [{ subject, share: '1' }, limits[subject].wholly],
      ]),
    ),
  });
  gauge(registry, {
    name: 'keyrotator_keys_broken',
    help: 'Keys that turned out not to decrypt, and were neither enabled again nor deleted.',
    read: known(({ brokenKeys }) => value(brokenKeys)),
  });
  gauge(registry, {
    name: 'keyrotator_webhook_lag_seconds',
    help: 'Age of the oldest event that its endpoint has not taken.',
    read: known(({ webhookLag }) => value(webhookLag)),
  });
  gauge(registry, {
    name: 'keyrotator_webhook_endpoints',
    help: 'Endpoints, by state.',
    labelNames: ['state'],
    read: known(({ endpoints }) => byName('state', endpoints)),
  });
  gauge(registry, {
    name: 'keyrotator_webhook_retries_due',
    help: 'Events that were not taken and are due again.',
    read: known(({ retriesDue }) => value(retriesDue)),
  });
  gauge(registry, {
    name: 'keyrotator_database_bytes',
    help: 'What the database takes; its write-ahead log only with SQLite.',
    labelNames: ['part'],
    read: known(({ space: { database, log } }) =>
      byName('part', { database, ...(log === null ? {} : { log }) }),
    ),
  });
  gauge(registry, {
    name: 'keyrotator_disk_free_bytes',
    help: 'What the file system of the database has left. SQLite only.',
    read: known(({ space: { free } }) => (free === null ? [] : value(free))),
  });
}
