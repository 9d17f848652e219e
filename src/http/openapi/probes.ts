/** What an operator asks a running service. None of it takes a token. */
import { z } from 'zod';
import type {
  ZodOpenApiOperationObject,
  ZodOpenApiPathsObject,
  ZodOpenApiResponsesObject,
} from 'zod-openapi';
import { headers } from './headers.ts';
import { reference } from './problems.ts';

function probe(
  operationId: string,
  summary: string,
  responses: ZodOpenApiResponsesObject,
): { get: ZodOpenApiOperationObject } {
  const tags = ['Around it'];
  const get = { operationId, summary, tags, security: [] };
  return { get: { ...get, responses: { ...responses, 400: reference('invalid request') } } };
}

function answer(description: string, type: string, schema: z.ZodType, example?: unknown) {
  const content = { [type]: { schema, ...(example === undefined ? {} : { example }) } };
  return { description, headers: headers('X-Request-Id'), content };
}

const alive = z.object({ status: z.literal('alive') });
const ready = z.object({ status: z.literal('ready') });
const notReady = z.object({ status: z.literal('not ready'), why: z.string() });

export const PROBE_PATHS: ZodOpenApiPathsObject = {
  '/healthz': probe('isAlive', 'Whether the process lives', {
    200: answer('It lives, also while it waits for its database.', 'application/json', alive, {
      status: 'alive',
    }),
  }),
  '/readyz': probe('isReady', 'Whether it can serve', {
    200: answer('It can.', 'application/json', ready, { status: 'ready' }),
    503: answer('It cannot, or is stopping.', 'application/json', notReady, {
      status: 'not ready',
      why: 'draining',
    }),
  }),
  '/metrics': probe('metrics', 'Metrics for Prometheus, which name no tenant', {
    200: answer('In the text format of Prometheus.', 'text/plain', z.string()),
    500: reference('internal error'),
    503: reference('storage unavailable'),
  }),
};
