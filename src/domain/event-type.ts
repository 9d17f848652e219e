/** The events that webhooks can subscribe to. */
export const EVENT_TYPES = ['key.delivered', 'service.limit_reached'] as const;
export type EventType = (typeof EVENT_TYPES)[number];
