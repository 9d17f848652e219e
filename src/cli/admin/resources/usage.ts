import { choice, text, time, wholeNumber } from '../options.ts';
import type { Resource } from '../resource.ts';

export const USAGE_COLUMNS = [
  'at',
  'service',
  'key',
  'app',
  'outcome',
  'deliveries',
  'refusals',
  'error_rate',
];

export const APP_USAGE_OPTIONS = {
  from: time('from then on; else for a day'),
  to: time('until then; else until now'),
  granularity: choice(['minute', 'hour', 'day'], 'how long each bucket is; else an hour'),
  group_by: choice(['service', 'key', 'app', 'outcome'], 'a row for each'),
  service: text('what was asked of this service alone, by its slug'),
  key: wholeNumber('what was delivered of this key alone, by its number'),
};

export const USAGE: Resource = {
  name: 'usage',
  about: '',
  verbs: [
    {
      name: 'usage',
      about: 'Counts deliveries and refusals of a tenant, over time.',
      method: 'GET',
      path: '/tenants/:tenant/usage',
      prints: { columns: USAGE_COLUMNS, of: 'buckets' },
      options: { ...APP_USAGE_OPTIONS, app: wholeNumber('what was asked by this app alone, by its number') },
      examples: [
        'usage',
        'usage --granularity day --group-by service --json',
        'usage --service openai --group-by app',
      ],
    },
  ],
};
