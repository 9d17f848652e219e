import type { Request, Response } from 'express';
import { Problem } from '../../domain/problem.ts';
import type { IdempotentRequest } from '../../operations/idempotency.ts';
import type { Route } from './route.ts';

/** Null where none was sent. Throws a Problem for one that cannot be read. */
export function idempotencyKey(request: Request): string | null {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new Problem(
    'invalid request',
    'An Idempotency-Key is 1 to 255 printable ASCII characters without spaces.',
  );
}

/** What is repeated when the request is sent again. */
export function requestOf(each: Route, request: Request, response: Response, key: string): IdempotentRequest {
  const { body, params }: { body: unknown; params: Record<string, unknown> } = request;
  return {
    caller: response.locals.caller.actor.id,
    tenant: typeof params.tenant === 'string' ? params.tenant : null,
    path: `${request.baseUrl}${request.path}`,
    key,
    body: typeof body === 'string' ? body : JSON.stringify(body ?? {}),
    units: each.units ?? 'one',
  };
}
