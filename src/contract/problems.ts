/** What errors look like. */
import { z } from 'zod';

/** RFC 9457, with a stable `error`: a problem of the administration. */
export const problemView = (error: string, status: number) =>
  z.object({
    type: z.literal('about:blank'),
    title: z.literal(error),
    status: z.literal(status),
    detail: z.string().describe('What to do next.'),
    error: z.literal(error).describe('Stable: decide by it.'),
    request_id: z.string().describe('Leads to the log.'),
    ...(error === 'unprocessable' ? { errors: z.array(mistakeView).optional() } : {}),
  });

const mistakeView = z
  .object({
    pointer: z.string().describe('A JSON pointer (RFC 6901) to the member that is wrong.'),
    detail: z.string().describe('What it has to be.'),
  })
  .meta({ id: 'Mistake' });

/** A delivery that was refused, for one of these reasons. */
export const refusalView = (errors: readonly string[], status: number) =>
  z.object({
    error: z.enum(errors).describe('Stable: decide by it.'),
    status: z.literal(status),
    ...(status === 400 ? { detail: z.string().describe('What to send instead.') } : {}),
    request_id: z.string().describe('Leads to the log.'),
  });
