/** What each event tells. No payload ever holds a key, a token or a secret. */
import type { EventType } from '../domain/event-type.ts';

/** What `"*"` stands for: everything but `key.delivered`, which must be named. */
export function subscribes(events: readonly string[], type: EventType): boolean {
  return events.includes(type) || (type !== 'key.delivered' && events.includes('*'));
}

/** Whether an event of the outbox is for an endpoint: a test is for the one that it names, and for no other. */
export function isFor(
  webhookId: number,
  events: readonly string[],
  { type, data }: { readonly type: string; readonly data: object },
): boolean {
  if (type === 'webhook.test') return (data as WebhookTest).webhook_id === webhookId;
  return subscribes(events, type as EventType);
}

export interface KeyDelivered {
  readonly tenant: string;
  readonly service: string;
  readonly delivery_id: string;
  readonly key_id: number;
  readonly app_id: number | null;
  readonly ip: string;
  readonly masked: boolean;
  readonly usage_today: number;
}

export interface ServiceLimitReached {
  readonly tenant: string;
  readonly service: string;
  readonly max_daily_requests: number;
  readonly usage_today: number;
  readonly resets_at: string;
}

/** To the one endpoint that it names. */
export interface WebhookTest {
  readonly tenant: string;
  readonly webhook_id: number;
}

/** An event for the outbox. `at` in Unix milliseconds. */
export type NewEvent = {
  readonly event_id: string;
  readonly tenant_id: number;
  readonly at: number;
} & (
  | { readonly type: 'service.limit_reached'; readonly data: ServiceLimitReached }
  | { readonly type: 'webhook.test'; readonly data: WebhookTest }
);

/** The row of an event in the outbox. */
export function outboxRow(event: NewEvent) {
  return { ...event, data: JSON.stringify(event.data) };
}

/** The body that is sent: Standard Webhooks, `{"type", "timestamp", "data"}`. */
export function eventBody(type: EventType, at: number, data: object): string {
  return JSON.stringify({ type, timestamp: new Date(at).toISOString(), data });
}
