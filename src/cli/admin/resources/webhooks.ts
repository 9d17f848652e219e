import { EVENT_TYPES } from '../../../domain/event-type.ts';
import { choice, flag, list as listOf, text, wholeNumber } from '../options.ts';
import { action, create, list, type Resource, remove, show, turn, update } from '../resource.ts';

const ALL = '/tenants/:tenant/webhooks';
const ONE = `${ALL}/:id`;

const EVENTS = listOf('event', `what it hears of: ${EVENT_TYPES.join(', ')}, or * for all but key.delivered`);

const MEMBERS = {
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
      next: 'it is sent within seconds: the receiver gets message_id as webhook-id; where it is not taken, webhook show has failing_since, the log of the vault says why, and keyrotator_webhook_attempts_total of /metrics counts it',
      examples: ['webhook test 1'],
    }),
    turn('enable', ONE, { about: 'Sends to a webhook again.', examples: ['webhook enable 1'] }),
    turn('disable', ONE, { about: 'Sends to a webhook no more.', examples: ['webhook disable 1'] }),
  ],
};
