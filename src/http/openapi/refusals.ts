/** The answers by which deliveries and reports are refused. */
import type { ZodOpenApiResponsesObject } from 'zod-openapi';
import { refusalView } from '../../contract/problems.ts';
import type { RefusalReason } from '../../domain/refusal.ts';
import { REFUSAL_STATUS } from '../errors.ts';
import { headers } from './headers.ts';

/** An answer for each status that these reasons have; `when` describes it. */
export function refusals(
  when: Readonly<Record<number, string>>,
  reasons: readonly RefusalReason[],
): ZodOpenApiResponsesObject {
  const byStatus = Map.groupBy(reasons, (reason) => REFUSAL_STATUS[reason]);
  return Object.fromEntries(
    [...byStatus]
      .toSorted(([one], [other]) => one - other)
      .map(([status, errors]) => {
        const limit = status === 429 ? ['Retry-After', 'RateLimit', 'RateLimit-Policy'] : [];
        if (errors.includes('no active keys')) limit.push('Retry-After');
        return [
          status,
          {
            description: when[status] ?? '',
            headers: headers('X-Request-Id', ...limit),
            content: { 'application/json': { schema: refusalView(errors, status) } },
          },
        ];
      }),
  );
}
