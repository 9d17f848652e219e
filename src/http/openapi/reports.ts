/** The path by which clients report what became of a key. */
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { deliveryQuery, signatureHeaders } from '../../contract/delivery.ts';
import { reportBody, reportedView } from '../../contract/report.ts';
import { CLIENT_TOKENS } from './deliveries.ts';
import { headers } from './headers.ts';
import { refusals } from './refusals.ts';

const WHEN: Readonly<Record<number, string>> = {
  400: 'The request is not in its form: `detail` says what to send instead.',
  401: 'The token has ended, or is switched off.',
  403: 'The token is not valid, or may not be used like this.',
  404: 'You have had no such delivery, not unmasked, or not within 24 hours.',
  409: 'The delivery was reported on before.',
  429: 'Too many failed authentications from one network.',
  503: 'The report could not be recorded: send it again.',
};

export const REPORT_PATHS: ZodOpenApiPathsObject = {
  '/api/report': {
    post: {
      operationId: 'reportKey',
      tags: ['Getting a key'],
      summary: 'Report what became of a key',
      description:
        'Once for each delivery. A key that is `rate_limited` cools, and others serve in its place; one that is `unauthorized` three times in a row, in two networks and, where more than one caller uses the service, for two callers, is quarantined, unless it is the last one; `ok` resets what was held against it, and `error` holds nothing against it.',
      security: CLIENT_TOKENS,
      requestParams: {
        query: deliveryQuery.pick({ token: true, app_token: true }),
        header: signatureHeaders,
      },
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: reportBody,
            example: {
              delivery_id: '01JQ2V6Z8M4T5N7P9R0S1T2V3W',
              outcome: 'rate_limited',
              status: 429,
              retry_after_seconds: 20,
            },
          },
        },
      },
      responses: {
        202: {
          description: 'It is on record, and the key is like this now.',
          headers: headers('X-Request-Id'),
          content: {
            'application/json': {
              schema: reportedView,
              example: { key_id: 1, state: 'cooling', cooling_until: '2026-03-01T12:00:20.000Z' },
            },
          },
        },
        ...refusals(WHEN, [
          'missing token or service',
          'invalid request',
          'token expired',
          'token disabled',
          'invalid token',
          'ip not allowed',
          'referrer not allowed',
          'origin not allowed',
          'user agent not allowed',
          'country not allowed',
          'https required',
          'invalid signature',
          'unknown delivery',
          'already reported',
          'rate limit exceeded',
          'storage unavailable',
        ]),
      },
    },
  },
};
