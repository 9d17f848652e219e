import { EVENT_TYPES } from '../../../domain/event-type.ts';
import { choice, flag, list as listOf, text, wholeNumber } from '../options.ts';
import { action, create, list, type Resource, remove, show, turn, update } from '../resource.ts';

const ALL = '/tenants/:tenant/webhooks';
const ONE = `${ALL}/:id`;

const EVENTS = listOf('event', `what it hears of: ${EVENT_TYPES.join(', ')}, or * for all but key.delivered`);

const MEMBERS = {
  batch: flag('deliveries come together, up to 1000 in a message'),
  description: text('what it is for'),
  enabled: flag('it is sent to'),
};

export const WEBHOOK: Resource = {
  name: 'webhook',
  about: 'Addresses that hear of events.',
  verbs: [
    list(ALL, ['id', 'url', 'events', 'enabled', 'disabled_reason', 'failing_since'], {
      about: 'Lists webhooks.',
      options: { status: choice(['enabled', 'disabled'], 'only these'), q: text('some of the address') },
      examples: ['webhook list', 'webhook list --status disabled'],
    }),
    show(ONE, { about: 'Shows a webhook.', examples: ['webhook show 1'] }),
    create(ALL, {
      about: 'Makes a webhook, and prints the secret that its messages are signed with, this once.',
      arguments: ['url'],
      options: { events: EVENTS, ...MEMBERS },
      examples: ["webhook create https://example.com/keyrotator --events '*'"],
    }),
    update(ONE, {
      about: 'Changes a webhook.',
      options: { url: text('where messages go'), events: EVENTS, ...MEMBERS },
      examples: ['webhook update 1 --events key.delivered,service.limit_reached'],
    }),
    remove(ONE, {
      about: 'Deletes a webhook.',
      options: { reason: text('why, for the audit trail') },
      examples: ['webhook delete 1'],
    }),
    action('rotate-secret', `${ONE}/rotate-secret`, {
      about:
        'Makes a new secret, and prints it, this once; messages are signed with both until the grace is over.',
      options: { grace_seconds: wholeNumber('for how long the old one signs, too; else for a day') },
      examples: [
        'webhook rotate-secret 1',
        'webhook rotate-secret 1 --grace-seconds 0 --quiet > webhook-secret',
      ],
    }),
    action('test', `${ONE}/test`, {
      about: 'Has webhook.test sent to a webhook, within seconds.',
      next: 'it is sent within seconds: the receiver gets message_id as webhook-id; webhook deliveries says what became of it',
      examples: ['webhook test 1'],
    }),
    {
      name: 'deliveries',
      about: 'Lists the attempts to send to a webhook, newest first, and what the receiver said.',
      method: 'GET',
      path: `${ONE}/deliveries`,
      prints: {
        columns: ['id', 'at', 'type', 'attempt', 'status', 'error', 'latency_ms', 'message_id', 'answer'],
      },
      examples: ['webhook deliveries 1', 'webhook deliveries 1 --limit 5 --json'],
    },
    action('replay', `${ONE}/deliveries/:delivery/replay`, {
      about: 'Has the event of an attempt sent to a webhook again.',
      next: 'it is sent within seconds, under the same webhook-id: webhook deliveries says what became of it',
      examples: ['webhook replay 1 1'],
    }),
    turn('enable', ONE, { about: 'Sends to a webhook again.', examples: ['webhook enable 1'] }),
    turn('disable', ONE, { about: 'Sends to a webhook no more.', examples: ['webhook disable 1'] }),
  ],
};
