import { choice, flag, list as listOf, text } from '../options.ts';
import { create, list, type Resource, remove, show, turn, update } from '../resource.ts';

const ALL = '/tenants/:tenant/emails';
const ONE = `${ALL}/:id`;

const MEMBERS = {
  events: listOf('event', 'what it hears of, such as service.limit_warning, or * for all that is mailed'),
  description: text('whose it is'),
  enabled: flag('it is written to'),
};

export const EMAIL: Resource = {
  name: 'email',
  about: 'Addresses that hear of events by mail.',
  verbs: [
    list(ALL, ['id', 'address', 'events', 'enabled', 'disabled_reason', 'failing_since'], {
      about: 'Lists addresses.',
      options: { status: choice(['enabled', 'disabled'], 'only these'), q: text('some of the address') },
      examples: ['email list', 'email list --status disabled'],
    }),
    show(ONE, { about: 'Shows an address.', examples: ['email show 1'] }),
    create(ALL, {
      about: 'Has an address hear of events by mail, at most one a minute.',
      arguments: ['address'],
      options: MEMBERS,
      examples: ['email create oncall@example.com --events service.limit_warning,key.expiring'],
    }),
    update(ONE, {
      about: 'Changes an address.',
      options: { address: text('where mails go'), ...MEMBERS },
      examples: ["email update 1 --events '*'"],
    }),
    remove(ONE, {
      about: 'Deletes an address.',
      options: { reason: text('why, for the audit trail') },
      examples: ['email delete 1'],
    }),
    turn('enable', ONE, { about: 'Writes to an address again.', examples: ['email enable 1'] }),
    turn('disable', ONE, { about: 'Writes to an address no more.', examples: ['email disable 1'] }),
  ],
};
