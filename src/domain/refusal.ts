import type { RateLimitName } from './rate-limit-fields.ts';

/**
 * The reasons for which a delivery is refused, word for word as the contract's error table has them.
 * Which status each has is http's affair.
 */
export type RefusalReason =
  | 'missing token or service'
  | 'invalid request'
  | 'token expired'
  | 'token disabled'
  | 'invalid token'
  | 'ip not allowed'
  | 'referrer not allowed'
  | 'origin not allowed'
  | 'user agent not allowed'
  | 'country not allowed'
  | 'https required'
  | 'invalid signature'
  | 'service not allowed'
  | 'unknown service'
  | 'unknown delivery'
  | 'already reported'
  | 'service daily limit reached'
  | 'app daily limit reached'
  | 'key daily limit reached'
  | 'rate limit exceeded'
  | 'demo throttle'
  | 'key decrypt failed'
  | 'no active keys'
  | 'service disabled'
  | 'storage unavailable';

/** The limit that refused: what a client needs for `Retry-After` and the `RateLimit` fields. Seconds are whole. */
export interface RefusedLimit {
  readonly name: RateLimitName;
  readonly quota: number;
  readonly window_seconds: number;
  readonly retry_after_seconds: number;
}

export interface Refusal {
  readonly reason: RefusalReason;
  readonly limit?: RefusedLimit;
  /** When it is worth asking again, where that is known without a limit. */
  readonly retry_after_seconds?: number;
  /** For the caller: what is wrong with the form of the request. Holds nothing of what was sent. */
  readonly detail?: string;
}

export function refuse(reason: RefusalReason, limit?: RefusedLimit): Refusal {
  return limit === undefined ? { reason } : { reason, limit };
}
