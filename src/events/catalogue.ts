/** What each event tells. No payload ever holds a key, a token or a secret. */
import type { EventType } from '../domain/event-type.ts';

/** What `"*"` stands for: everything but `key.delivered`, which must be named. */
export function subscribes(events: readonly string[], type: EventType): boolean {
  return events.includes(type) || (type !== 'key.delivered' && events.includes('*'));
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

/** An event for the outbox. `at` in Unix milliseconds. */
export interface NewEvent {
  readonly event_id: string;
  readonly tenant_id: number;
  readonly type: Exclude<EventType, 'key.delivered'>;
  readonly at: number;
  readonly data: ServiceLimitReached;
}

/** The row of an event in the outbox. */
export function outboxRow(event: NewEvent) {
  return { ...event, data: JSON.stringify(event.data) };
}

/** The body that is sent: Standard Webhooks, `{"type", "timestamp", "data"}`. */
export function eventBody(type: EventType, at: number, data: object): string {
  return JSON.stringify({ type, timestamp: new Date(at).toISOString(), data });
}
