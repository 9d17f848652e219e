/** What is in the messages that webhooks are sent, by the type of the event. */
import { z } from 'zod';
import { count, shownId, shownTime, slug } from './common.ts';

export const MESSAGE_DATA = {
  'key.delivered': z.object({
    tenant: slug,
    service: slug,
    delivery_id: z.string(),
    key_id: shownId,
    app_id: shownId.nullable().describe('Null for the client token.'),
    ip: z.string(),
    masked: z.boolean(),
    usage_today: count,
  }),
  'key.cooling': z.object({
    tenant: slug,
    service: slug,
    key_id: shownId,
    cooling_until: shownTime,
    cause: z.enum(['reported rate_limited', 'same bucket']),
    app_id: shownId.nullable().describe('Who reported it; null for the client token.'),
  }),
  'key.recovered': z.object({ tenant: slug, service: slug, key_id: shownId }),
  'key.quarantined': z.object({
    tenant: slug,
    service: slug,
    key_id: shownId,
    cause: z.enum(['reported unauthorized']),
  }),
  'service.last_key': z.object({
    tenant: slug,
    service: slug,
    key_id: shownId,
    cause: z.enum(['reported unauthorized']),
  }),
  'service.limit_reached': z.object({
    tenant: slug,
    service: slug,
    max_daily_requests: count,
    usage_today: count,
    resets_at: shownTime,
  }),
  'webhook.test': z.object({ tenant: slug, webhook_id: shownId }),
};

/** The body of a message. */
export const messageView = (type: string, data: z.ZodType) =>
  z.object({ type: z.literal(type), timestamp: shownTime.describe('When it happened.'), data });
