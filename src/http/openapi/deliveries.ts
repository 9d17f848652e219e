/** The paths by which a key is got. */
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { deliveredView, deliveryQuery, signatureHeaders } from '../../contract/delivery.ts';
import type { RefusalReason } from '../../domain/refusal.ts';
import { REFUSAL_STATUS } from '../errors.ts';
import { headers } from './headers.ts';
import { refusals } from './refusals.ts';

const DELIVERED = {
  service: 'openai',
  key_label: 'Primary',
  key: 'sk-••••••••••••••••••••••••zzZZ',
  masked: true,
  policy: 'manual',
  limits: { max_daily_requests: 10000 },
  meta: {
    key_id: 1,
    usage_today: 1,
    key_usage_today: 1,
    delivery_id: '01JQ2V6Z8M4T5N7P9R0S1T2V3W',
    expires_at: null,
    max_age_seconds: 0,
  },
};

const WHEN: Readonly<Record<number, string>> = {
  400: 'The request is not in its form: `detail` says what to send instead.',
  401: 'The token has ended, or is switched off.',
  403: 'The token is not valid, or may not be used like this.',
  404: 'The tenant has no such service.',
  429: 'A limit is reached.',
  500: 'The key does not open, and no other one serves in its place.',
  503: 'No key can serve, or the delivery could not be recorded: nothing left the vault.',
};

/** What only a report is refused for. */
const OF_REPORTS: readonly RefusalReason[] = ['unknown delivery', 'already reported'];
const REASONS = (Object.keys(REFUSAL_STATUS) as RefusalReason[]).filter(
  (reason) => !OF_REPORTS.includes(reason),
);

/** By which tokens keys are got. */
export const CLIENT_TOKENS: Record<string, string[]>[] = [
  { deliveryToken: [] },
  { appTokenInQuery: [] },
  { tokenInQuery: [] },
];

function operation(operationId: string, summary: string): ZodOpenApiOperationObject {
  return {
    operationId,
    tags: ['Getting a key'],
    summary,
    description:
      "By the service's policy, within the limits. The delivery is on disk before the key leaves; a refusal consumes nothing.",
    security: CLIENT_TOKENS,
    requestParams: { query: deliveryQuery, header: signatureHeaders },
    responses: {
      200: {
        description: 'A key. Demo tenants always get it masked.',
        headers: headers('X-Request-Id'),
        content: { 'application/json': { schema: deliveredView, example: DELIVERED } },
      },
      ...refusals(WHEN, REASONS),
    },
  };
}

export const DELIVERY_PATHS: ZodOpenApiPathsObject = {
  '/api/next': { get: operation('nextKey', 'Get a key') },
  '/api/next.php': { get: operation('nextKeyPhp', 'The same, where clients of the original guide ask') },
};
