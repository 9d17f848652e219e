import { emailList, emailView } from '../../../contract/emails.ts';
import { GONE, MADE_AT, made, type Operations, onePage, shown } from '../operation.ts';

const EMAIL = {
  id: 1,
  address: 'oncall@example.com',
  events: ['service.limit_warning', 'key.expiring'],
  description: 'Whoever is on call.',
  enabled: true,
  disabled_reason: null,
  failing_since: null,
  created_at: MADE_AT,
  updated_at: MADE_AT,
};

export const EMAILS: Operations = {
  'GET /tenants/:tenant/emails': {
    id: 'listEmails',
    summary: 'List the addresses that hear of events by mail',
    answer: shown(emailList, onePage(EMAIL)),
  },
  'POST /tenants/:tenant/emails': {
    id: 'createEmail',
    summary: 'Have an address hear of events by mail',
    description:
      'At most one mail a minute, which tells of everything since the one before. It is a 409 where the operator has not set up mail.',
    takes: {
      address: 'oncall@example.com',
      events: ['service.limit_warning', 'key.expiring'],
      description: 'Whoever is on call.',
    },
    answer: made(emailView, EMAIL),
  },
  'GET /tenants/:tenant/emails/:id': {
    id: 'getEmail',
    summary: 'Show an address',
    answer: shown(emailView, EMAIL),
  },
  'PATCH /tenants/:tenant/emails/:id': {
    id: 'updateEmail',
    summary: 'Change an address',
    takes: { events: ['*'] },
    answer: shown(emailView, { ...EMAIL, events: ['*'] }),
  },
  'DELETE /tenants/:tenant/emails/:id': {
    id: 'deleteEmail',
    summary: 'Delete an address',
    description: 'What it was yet to be told is not sent.',
    answer: GONE,
  },
};
