/** The errors that an operation of the administration can give, from what its route is. */
import { z } from 'zod';
import type { oas31, ZodOpenApiResponseObject } from 'zod-openapi';
import { problemView, refusalView } from '../../contract/problems.ts';
import type { ProblemCode } from '../../domain/problem.ts';
import type { Route } from '../admin/route.ts';
import { PROBLEM_STATUS } from '../errors.ts';
import { headers } from './headers.ts';
import type { Operation } from './operation.ts';

/** A path says for itself which methods it takes. */
type DocumentedCode = Exclude<ProblemCode, 'method not allowed'>;

const WHEN: Readonly<Record<DocumentedCode, string>> = {
  'invalid request': 'The request cannot be read, or a parameter of the query is wrong.',
  unauthorized: 'There is no valid admin token.',
  forbidden: 'The role of the token does not reach this, or the token may not be used from this address.',
  'not found': 'There is nothing here, or nothing that this token may see.',
  conflict: 'What is there stands against it, or the first request with this `Idempotency-Key` still runs.',
  'precondition failed': 'It was changed since it was read.',
  'payload too large': 'The body is larger than this route takes.',
  'unsupported media type': 'The body is of a type that this route does not take.',
  unprocessable: 'A member is wrong; or the `Idempotency-Key` came with another body before.',
  'rate limit exceeded':
    'Too many failed authentications, or four exports of the tenant, or of the whole vault, are under way.',
  'internal error': 'It failed: the request id leads to the log.',
  'storage unavailable':
    'Nothing was changed: try again in a moment. While it starts, the body is plain JSON.',
};

const FIELDS: Readonly<Partial<Record<DocumentedCode, string[]>>> = {
  unauthorized: ['WWW-Authenticate'],
  'rate limit exceeded': ['Retry-After'],
};

/** Name of the component → the answer. */
export const PROBLEM_RESPONSES = Object.fromEntries(
  Object.entries(PROBLEM_STATUS).flatMap(([error, status]) =>
    error in WHEN ? [[nameOf(error as DocumentedCode), problem(error as DocumentedCode, status)]] : [],
  ),
);

function problem(error: DocumentedCode, status: number): ZodOpenApiResponseObject {
  const starting = { 'application/json': { schema: refusalView([error], status) } };
  return {
    description: WHEN[error],
    headers: headers('X-Request-Id', ...(FIELDS[error] ?? [])),
    content: {
      'application/problem+json': { schema: problemView(error, status) },
      ...(error === 'storage unavailable' ? starting : {}),
    },
  };
}

/** `not found` → `NotFound`. */
function nameOf(error: DocumentedCode): string {
  return error.replaceAll(/(?:^| )([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

export function reference(error: DocumentedCode): oas31.ReferenceObject {
  return { $ref: `#/components/responses/${nameOf(error)}` };
}

/** Status → the problem that a call of the route can come to. */
export function problemsOf(route: Route, operation: Operation): Record<string, oas31.ReferenceObject> {
  const takesBody = route.body !== undefined || route.maxBodyBytes !== undefined;
  const wantsConfirmation = route.query instanceof z.ZodObject && 'confirm' in route.query.shape;
  const errors: DocumentedCode[] = ['invalid request', 'unauthorized', 'forbidden'];
  if (route.path.includes(':')) errors.push('not found');
  if (route.method === 'POST' || operation.conflicts) errors.push('conflict');
  if (route.method === 'PATCH') errors.push('precondition failed');
  if (takesBody) errors.push('payload too large', 'unsupported media type');
  if (takesBody || wantsConfirmation) errors.push('unprocessable');
  errors.push('rate limit exceeded', 'internal error', 'storage unavailable');
  return Object.fromEntries(errors.map((error) => [PROBLEM_STATUS[error], reference(error)]));
}
