/** The events that webhooks can subscribe to. */
export const EVENT_TYPES = [
  'key.delivered',
  'key.cooling',
  'key.recovered',
  'key.quarantined',
  'service.last_key',
  'service.limit_reached',
  'webhook.disabled',
  'webhook.events_lost',
  'webhook.test',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];
