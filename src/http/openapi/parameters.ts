/** Parameters that many routes share, and which of them a route has. */
import type { oas31 } from 'zod-openapi';
import { SLUG_PATTERN } from '../../contract/common.ts';
import type { Route } from '../admin/route.ts';

const slug: oas31.SchemaObject = { type: 'string', pattern: SLUG_PATTERN };
const TAG = '(?:W/)?"[!#-~]*"';
const id: oas31.SchemaObject = { type: 'integer', minimum: 1 };

function inPath(name: string, description: string, schema: oas31.SchemaObject, example: unknown) {
  return { name, in: 'path', required: true, description, schema, example } as const;
}

export const PARAMETERS = {
  tenant: inPath('tenant', 'The slug of the tenant.', slug, 'acme'),
  service: inPath('service', 'The slug of the service.', slug, 'openai'),
  group: inPath('group', 'The slug of the group.', slug, 'llm'),
  id: inPath('id', 'Its id.', id, 1),
  delivery: inPath('delivery', 'The id of an attempt.', id, 1),
  limit: {
    name: 'limit',
    in: 'query',
    description: 'How many there are on a page.',
    schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
  },
  cursor: {
    name: 'cursor',
    in: 'query',
    description: 'The `next_cursor` of the page before.',
    schema: { type: 'string', pattern: '^[A-Za-z0-9_-]+$' },
  },
  ifMatch: {
    name: 'If-Match',
    in: 'header',
    description: 'The `ETag` of what was read: it is a 412 where somebody else has changed it since.',
    schema: { type: 'string', pattern: `^(?:\\*|${TAG}(?:\\s*,\\s*${TAG})*)$` },
  },
  idempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'Best a UUID: sent again within 24 hours, the request is carried out once, and answered as the first time.',
    schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' },
  },
} as const satisfies Record<string, oas31.ParameterObject>;

export type ParameterName = keyof typeof PARAMETERS;

/** The shared parameters of a route. */
export function parametersOf(route: Route): oas31.ReferenceObject[] {
  const names = namesInPath(route.path);
  if (route.list) names.push('limit', 'cursor');
  if (route.method === 'PATCH') names.push('ifMatch');
  if (route.method === 'POST') names.push('idempotencyKey');
  return names.map((name) => ({ $ref: `#/components/parameters/${name}` }));
}

function namesInPath(path: string): ParameterName[] {
  return [...path.matchAll(/:([a-z]+)/g)].map(([, name = '']) => {
    if (name in PARAMETERS) return name as ParameterName;
    throw new Error(`${path}: say in src/http/openapi/parameters.ts what the parameter ${name} is`);
  });
}
