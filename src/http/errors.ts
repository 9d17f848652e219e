/** The only table of which error has which status. The words are the contract's. */
import type { ProblemCode } from '../domain/problem.ts';
import type { RefusalReason } from '../domain/refusal.ts';

export const REFUSAL_STATUS: Readonly<Record<RefusalReason, number>> = {
  'missing token or service': 400,
  'invalid request': 400,
  'token expired': 401,
  'token disabled': 401,
  'invalid token': 403,
  'ip not allowed': 403,
  'referrer not allowed': 403,
  'origin not allowed': 403,
  'user agent not allowed': 403,
  'country not allowed': 403,
  'https required': 403,
  'invalid signature': 403,
  'service not allowed': 403,
  'unknown service': 404,
  'unknown delivery': 404,
  'already reported': 409,
  'service daily limit reached': 429,
  'app daily limit reached': 429,
  'key daily limit reached': 429,
  'rate limit exceeded': 429,
  'demo throttle': 429,
  'key decrypt failed': 500,
  'no active keys': 503,
  'service disabled': 503,
  'storage unavailable': 503,
};

export const PROBLEM_STATUS: Readonly<Record<ProblemCode, number>> = {
  'invalid request': 400,
  unauthorized: 401,
  forbidden: 403,
  'not found': 404,
  'method not allowed': 405,
  conflict: 409,
  'precondition failed': 412,
  'payload too large': 413,
  'unsupported media type': 415,
  unprocessable: 422,
  'rate limit exceeded': 429,
  'internal error': 500,
  'storage unavailable': 503,
};
