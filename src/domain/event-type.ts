/** The events that webhooks can subscribe to. */
export const EVENT_TYPES = [
  'key.delivered',
  'key.cooling',
  'key.recovered',
  'key.quarantined',
  'key.expiring',
  'service.limit_warning',
  'service.limit_reached',
  'webhook.disabled',
  'webhook.events_lost',
  'service.last_key',
  'app.limit_reached',
  'app.token_rotated',
  'app.token_expiring',
  'app.disabled',
  'access.suspicious',
  'webhook.test',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];
