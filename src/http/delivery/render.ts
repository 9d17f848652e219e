/** The bodies and header fields of the delivery path. */
import type { ServerResponse } from 'node:http';
import { rateLimitFields } from '../../domain/rate-limit-fields.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { DeliveredKey } from '../../operations/delivery/delivery-outcome.ts';
import type { Reported } from '../../operations/reports/report.ts';
import { REFUSAL_STATUS } from '../errors.ts';

/** The body of a 200. */
export function renderDelivered(answer: DeliveredKey): string {
  const expiresAt = answer.expires_at === null ? null : new Date(answer.expires_at).toISOString();
  return JSON.stringify({
    service: answer.service,
    key_label: answer.key_label,
    key: answer.key,
    masked: answer.masked,
    policy: answer.policy,
    limits: { max_daily_requests: answer.max_daily_requests },
    meta: {
      key_id: answer.key_id,
      usage_today: answer.usage_today,
      key_usage_today: answer.key_usage_today,
      delivery_id: answer.delivery_id,
      expires_at: expiresAt,
      max_age_seconds: answer.max_age_seconds,
    },
  });
}

/** Ends `response` with a 200 and `body`. */
export function sendDelivered(response: ServerResponse, requestId: string, body: string): void {
  send(response, 200, requestId, body, []);
}

/** Ends `response` with a 202: the report is on record, and the key is like this then. */
export function sendReported(
  response: ServerResponse,
  requestId: string,
  { key_id, state, cooling_until }: Extract<Reported, { refusal: null }>,
): void {
  send(response, 202, requestId, JSON.stringify({ key_id, state, cooling_until }), []);
}

/** Ends `response` as the error table says. */
export function sendRefusal(response: ServerResponse, requestId: string, refusal: Refusal): void {
  const fields: string[] = [];
  if (refusal.limit !== undefined) {
    const { name, quota, window_seconds, retry_after_seconds } = refusal.limit;
    const limit = {
      name,
      quota,
      windowSeconds: window_seconds,
      remaining: 0,
      resetSeconds: retry_after_seconds,
    };
    for (const [field, value] of Object.entries(rateLimitFields(limit))) fields.push(field, value);
  }
  const status = REFUSAL_STATUS[refusal.reason];
  const { reason: error, detail, retry_after_seconds: wait } = refusal;
  if (wait !== undefined) fields.push('Retry-After', String(wait));
  const body = JSON.stringify({ error, status, detail, request_id: requestId });
  send(response, status, requestId, body, fields);
}

/** Ends `response` with the 405 of every method but `allowed`. */
export function sendMethodNotAllowed(response: ServerResponse, requestId: string, allowed: string): void {
  const body = JSON.stringify({ error: 'method not allowed', status: 405, request_id: requestId });
  send(response, 405, requestId, body, ['Allow', allowed]);
}

function send(
  response: ServerResponse,
  status: number,
  requestId: string,
  body: string,
  fields: readonly string[],
): void {
  response.writeHead(status, [
    'Content-Type',
    'application/json; charset=utf-8',
    'Content-Length',
    String(Buffer.byteLength(body)),
    'Cache-Control',
    'no-store',
    'X-Content-Type-Options',
    'nosniff',
    'X-Request-Id',
    requestId,
    ...fields,
  ]);
  response.end(body);
}
