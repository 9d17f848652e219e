/** The messages that webhooks are sent: requests of the vault, and what it makes of the answers. */
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { MESSAGE_DATA, messageView } from '../../contract/messages.ts';
import type { EventType } from '../../domain/event-type.ts';
import type { EventData } from '../../events/catalogue.ts';

/** What the catalogue of events says, the schemas have to say, too. */
const DATA: { readonly [T in EventType]: z.ZodType<EventData[T]> } = MESSAGE_DATA;

const SUMMARY: Readonly<Record<EventType, string>> = {
  'key.delivered': 'A key was delivered',
  'key.cooling': 'A key cools, as clients report that its provider limits it',
  'key.recovered': 'A key that cooled serves again',
  'key.refused': 'Clients report that the provider refuses a key, too few of them to take it out of service',
  'key.quarantined': 'A key was taken out of service, as clients report that its provider refuses it',
  'key.expiring': 'A key ends within a week, or within a day',
  'service.limit_warning': 'A service comes near its daily limit',
  'key.rotated': 'Another key of a service is current',
  'key.expired': 'A key has expired',
  'key.burned': 'A key was burned',
  'key.drained': 'Everybody who held a key that is handed out no more has been given another one',
  'key.decrypt_failed': 'A key could not be decrypted, and is left out',
  'service.limit_reached': 'A service has reached its daily limit',
  'service.no_active_keys': 'A service has no key to hand out',
  'webhook.disabled': 'Another webhook of the tenant was switched off',
  'webhook.events_lost': 'The webhook will not hear of what was removed, being too old',
  'service.last_key': 'A service is left with one key, or its last one is reported not to work',
  'app.limit_reached': 'An app has reached its daily limit',
  'app.token_rotated': 'An app has a new token',
  'app.token_expiring': 'An app ends within a week, or within a day',
  'app.disabled': 'An app was switched off',
  'access.suspicious': 'Somebody uses a token as it is not used',
  'webhook.test': 'Somebody tries the webhook',
};

const HEADERS = z.object({
  'webhook-id': z.string().describe('Stays the same when the message is sent again.'),
  'webhook-timestamp': z.string().describe('Unix seconds of this attempt.'),
  'webhook-signature': z
    .string()
    .describe('`v1,` and a signature, as Standard Webhooks says; several with a space between.'),
});

export const MESSAGES: ZodOpenApiPathsObject = Object.fromEntries(
  Object.entries(DATA).map(([type, data]) => [
    type,
    {
      post: {
        operationId: `on ${type}`.replaceAll(/[ ._]([a-z])/g, (_, letter: string) => letter.toUpperCase()),
        tags: ['Webhooks'],
        summary: SUMMARY[type as EventType],
        security: [],
        requestParams: { header: HEADERS },
        requestBody: {
          required: true,
          content: { 'application/json': { schema: messageView(type, data) } },
        },
        responses: {
          '2XX': {
            description: 'Within 10 seconds: it is taken. Whatever else is tried again, over three days.',
          },
          410: { description: 'The webhook is switched off.' },
        },
      },
    },
  ]),
);
