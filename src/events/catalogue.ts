/** What each event tells. No payload ever holds a key, a token or a secret. */
import { ulid } from 'ulid';
import type { EventType } from '../domain/event-type.ts';
import type { WarnedDays } from '../domain/warnings.ts';

/** What `"*"` stands for: everything but `key.delivered`, which must be named. */
export function subscribes(events: readonly string[], type: EventType): boolean {
  return events.includes(type) || (type !== 'key.delivered' && events.includes('*'));
}

/**
 * Whether an event of the outbox is for an endpoint that comes to it: that an endpoint was switched off is for all others. A test,
 * and what an endpoint has lost, is queued for that one alone, before what follows.
 */
export function isFor(
  webhookId: number,
  events: readonly string[],
  { type, data }: { readonly type: string; readonly data: object },
): boolean {
  if (type === 'webhook.test' || type === 'webhook.events_lost') return false;
  if (type === 'webhook.disabled' && (data as WebhookDisabled).webhook_id === webhookId) return false;
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

/** To an endpoint that asks for batches: oldest first. */
export interface KeysDelivered {
  readonly deliveries: readonly KeyDelivered[];
}

/** `app_id`: who reported it; null for the client token. */
export interface KeyCooling {
  readonly tenant: string;
  readonly service: string;
  readonly key_id: number;
  readonly cooling_until: string;
  readonly cause: 'reported rate_limited' | 'same bucket';
  readonly app_id: number | null;
}

export interface KeyRecovered {
  readonly tenant: string;
  readonly service: string;
  readonly key_id: number;
  readonly cause: 'cooled' | 'by hand';
}

/** Another key than before is current. */
export interface KeyRotated {
  readonly tenant: string;
  readonly service: string;
  readonly from_key_id: number;
  readonly to_key_id: number;
  readonly why: string;
  /** The one that somebody gave. */
  readonly reason: string | null;
}

export interface KeyExpired {
  readonly tenant: string;
  readonly service: string;
  readonly key_id: number;
  readonly why: string;
}

export interface KeyBurned {
  readonly tenant: string;
  readonly service: string;
  readonly key_id: number;
  readonly reason: string;
}

/** Everybody who held a key that is handed out no more has been given another one. */
export interface KeyDrained {
  readonly tenant: string;
  readonly service: string;
  readonly key_id: number;
  readonly state: string;
  readonly retires_at: string | null;
}

export interface KeyDecryptFailed {
  readonly tenant: string;
  readonly service: string;
  readonly key_id: number;
}

/** Clients report again and again that the provider refuses it; it goes on being handed out. `app_id`: of the last of them. */
export interface KeyRefused {
  readonly tenant: string;
  readonly service: string;
  readonly key_id: number;
  readonly app_id: number | null;
}

export interface KeyQuarantined {
  readonly tenant: string;
  readonly service: string;
  readonly key_id: number;
  readonly cause: 'reported unauthorized';
}

/** The last key in service: it would have been taken out but for that, or the others have left. */
export interface ServiceLastKey {
  readonly tenant: string;
  readonly service: string;
  readonly key_id: number;
  readonly cause: 'reported unauthorized' | 'left alone';
}

export interface ServiceNoActiveKeys {
  readonly tenant: string;
  readonly service: string;
  /** When the first key that cools is back. */
  readonly back_at: string | null;
}

export interface ServiceLimitReached {
  readonly tenant: string;
  readonly service: string;
  readonly max_daily_requests: number;
  readonly usage_today: number;
  readonly resets_at: string;
}

/** To the others of the tenant. */
export interface WebhookDisabled {
  readonly tenant: string;
  readonly webhook_id: number;
  /** Where it led, without path and query, which may hold a secret. */
  readonly origin: string;
  readonly reason: string;
  readonly failing_since: string | null;
}

/** To the one endpoint that it names. */
export interface WebhookEventsLost {
  readonly tenant: string;
  readonly webhook_id: number;
  readonly lost: 'deliveries' | 'events';
  readonly count: number;
  /** When the first of them happened, and the last. */
  readonly from: string;
  readonly to: string;
}

/** Before the limit is reached: with the delivery of the service's `warn_at_percent`. */
export interface ServiceLimitWarning extends ServiceLimitReached {
  readonly percent: number;
}

/** A key ends within so many days. */
export interface KeyExpiring {
  readonly tenant: string;
  readonly service: string;
  readonly key_id: number;
  readonly expires_at: string;
  readonly within_days: WarnedDays;
}

export interface AppLimitReached {
  readonly tenant: string;
  readonly app_id: number;
  readonly max_daily_requests: number;
  readonly usage_today: number;
  readonly resets_at: string;
}

export interface AppTokenRotated {
  readonly tenant: string;
  readonly app_id: number;
  readonly previous_valid_until: string;
}

/** An app, and so its token, ends within so many days. */
export interface AppTokenExpiring {
  readonly tenant: string;
  readonly app_id: number;
  readonly expires_at: string;
  readonly within_days: WarnedDays;
}

export interface AppDisabled {
  readonly tenant: string;
  readonly app_id: number;
  readonly reason: string | null;
  readonly auto_enable_at: string | null;
}

/** Of an app, or without one of all that comes from a network. */
export interface AccessSuspicious {
  readonly tenant: string;
  readonly app_id: number | null;
  readonly cause: 'new address' | 'unusual rate' | 'refusals';
  readonly network: string | null;
  /** For people. */
  readonly detail: string;
}

/** To the one endpoint that it names. */
export interface WebhookTest {
  readonly tenant: string;
  readonly webhook_id: number;
}

/** What each type of event tells. */
export interface EventData {
  readonly 'key.delivered': KeyDelivered | KeysDelivered;
  readonly 'key.cooling': KeyCooling;
  readonly 'key.recovered': KeyRecovered;
  readonly 'key.refused': KeyRefused;
  readonly 'key.quarantined': KeyQuarantined;
  readonly 'key.expiring': KeyExpiring;
  readonly 'service.limit_warning': ServiceLimitWarning;
  readonly 'key.rotated': KeyRotated;
  readonly 'key.expired': KeyExpired;
  readonly 'key.burned': KeyBurned;
  readonly 'key.drained': KeyDrained;
  readonly 'key.decrypt_failed': KeyDecryptFailed;
  readonly 'service.limit_reached': ServiceLimitReached;
  readonly 'service.no_active_keys': ServiceNoActiveKeys;
  readonly 'webhook.disabled': WebhookDisabled;
  readonly 'webhook.events_lost': WebhookEventsLost;
  readonly 'service.last_key': ServiceLastKey;
  readonly 'app.limit_reached': AppLimitReached;
  readonly 'app.token_rotated': AppTokenRotated;
  readonly 'app.token_expiring': AppTokenExpiring;
  readonly 'app.disabled': AppDisabled;
  readonly 'access.suspicious': AccessSuspicious;
  readonly 'webhook.test': WebhookTest;
}

/** The events of the outbox: of a delivery, its own row is the event. */
export type OutboxType = Exclude<EventType, 'key.delivered'>;

/** An event for the outbox. `at` in Unix milliseconds. */
export type NewEvent = {
  readonly [T in OutboxType]: {
    readonly event_id: string;
    readonly tenant_id: number;
    readonly at: number;
    readonly type: T;
    readonly data: EventData[T];
  };
}[OutboxType];

/** A new event with an id of its own. `at` in Unix milliseconds. */
export function newEvent<T extends OutboxType>(
  type: T,
  tenantId: number,
  at: number,
  data: EventData[T],
): Extract<NewEvent, { type: T }> {
  return { event_id: `msg_${ulid(at)}`, tenant_id: tenantId, at, type, data } as Extract<
    NewEvent,
    { type: T }
  >;
}

/** The row of an event in the outbox. */
export function outboxRow(event: NewEvent) {
  return { ...event, data: JSON.stringify(event.data) };
}

/** The body that is sent: Standard Webhooks, `{"type", "timestamp", "data"}`. */
export function eventBody(type: EventType, at: number, data: object): string {
  return JSON.stringify({ type, timestamp: new Date(at).toISOString(), data });
}
