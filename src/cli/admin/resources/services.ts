import { POLICIES } from '../../../domain/policy.ts';
import { choice, flag, limit, optionalText, text, time, wholeNumber } from '../options.ts';
import { action, create, list, type Resource, remove, show, turn, update } from '../resource.ts';

const ALL = '/tenants/:tenant/services';
const ONE = `${ALL}/:service`;

const MEMBERS = {
  name: text('what people call it'),
  policy: choice(POLICIES, 'which of its keys is handed out'),
  rotate_every_minutes: limit('how long each key serves under the policy time'),
  on_expiry: choice(['retire', 'cycle'], 'what becomes of a key whose turn under time is over'),
  rotation_schedule: optionalText('when turns under time end, such as "0 3 * * 1" for Mondays at three'),
  timezone: text('of the limit day and the schedule, such as Europe/Berlin'),
  day_resets_at: text('when the limit day begins, HH:MM'),
  max_daily_requests: limit('the daily limit'),
  warn_at_percent: limit('at how many per cent of the daily limit to warn'),
  max_age_seconds: wholeNumber('how long a client may use a key before it asks again'),
  enabled: flag('it hands out keys'),
};

export const SERVICE: Resource = {
  name: 'service',
  about: 'Providers that a tenant uses, each with a policy, limits and keys.',
  verbs: [
    list(
      ALL,
      ['slug', 'name', 'policy', 'enabled', 'keys', 'usage_today', 'max_daily_requests', 'current_key_id'],
      {
        about: 'Lists services.',
        options: {
          status: choice(['enabled', 'disabled'], 'only these'),
          q: text('some of the name or slug'),
        },
        examples: ['service list', 'service list --status disabled --tenant acme'],
      },
    ),
    show(ONE, { about: 'Shows a service.', examples: ['service show openai', 'service show openai --json'] }),
    create(ALL, {
      about: 'Makes a service.',
      arguments: ['slug'],
      options: MEMBERS,
      examples: [
        'service create mistral --max-daily-requests 10000 --timezone Europe/Berlin',
        'service create cohere --policy time --rotate-every-minutes 1440 --on-expiry cycle',
        'service create voyage --policy time --rotation-schedule "0 3 * * 1" --timezone Europe/Berlin',
      ],
    }),
    update(ONE, {
      about: 'Changes a service.',
      options: MEMBERS,
      examples: [
        'service update openai --policy failover',
        'service update openai --max-daily-requests none',
      ],
    }),
    remove(ONE, {
      about: 'Deletes a service with its keys.',
      options: { reason: text('why, for the audit trail') },
      confirm: true,
      examples: ['service delete openai --confirm openai'],
    }),
    action('rotate', `${ONE}/rotate`, {
      about: 'Makes the next key by position the current one, or the one that is named.',
      options: {
        to_key_id: wholeNumber('the number of the key to go to'),
        retire_old: flag('the old key is handed out no more'),
        grace_seconds: wholeNumber('with --retire-old, for how long the old key is still retiring'),
        reason: text('why, for the audit trail'),
      },
      examples: [
        'service rotate openai',
        'service rotate openai --to-key-id 3 --retire-old --grace-seconds 3600 --reason "new quarter"',
      ],
    }),
    turn('enable', ONE, {
      about: 'Lets a service hand out keys again.',
      examples: ['service enable openai'],
    }),
    turn('disable', ONE, { about: 'Has a service hand out no keys.', examples: ['service disable openai'] }),
    {
      name: 'deliveries',
      about: 'Lists what was handed out to whom, newest first.',
      method: 'GET',
      path: `${ONE}/deliveries`,
      prints: { columns: ['at', 'key_id', 'app_id', 'ip', 'masked', 'usage_today', 'delivery_id'] },
      options: {
        from: time('from then on'),
        to: time('until then'),
        app: wholeNumber('to this app, by its number'),
        key: wholeNumber('of this key, by its number'),
      },
      examples: [
        'service deliveries openai --limit 20',
        'service deliveries openai --from 2026-01-01T00:00:00Z --key 1 --json',
      ],
    },
  ],
};
