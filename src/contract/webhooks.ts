import { z } from 'zod';
import { EVENT_TYPES } from '../domain/event-type.ts';
import { graceBody, listOf, shownId, shownTime, text, type View } from './common.ts';

const members = {
  url: z
    .string()
    .min(1)
    .max(2048, 'must be at most 2048 characters')
    .describe('https on a public address, or an address that the operator listed.'),
  events: z
    .array(z.enum(['*', ...EVENT_TYPES], `must be "*" or one of ${EVENT_TYPES.join(', ')}`))
    .min(1, 'must name at least one event')
    .refine((events) => new Set(events).size === events.length, 'must name each event once')
    .meta({ description: '`*` is all but `key.delivered`, which must be named.', uniqueItems: true }),
  batch: z
    .boolean()
    .describe('Deliveries come together: a message has up to 1000, or what came in a second.'),
  description: text,
  enabled: z.boolean(),
};

export const newWebhook = z
  .strictObject({
    url: members.url,
    events: members.events,
    batch: members.batch.default(false),
    description: members.description.default(''),
    enabled: members.enabled.default(true),
  })
  .meta({ id: 'NewWebhook' });
export type NewWebhook = z.output<typeof newWebhook>;

export const webhookPatch = z.strictObject(members).partial().meta({ id: 'WebhookPatch' });
export type WebhookPatch = z.output<typeof webhookPatch>;

export const webhookView = z
  .object({
    id: shownId,
    url: z.string(),
    events: z.array(z.string()),
    batch: z.boolean(),
    description: z.string(),
    enabled: z.boolean(),
    disabled_reason: z.string().nullable(),
    failing_since: shownTime.nullable(),
    created_at: shownTime,
    updated_at: shownTime,
  })
  .meta({ id: 'Webhook' });
export type WebhookView = View<typeof webhookView>;

export const madeWebhookView = webhookView
  .extend({ secret: z.string().describe('Signs the messages. Shown this once.') })
  .meta({ id: 'MadeWebhook' });
/** The secret before usually has to be known for a day: receivers are deployed anew. */
export const rotateWebhookSecret = graceBody
  .extend({ grace_seconds: graceBody.shape.grace_seconds.unwrap().default(86_400) })
  .meta({ id: 'WebhookSecretGrace' });
export const rotatedSecretView = z
  .object({
    secret: z.string().describe('Signs the messages from now on. Shown this once.'),
    previous_valid_until: shownTime.describe('Until then messages are signed with the secret before, too.'),
  })
  .meta({ id: 'RotatedWebhookSecret' });
export type RotatedSecretView = View<typeof rotatedSecretView>;

export const testedWebhookView = z
  .object({ message_id: z.string().describe('What the message will have as its `webhook-id`.') })
  .meta({ id: 'TestedWebhook' });
export type TestedWebhookView = View<typeof testedWebhookView>;

export const webhookList = listOf(webhookView, 'WebhookList');
