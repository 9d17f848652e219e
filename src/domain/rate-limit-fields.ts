/** The quota policies that clients are told about. */
export type RateLimitName =
  | 'service-day'
  | 'app-day'
  | 'key-day'
  | 'app-second'
  | 'app-minute'
  | 'app-hour'
  | 'demo'
  | 'auth';

/** A quota and what is left of it: `quota` and `remaining` in requests, `windowSeconds` and `resetSeconds` in seconds. */
export type RateLimitState = {
  readonly name: RateLimitName;
  readonly quota: number;
  readonly windowSeconds: number;
  readonly remaining: number;
  readonly resetSeconds: number;
};

export type RateLimitFields = {
  'RateLimit-Policy': string;
  RateLimit: string;
  'Retry-After'?: string;
};

/** The largest Integer of RFC 9651 (section 3.3.1). */
const MAX_INTEGER = 999_999_999_999_999;

function integer(value: number, least: number): number {
  return Math.min(Math.max(value, least), MAX_INTEGER);
}

/**
 * The response fields that describe one quota: `RateLimit-Policy: "service-day";q=100;w=86400` and
 * `RateLimit: "service-day";r=0;t=3600` (draft-ietf-httpapi-ratelimit-headers-11, sections 3 and 4), each a
 * one-member List of RFC 9651, so that several quotas may be joined with `, `. What is left is rounded down and what
 * is to wait rounded up; values outside the ranges of the draft become the nearest within.
 *
 * `Retry-After` (RFC 9110, section 10.2.3) is there when nothing remains: in whole seconds, at least 1, and not
 * before the end of the effective window `t` (section 6 of the draft). It is meant for the refusal itself.
 */
export function rateLimitFields(state: RateLimitState): RateLimitFields {
  const quota = integer(Math.floor(state.quota), 0);
  const window = integer(Math.ceil(state.windowSeconds), 1);
  const remaining = integer(Math.floor(state.remaining), 0);
  const reset = integer(Math.ceil(state.resetSeconds), 0);
  const fields: RateLimitFields = {
    'RateLimit-Policy': `"${state.name}";q=${quota};w=${window}`,
    RateLimit: `"${state.name}";r=${remaining};t=${reset}`,
  };
  if (remaining === 0) fields['Retry-After'] = String(Math.max(reset, 1));
  return fields;
}
