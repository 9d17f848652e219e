import { SHOWN_KEY_STATES } from '../../../domain/policy-key.ts';
import { choice, end, limit, required, tag, tags, text, wholeNumber } from '../options.ts';
import { action, create, list, type Resource, remove, show, update } from '../resource.ts';

const ALL = '/tenants/:tenant/services/:service/keys';
const ONE = `${ALL}/:id`;

const MEMBERS = {
  weight: wholeNumber('its share under the policy usage'),
  position: wholeNumber('its place among the keys; else behind the last'),
  max_daily_requests: limit('its own daily limit'),
  expires_at: end('until when it is handed out'),
  bucket: text('what keys of one account at the provider share: they cool together'),
  tags: tags('a tag'),
};

export const KEY: Resource = {
  name: 'key',
  about: 'Keys of a service. They go in, and come out masked.',
  verbs: [
    list(ALL, ['id', 'label', 'masked_key', 'state', 'current', 'usage_today', 'position', 'expires_at'], {
      about: 'Lists the keys of a service.',
      options: {
        status: choice(SHOWN_KEY_STATES, 'only these'),
        q: text('some of the label'),
        tag: tag('with this tag'),
      },
      examples: [
        'key list openai',
        'key list openai --status standby --json',
        'key list openai --tag old=yes',
      ],
    }),
    show(ONE, { about: 'Shows a key, masked.', examples: ['key show openai 1'] }),
    create(ALL, {
      about: 'Adds a key, which is read from a file, from standard input, or on a terminal asked for.',
      arguments: ['label'],
      options: MEMBERS,
      secret: 'key',
      examples: [
        'key create openai Second --key-file key.txt',
        'key create openai Third --tags team=search --expires-at 2030-01-31T00:00:00Z --key-file - < other-key.txt',
      ],
    }),
    update(ONE, {
      about: 'Changes a key. The key itself cannot be changed: add the new one, and rotate to it.',
      options: { label: text('what people call it'), ...MEMBERS, tags: tags('a tag', true) },
      examples: [
        'key update openai 1 --label Main --max-daily-requests 5000',
        'key update openai 1 --tags owner=search --tags old',
      ],
    }),
    remove(ONE, {
      about: 'Deletes a key.',
      options: { reason: text('why, for the audit trail') },
      examples: ['key delete openai 2 --reason "gone at the provider"'],
    }),
    action('enable', `${ONE}/enable`, { about: 'Brings a key back.', examples: ['key enable openai 1'] }),
    {
      ...action('burn', `${ONE}/burn`, {
        about: 'Takes a key that has leaked out of service for good, and lists every address that has it.',
        options: { reason: required(text('why')) },
        irrevocable: 'A burned key is never handed out again',
        none: 'it is burned, and nobody was ever handed it',
        next: 'there are more of them: key holders lists all',
        examples: ['key burn openai 3 --reason "found in a public repository" --yes'],
      }),
      prints: { columns: ['ip', 'app_id', 'first_at', 'last_at'], of: 'holders' },
    },
    {
      name: 'holders',
      about:
        'Lists who was handed a key, and once it is handed out no more, who was given another one since; on standard error, whether that is all of them (drained), and since when.',
      method: 'GET',
      path: `${ONE}/holders`,
      prints: {
        columns: ['ip', 'app_id', 'first_at', 'last_at', 'newer_key_id', 'newer_at'],
        beside: ['drained', 'drained_at'],
      },
      examples: ['key holders openai 1', 'key holders openai 1 --json'],
    },
    action('disable', `${ONE}/disable`, {
      about: 'Takes a key out of service.',
      options: {
        reason: required(text('why')),
        auto_enable_after_seconds: wholeNumber('after so long it is enabled again; else not by itself'),
      },
      examples: [
        'key disable openai 1 --reason leaked',
        'key disable openai 1 --reason "over quota" --auto-enable-after-seconds 3600',
      ],
    }),
  ],
};
