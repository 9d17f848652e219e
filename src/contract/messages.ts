/** What is in the messages that webhooks are sent, by the type of the event. */
import { z } from 'zod';
import { WARNED_DAYS } from '../domain/warnings.ts';
import { count, shownId, shownTime, slug } from './common.ts';

const keyDelivered = z.object({
  tenant: slug,
  service: slug,
  delivery_id: z.string(),
  key_id: shownId,
  app_id: shownId.nullable().describe('Null for the client token.'),
  ip: z.string(),
  masked: z.boolean(),
  usage_today: count,
});
const within_days = z.literal(WARNED_DAYS);

export const MESSAGE_DATA = {
  'key.delivered': z.union([
    keyDelivered,
    z
      .object({ deliveries: z.array(keyDelivered).min(1).max(1_000).describe('Oldest first.') })
      .describe('To a webhook with `batch`.'),
  ]),
  'key.cooling': z.object({
    tenant: slug,
    service: slug,
    key_id: shownId,
    cooling_until: shownTime,
    cause: z.enum(['reported rate_limited', 'same bucket']),
    app_id: shownId.nullable().describe('Who reported it; null for the client token.'),
  }),
  'key.recovered': z.object({
    tenant: slug,
    service: slug,
    key_id: shownId,
    cause: z
      .enum(['cooled', 'by hand'])
      .describe('`cooled`: its `cooling_until` has come. `by hand`: somebody enabled it.'),
  }),
  'key.refused': z.object({
    tenant: slug,
    service: slug,
    key_id: shownId,
    app_id: shownId.nullable().describe('Who has reported it last; null for the client token.'),
  }),
  'key.quarantined': z.object({
    tenant: slug,
    service: slug,
    key_id: shownId,
    cause: z.enum(['reported unauthorized']),
  }),
  'key.expiring': z.object({
    tenant: slug,
    service: slug,
    key_id: shownId,
    expires_at: shownTime,
    within_days,
  }),
  'service.limit_warning': z.object({
    tenant: slug,
    service: slug,
    max_daily_requests: count,
    usage_today: count,
    percent: z.int().min(1).max(100).describe('The `warn_at_percent` of the service.'),
    resets_at: shownTime,
  }),
  'key.rotated': z.object({
    tenant: slug,
    service: slug,
    from_key_id: shownId,
    to_key_id: shownId,
    why: z
      .string()
      .describe(
        '`rotated by hand`, `rotation due`, `expired`, `could not be decrypted`, or `out of service`, whatever had ended the key before.',
      ),
    reason: z.string().nullable().describe('The one that somebody gave.'),
  }),
  'key.expired': z.object({
    tenant: slug,
    service: slug,
    key_id: shownId,
    why: z.string().describe('`expired`: its own end; `rotation due`: that of its turn.'),
  }),
  'key.burned': z.object({ tenant: slug, service: slug, key_id: shownId, reason: z.string() }),
  'key.drained': z.object({
    tenant: slug,
    service: slug,
    key_id: shownId,
    state: z.string().describe('`retiring` or `burned`.'),
    retires_at: shownTime.nullable(),
  }),
  'key.decrypt_failed': z.object({ tenant: slug, service: slug, key_id: shownId }),
  'service.limit_reached': z.object({
    tenant: slug,
    service: slug,
    max_daily_requests: count,
    usage_today: count,
    resets_at: shownTime,
  }),
  'service.no_active_keys': z.object({
    tenant: slug,
    service: slug,
    back_at: shownTime.nullable().describe('When the first key that cools is back; null where none does.'),
  }),
  'webhook.disabled': z.object({
    tenant: slug,
    webhook_id: shownId.describe('It hears of this from others only.'),
    origin: z.string().describe('Where it led, without path and query.'),
    reason: z.string(),
    failing_since: shownTime.nullable(),
  }),
  'webhook.events_lost': z.object({
    tenant: slug,
    webhook_id: shownId,
    lost: z.enum(['deliveries', 'events']),
    count: count.describe('How many were removed, being too old, before they were taken.'),
    from: shownTime.describe('When the first of them happened.'),
    to: shownTime.describe('When the last of them happened.'),
  }),
  'service.last_key': z.object({
    tenant: slug,
    service: slug,
    key_id: shownId,
    cause: z.enum(['reported unauthorized', 'left alone']),
  }),
  'app.limit_reached': z.object({
    tenant: slug,
    app_id: shownId,
    max_daily_requests: count,
    usage_today: count,
    resets_at: shownTime,
  }),
  'app.token_rotated': z.object({ tenant: slug, app_id: shownId, previous_valid_until: shownTime }),
  'app.token_expiring': z.object({ tenant: slug, app_id: shownId, expires_at: shownTime, within_days }),
  'app.disabled': z.object({
    tenant: slug,
    app_id: shownId,
    reason: z.string().nullable(),
    auto_enable_at: shownTime.nullable(),
  }),
  'access.suspicious': z.object({
    tenant: slug,
    app_id: shownId.nullable().describe('Null where it is of a network, whichever token it has.'),
    cause: z.enum(['new address', 'unusual rate', 'refusals']),
    network: z
      .string()
      .nullable()
      .describe('An IPv4 address or the /64 of an IPv6 one; null where it is of an app from anywhere.'),
    detail: z.string().describe('For people.'),
  }),
  'webhook.test': z.object({ tenant: slug, webhook_id: shownId }),
};

/** The body of a message. */
export const messageView = (type: string, data: z.ZodType) =>
  z.object({ type: z.literal(type), timestamp: shownTime.describe('When it happened.'), data });
