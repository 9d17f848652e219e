/** What comes of a request for a key: the delivery with all that is to be recorded of it, or the refusal. */
import type { ClientFacts } from '../../domain/client-rules.ts';
import { dayLimit } from '../../domain/judge.ts';
import { maskKey } from '../../domain/mask.ts';
import type { Address } from '../../domain/network.ts';
import { type Choice, handedOutUntil, type KeyChange, takeTurn } from '../../domain/policy.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import { rememberedUntil, type SignedRequest } from '../../domain/signed-request.ts';
import type { DeliveryState, KeyConfig, ServiceSubject, TenantConfig } from '../../storage/configuration.ts';
import type { Delivered, Refused } from '../../storage/engine.ts';
import { nextDeliveryId } from './delivery-id.ts';
import { leftAlone, limitEvents } from './delivery-records.ts';
import { keyRecords } from './key-records.ts';

export interface DeliveryRequest {
  /** A token whose format and checksum are right. */
  readonly token: string;
  readonly service: string;
  readonly address: Address | null;
  /** What it says of the client, asked for only where an app has rules of it. */
  readonly client: () => ClientFacts;
  readonly mask: boolean;
  /** Absent where it is not signed. */
  readonly signature?: SignedRequest;
}

/** What the client gets. `key` is masked where `masked` says so; times in Unix milliseconds. */
export interface DeliveredKey {
  readonly service: string;
  readonly key_label: string;
  readonly key: string;
  readonly masked: boolean;
  readonly policy: string;
  readonly max_daily_requests: number | null;
  readonly key_id: number;
  readonly usage_today: number;
  readonly key_usage_today: number;
  readonly delivery_id: string;
  readonly expires_at: number | null;
  readonly max_age_seconds: number;
}

/** Whom a refusal is counted for: ids are 0 where the request named none that exists. */
export interface RefusedFor {
  readonly tenant_id: number;
  readonly app_id: number;
  readonly service_id: number;
}

export type DeliveryOutcome =
  | (Delivered & { answer: DeliveredKey })
  | (Refused & {
      refusedFor: RefusedFor | null;
      /** The data key of its tenant does not unwrap, so that no key of the tenant does. */
      dataKeyFailed: boolean;
    });

/** A key that did not decrypt. */
export interface BrokenKey {
  readonly tenant_id: number;
  readonly service_id: number;
  readonly key_id: number;
}

/** The keys that this delivery has found not to decrypt. */
export function brokenKeysOf(outcome: DeliveryOutcome): BrokenKey[] {
  const of = outcome.refusal === null ? outcome.delivery : outcome.refusedFor;
  if (of === null) return [];
  const { tenant_id, service_id } = of;
  return outcome.brokenKeys.map(({ id }) => ({ tenant_id, service_id, key_id: id }));
}

/** The key that was chosen, with what the choice changes, and those that were found broken on the way to it. */
export interface Chosen {
  readonly tenant: TenantConfig;
  readonly service: ServiceSubject;
  readonly key: KeyConfig;
  readonly changes: readonly KeyChange[];
  readonly clear: string;
  readonly broken: ReadonlyMap<number, KeyConfig> | null;
}

export function delivered(
  request: DeliveryRequest,
  state: DeliveryState,
  { tenant, service, key, changes, clear, broken }: Chosen,
): DeliveryOutcome {
  const { time, app } = state;
  const { config } = service;
  const masked = request.mask || tenant.demo;
  const usageToday = (service.day?.count ?? 0) + 1;
  const deliveryId = nextDeliveryId(time.now);

  const isCurrent = changes.length > 0 || key.id === config.current_key_id;
  const until = isCurrent ? handedOutUntil(config, key, activation(key, changes)) : key.expires_at;
  const ofKeys = broken === null && changes.length === 0 ? null : keyRecords(state, changes, broken);
  const ofLimits = limitEvents(tenant, service, app, usageToday, time.now);
  return {
    refusal: null,
    key,
    delivery: {
      delivery_id: deliveryId,
      at: time.now,
      tenant_id: tenant.id,
      service_id: config.id,
      key_id: key.id,
      app_id: app === null ? null : app.config.id,
      ip: request.address === null ? '' : request.address.text,
      masked: masked ? 1 : 0,
      usage_today: usageToday,
    },
    balance: takeTurn(key, service),
    nonce: nonceToSpend(request, state),
    changes,
    brokenKeys: broken === null ? [] : [...broken.values()],
    auditEntries: ofKeys === null ? [] : ofKeys.auditEntries,
    onceEvent: changes.length === 0 ? null : leftAlone(tenant, service, changes, broken, time),
    events: ofKeys === null ? ofLimits : [...ofKeys.events, ...ofLimits],
    answer: {
      service: config.slug,
      key_label: key.label,
      key: masked ? maskKey(clear) : clear,
      masked,
      policy: config.policy,
      max_daily_requests: config.max_daily_requests,
      key_id: key.id,
      usage_today: usageToday,
      key_usage_today: (service.keys.get(key.id)?.count ?? 0) + 1,
      delivery_id: deliveryId,
      expires_at: until,
      max_age_seconds: maxAge(config.max_age_seconds, until, time.now),
    },
  };
}

export function refused(
  refusal: Refusal,
  state: DeliveryState,
  broken: ReadonlyMap<number, KeyConfig> | null = null,
): Extract<DeliveryOutcome, Refused> {
  const { credential, app, service } = state;
  return {
    refusal,
    brokenKeys: broken === null ? [] : [...broken.values()],
    ...keyRecords(state, [], broken),
    dataKeyFailed: false,
    refusedFor:
      credential === null
        ? null
        : {
            tenant_id: credential.tenant_id,
            app_id: app?.config.id ?? 0,
            service_id: service?.config.id ?? 0,
          },
  };
}

/** Where the keys that are left would serve but for a broken one, it is the broken one that the caller must hear of. */
export function noKey(
  choice: Extract<Choice, { key: null }>,
  state: DeliveryState,
  broken: ReadonlyMap<number, KeyConfig> | null,
): Refusal {
  const { service, time } = state;
  const { reason } = choice;
  if (reason === 'key daily limit reached' && service?.day) {
    return refuse(reason, dayLimit('key-day', service.config.keys.largestDailyLimit, service.day, time.now));
  }
  if (choice.reason === 'no active keys' && choice.back_at !== null) {
    return { reason, retry_after_seconds: Math.max(1, Math.ceil((choice.back_at - time.now) / 1000)) };
  }
  return refuse(broken !== null || service?.config.keys.anyBroken ? 'key decrypt failed' : reason);
}

/** Refused requests keep theirs: what failed for another reason may be sent again as it is. */
export function nonceToSpend(
  { signature }: Pick<DeliveryRequest, 'signature'>,
  { app, time }: DeliveryState,
): Delivered['nonce'] {
  if (app === null || !app.config.require_signature || signature === undefined) return null;
  return {
    app_id: app.config.id,
    nonce: signature.nonce,
    until: rememberedUntil(signature, time.now),
  };
}

function activation(key: KeyConfig, changes: readonly KeyChange[]): number | null {
  for (const change of changes) {
    if (change.key_id === key.id && change.activated_at !== undefined) return change.activated_at;
  }
  return key.activated_at;
}

/** How long the client may use the key before it asks again: the service's setting, or less where the key ends sooner. */
function maxAge(setting: number, until: number | null, now: number): number {
  return until === null ? setting : Math.max(0, Math.min(setting, Math.floor((until - now) / 1000)));
}
