import { replayedView, webhookDeliveryList } from '../../../contract/webhook-deliveries.ts';
import {
  madeWebhookView,
  rotatedSecretView,
  testedWebhookView,
  webhookList,
  webhookView,
} from '../../../contract/webhooks.ts';
import { GONE, MADE_AT, made, type Operations, onePage, shown } from '../operation.ts';

const WEBHOOK = {
  id: 1,
  url: 'https://hooks.example.com/keyrotator',
  events: ['service.limit_reached'],
  batch: false,
  description: 'Pages whoever is on call.',
  enabled: true,
  disabled_reason: null,
  failing_since: null,
  created_at: MADE_AT,
  updated_at: MADE_AT,
};

export const WEBHOOKS: Operations = {
  'GET /tenants/:tenant/webhooks': {
    id: 'listWebhooks',
    summary: 'List the webhooks of a tenant',
    answer: shown(webhookList, onePage(WEBHOOK)),
  },
  'POST /tenants/:tenant/webhooks': {
    id: 'createWebhook',
    summary: 'Make a webhook',
    description:
      'The answer has the secret that signs its messages, which is shown this once. A tenant has at most 50.',
    takes: {
      url: 'https://hooks.example.com/keyrotator',
      events: ['service.limit_reached'],
      description: 'Pages whoever is on call.',
    },
    answer: made(madeWebhookView, { ...WEBHOOK, secret: 'whsec_…' }),
  },
  'GET /tenants/:tenant/webhooks/:id': {
    id: 'getWebhook',
    summary: 'Show a webhook',
    answer: shown(webhookView, WEBHOOK),
  },
  'PATCH /tenants/:tenant/webhooks/:id': {
    id: 'updateWebhook',
    summary: 'Change a webhook',
    takes: { events: ['*', 'key.delivered'] },
    answer: shown(webhookView, { ...WEBHOOK, events: ['*', 'key.delivered'] }),
  },
  'DELETE /tenants/:tenant/webhooks/:id': {
    id: 'deleteWebhook',
    summary: 'Delete a webhook',
    description: 'What it was yet to be told is not sent.',
    answer: GONE,
  },
  'POST /tenants/:tenant/webhooks/:id/rotate-secret': {
    id: 'rotateWebhookSecret',
    summary: 'Make a new secret for a webhook',
    description: 'Messages are signed with the old one, too, for the grace: a day unless it says otherwise.',
    takes: { grace_seconds: 86_400 },
    answer: shown(rotatedSecretView, {
      secret: 'whsec_…',
      previous_valid_until: '2026-03-02T12:00:00.000Z',
    }),
  },
  'POST /tenants/:tenant/webhooks/:id/test': {
    id: 'testWebhook',
    summary: 'Send a webhook.test to a webhook',
    description: 'To this one alone, whatever it has subscribed to; one that is switched off is a 409.',
    answer: {
      status: 202,
      content: {
        'application/json': {
          schema: testedWebhookView,
          example: { message_id: 'msg_01JQ2V6Z8M4T5N7P9R0S1T2V3W' },
        },
      },
    },
  },
  'GET /tenants/:tenant/webhooks/:id/deliveries': {
    id: 'listWebhookDeliveries',
    summary: 'List what a webhook was sent',
    description:
      'Every attempt, newest first: at least the last 1000 of those that are no older than deliveries may be. Of deliveries that come faster than they are sent and are taken at once, one in 32.',
    answer: shown(
      webhookDeliveryList,
      onePage({
        id: 1,
        message_id: 'msg_01JQ2V6Z8M4T5N7P9R0S1T2V3W',
        type: 'service.limit_reached',
        attempt: 1,
        at: MADE_AT,
        status: 503,
        latency_ms: 41,
        error: 'http_status',
        answer: 'We are down for maintenance.',
      }),
    ),
  },
  'POST /tenants/:tenant/webhooks/:id/deliveries/:delivery/replay': {
    id: 'replayWebhookDelivery',
    summary: 'Send an event to a webhook again',
    description:
      'Under the same id, whatever became of it before. A 404 where the event is no longer on record; a webhook that is switched off is a 409.',
    answer: {
      status: 202,
      content: {
        'application/json': {
          schema: replayedView,
          example: { message_id: 'msg_01JQ2V6Z8M4T5N7P9R0S1T2V3W' },
        },
      },
    },
  },
};
