/**
 * Whether a request may have a key at all, in the contract's order: token, token state, network and other restrictions, service, access, rate
 * limits, daily limits. The request's form was judged before, and the key is chosen after. Pure.
 */
import { type ClientFacts, type ClientRules, judgeClient } from './client-rules.ts';
import type { ClockReading, ProcessReading } from './clock.ts';
import { type Address, type AddressList, admits, clientNetwork } from './network.ts';
import type { NetworkThrottle } from './network-throttle.ts';
import { judgeRateLimit, type RateLimit, type RateUsed } from './rate-limit.ts';
import { type Refusal, type RefusedLimit, refuse } from './refusal.ts';
import type { Window } from './window.ts';

/** Demo tenants: 30 deliveries a minute per client network. */
export const DEMO_THROTTLE = { limit: 30, windowMs: 60_000, maxNetworks: 20_000 } as const;

export interface Credential {
  readonly tenant_id: number;
  /** Null for a client token. */
  readonly app_id: number | null;
  /** Set once the token was rotated: it ends then. */
  readonly valid_until: number | null;
}

export interface JudgedTenant {
  readonly status: 'active' | 'suspended';
  readonly demo: boolean;
  readonly addresses: AddressList;
}

export interface JudgedApp {
  readonly id: number;
  readonly enabled: boolean;
  readonly expires_at: number | null;
  readonly addresses: AddressList;
  /** Null where it asks for nothing. */
  readonly client: ClientRules | null;
  readonly require_signature: boolean;
  readonly max_daily_requests: number | null;
  readonly rate_limit: RateLimit | null;
  readonly all_services: boolean;
  readonly service_ids: ReadonlySet<number>;
}

export interface JudgedService {
  readonly id: number;
  readonly enabled: boolean;
  readonly max_daily_requests: number | null;
}

export interface Request {
  readonly address: Address | null;
  /** Asked for only where the app has rules of it. */
  readonly client: () => ClientFacts;
}

/** Everything that a judgement rests on. A tenant without its token's credential, or an app token without its app, never occurs. */
export interface Judged {
  readonly credential: Credential | null;
  readonly tenant: JudgedTenant | null;
  readonly app: JudgedApp | null;
  readonly service: JudgedService | null;
  /** Whether the request is signed as the app wants, with a nonce of its own; asked for only where it wants that. */
  readonly signed: () => boolean;
  readonly service_day: Window | null;
  readonly app_day: Window | null;
  /** Null where the app has no rate limit. */
  readonly app_rate: RateUsed | null;
}

/** The refusal, or null where the request may have a key. Charges nothing. */
export function judge(
  request: Request,
  judged: Judged,
  time: ProcessReading,
  demoThrottle: NetworkThrottle,
): Refusal | null {
  const { tenant, app, service } = judged;
  const refusal = judgeCaller(request, judged, time);
  if (refusal !== null || tenant === null) return refusal;
  return (
    judgeService(service, app) ??
    judgeDemo(request, tenant, time.now, demoThrottle) ??
    judgeRate(judged, time) ??
    judgeDailyLimits(judged, time)
  );
}

/** Why whoever sends the request is not let in, whatever it is about; null where they are. */
export function judgeCaller(
  request: Request,
  judged: Pick<Judged, 'credential' | 'tenant' | 'app' | 'signed'>,
  time: ClockReading,
): Refusal | null {
  const { credential, tenant, app } = judged;
  if (credential === null || tenant === null) return refuse('invalid token');
  if (credential.valid_until !== null && time.now >= credential.valid_until) return refuse('invalid token');
  if (credential.app_id !== null && app === null) return refuse('invalid token');
  return (
    judgeState(tenant, app, time.now) ??
    judgeNetwork(request, tenant, app) ??
    judgeRules(request, app) ??
    judgeSignature(judged)
  );
}

function judgeState(tenant: JudgedTenant, app: JudgedApp | null, now: number): Refusal | null {
  if (tenant.status === 'suspended') return refuse('token disabled');
  if (app === null) return null;
  if (!app.enabled) return refuse('token disabled');
  if (app.expires_at !== null && now >= app.expires_at) return refuse('token expired');
  return null;
}

function judgeNetwork(request: Request, tenant: JudgedTenant, app: JudgedApp | null): Refusal | null {
  if (!admits(tenant.addresses, request.address)) return refuse('ip not allowed');
  if (app !== null && !admits(app.addresses, request.address)) return refuse('ip not allowed');
  return null;
}

function judgeRules(request: Request, app: JudgedApp | null): Refusal | null {
  if (app === null || app.client === null) return null;
  const reason = judgeClient(app.client, request.client());
  return reason === null ? null : refuse(reason);
}

function judgeSignature({ app, signed }: Pick<Judged, 'app' | 'signed'>): Refusal | null {
  if (app === null || !app.require_signature) return null;
  return signed() ? null : refuse('invalid signature');
}

function judgeService(service: JudgedService | null, app: JudgedApp | null): Refusal | null {
  if (service === null) return refuse('unknown service');
  if (!service.enabled) return refuse('service disabled');
  if (app !== null && !app.all_services && !app.service_ids.has(service.id))
    return refuse('service not allowed');
  return null;
}

function judgeDemo(
  request: Request,
  tenant: JudgedTenant,
  now: number,
  throttle: NetworkThrottle,
): Refusal | null {
  if (!tenant.demo) return null;
  const wait = throttle.retryAfter(clientNetwork(request.address), now);
  if (wait === 0) return null;
  return refuse('demo throttle', {
    name: 'demo',
    quota: DEMO_THROTTLE.limit,
    window_seconds: DEMO_THROTTLE.windowMs / 1000,
    retry_after_seconds: wait,
  });
}

function judgeRate({ app, app_rate: used }: Judged, time: ProcessReading): Refusal | null {
  if (app === null || app.rate_limit === null || used === null) return null;
  const limit = judgeRateLimit(app.rate_limit, used, time);
  return limit === null ? null : refuse('rate limit exceeded', limit);
}

function judgeDailyLimits(judged: Judged, time: ClockReading): Refusal | null {
  const { service, app, service_day: serviceDay, app_day: appDay } = judged;
  if (
    service?.max_daily_requests != null &&
    serviceDay !== null &&
    serviceDay.count >= service.max_daily_requests
  ) {
    return refuse(
      'service daily limit reached',
      dayLimit('service-day', service.max_daily_requests, serviceDay, time.now),
    );
  }
  if (app?.max_daily_requests != null && appDay !== null && appDay.count >= app.max_daily_requests) {
    return refuse('app daily limit reached', dayLimit('app-day', app.max_daily_requests, appDay, time.now));
  }
  return null;
}

/** What a client is told of a spent day: when it ends, at least a second from now. */
export function dayLimit(name: RefusedLimit['name'], quota: number, day: Window, now: number): RefusedLimit {
  return {
    name,
    quota,
    window_seconds: Math.round((day.ends_at - day.starts_at) / 1000),
    retry_after_seconds: Math.max(1, Math.ceil((day.ends_at - now) / 1000)),
  };
}
