import { z } from 'zod';
import { count, listOf, shownId, shownTime, type View } from './common.ts';

/** An attempt to send an event. */
export const webhookDeliveryView = z
  .object({
    id: shownId,
    message_id: z.string().describe('The `webhook-id` of the message: the same in each attempt.'),
    type: z.string(),
    attempt: z.int().min(1).describe('The how manieth; a replay begins anew.'),
    at: shownTime,
    status: z.int().nullable().describe('Of the answer; null where none came.'),
    latency_ms: count,
    error: z.string().nullable().describe('Null: it was taken.'),
    answer: z.string().nullable().describe('The first 1 KiB of what the receiver said.'),
  })
  .meta({ id: 'WebhookDelivery' });
export type WebhookDeliveryView = View<typeof webhookDeliveryView>;

export const webhookDeliveryList = listOf(webhookDeliveryView, 'WebhookDeliveryList');

export const replayedView = z
  .object({ message_id: z.string().describe('What the message has as its `webhook-id`, as before.') })
  .meta({ id: 'ReplayedWebhookDelivery' });
export type ReplayedView = View<typeof replayedView>;
