/** Reporting what became of a key. */
import { z } from 'zod';
import { REPORT_OUTCOMES } from '../domain/key-health.ts';
import { SHOWN_KEY_STATES } from '../domain/policy-key.ts';
import { shownId, shownTime } from './common.ts';

export const reportBody = z
  .strictObject({
    delivery_id: z
      .string()
      .min(1, 'must not be empty')
      .max(100, 'must be at most 100 characters')
      .describe('That of the delivery by which you got the key.'),
    outcome: z
      .enum(REPORT_OUTCOMES)
      .describe(
        '`ok`: the provider took it. `rate_limited`: it is used too much (429). `unauthorized`: the provider does not take it (401, 403). `error`: anything else, as a 5xx, a time-out or a bad request.',
      ),
    status: z
      .int()
      .min(100, 'must be from 100 to 599')
      .max(599, 'must be from 100 to 599')
      .optional()
      .describe('What the provider answered, for the audit trail.'),
    retry_after_seconds: z
      .int()
      .min(0, 'must be 0 or more')
      .optional()
      .describe("The provider's `Retry-After`; more than an hour counts as an hour."),
  })
  .meta({ id: 'Report' });
export type ReportBody = z.output<typeof reportBody>;

export const reportedView = z
  .object({
    key_id: shownId,
    state: z.enum(SHOWN_KEY_STATES),
    cooling_until: shownTime.nullable().describe('When a key that cools is back.'),
  })
  .meta({ id: 'Reported' });
