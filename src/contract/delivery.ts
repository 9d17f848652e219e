/** Getting a key. The delivery path reads its query by hand, for each request of a backend passes through it. */
import { z } from 'zod';
import { POLICIES } from '../domain/policy.ts';
import { count, shownId, shownTime, slug } from './common.ts';

export const deliveryQuery = z.object({
  service: slug.describe('The slug of the service.'),
  token: z
    .string()
    .optional()
    .describe(
      'A client token, where there is no `Authorization` header. Prefer the header: URLs end up in logs.',
    ),
  app_token: z
    .string()
    .optional()
    .describe('The token of an app, where there is no `Authorization` header. It overrides `token`.'),
  mask: z.enum(['1', 'true', '0', 'false']).optional().describe('`1` or `true` masks the key.'),
});

/** What an app sends beside its token that has `require_signature`. */
export const signatureHeaders = z.object({
  'X-Timestamp': z
    .string()
    .optional()
    .describe("Of a signed request: Unix seconds, at most 300 from the vault's clock."),
  'X-Nonce': z
    .string()
    .optional()
    .describe('Of a signed request: 16 to 128 printable characters, once for each delivery.'),
  'X-Signature': z
    .string()
    .optional()
    .describe(
      'Of a signed request: `v1=` and the HMAC-SHA256, in hex, of method, target, timestamp, nonce and the SHA-256 of the body, a line each.',
    ),
});

export const deliveredView = z
  .object({
    service: slug,
    key_label: z.string(),
    key: z.string(),
    masked: z.boolean(),
    policy: z.enum(POLICIES),
    limits: z.object({
      max_daily_requests: z.int().nullable().describe('Of the service; null is no limit.'),
    }),
    meta: z.object({
      key_id: shownId,
      usage_today: count.describe("Its number among the service's deliveries of the day."),
      key_usage_today: count.describe("Its number among the key's deliveries of the day."),
      delivery_id: z.string(),
      expires_at: shownTime.nullable().describe('When the key stops being handed out, where that is known.'),
      max_age_seconds: count.describe('You may go on using the key for so long before you ask again.'),
    }),
  })
  .meta({ id: 'DeliveredKey' });
