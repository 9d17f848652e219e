/** The paths of the administration: its routes, and what is said of them. */
import { z } from 'zod';
import type {
  ZodOpenApiOperationObject,
  ZodOpenApiPathsObject,
  ZodOpenApiRequestBodyObject,
  ZodOpenApiResponseObject,
} from 'zod-openapi';
import { PERMISSIONS, rolesThatMay } from '../../domain/roles.ts';
import type { Route } from '../admin/route.ts';
import { ROUTES } from '../admin/routes.ts';
import { headers } from './headers.ts';
import type { Operation, Operations } from './operation.ts';
import { ADMIN_TOKENS } from './operations/admin-tokens.ts';
import { APPS } from './operations/apps.ts';
import { EMAILS } from './operations/emails.ts';
import { GROUPS } from './operations/groups.ts';
import { KEYS_OPERATIONS } from './operations/keys.ts';
import { RECORDS } from './operations/records.ts';
import { SERVICES } from './operations/services.ts';
import { TENANTS } from './operations/tenants.ts';
import { WEBHOOKS } from './operations/webhooks.ts';
import { parametersOf } from './parameters.ts';
import { problemsOf } from './problems.ts';

/** Tag → its operations. */
const ADMINISTRATION: Readonly<Record<string, Operations>> = {
  Tenants: TENANTS,
  Services: SERVICES,
  Keys: KEYS_OPERATIONS,
  Apps: APPS,
  Groups: GROUPS,
  Webhooks: WEBHOOKS,
  Emails: EMAILS,
  'Admin tokens': ADMIN_TOKENS,
  'Usage and audit': RECORDS,
};

/** Throws where a route has no operation, or an operation no route: the message says what to do. */
export function administrationPaths(): ZodOpenApiPathsObject {
  const routes = new Map(ROUTES.map((route) => [`${route.method} ${route.path}`, route]));
  const paths: ZodOpenApiPathsObject = {};
  for (const [tag, operations] of Object.entries(ADMINISTRATION)) {
    for (const [name, operation] of Object.entries(operations)) {
      const route = routes.get(name);
      if (route === undefined) throw new Error(`src/http/openapi/operations: there is no route ${name}`);
      routes.delete(name);
      const path = `/admin/v1${route.path.replaceAll(/:([a-z]+)/g, '{$1}')}`;
      paths[path] = { ...paths[path], [route.method.toLowerCase()]: describe(tag, route, operation) };
    }
  }
  const [missing] = routes.keys();
  if (missing === undefined) return paths;
  throw new Error(
    `${missing} is not in the OpenAPI document: add its operation to a file of src/http/openapi/operations, then run npm run openapi`,
  );
}

function describe(tag: string, route: Route, operation: Operation): ZodOpenApiOperationObject {
  const { means, roles } = PERMISSIONS[route.permission];
  const who = `For ${rolesThatMay(route.permission)}, who may ${means}.`;
  const body = bodyOf(route, operation);
  return {
    operationId: operation.id,
    tags: [tag],
    summary: operation.summary,
    description: [operation.description, who].filter((part) => part !== undefined).join('\n\n'),
    'x-roles': roles,
    parameters: parametersOf(route),
    ...(route.query instanceof z.ZodObject ? { requestParams: { query: route.query } } : {}),
    ...(body === null ? {} : { requestBody: body }),
    responses: { [operation.answer.status]: success(route, operation), ...problemsOf(route, operation) },
  };
}

function bodyOf({ body }: Route, { takes, bodies }: Operation): ZodOpenApiRequestBodyObject | null {
  if (bodies !== undefined) return { required: true, content: bodies };
  if (body === undefined) return null;
  const required = !body.safeParse({}).success;
  const example = takes === undefined ? {} : { example: takes };
  return { required, content: { 'application/json': { schema: body, ...example } } };
}

const DESCRIPTIONS = { 200: 'Done.', 201: 'Made.', 202: 'Taken.', 204: 'Deleted.' } as const;

function success(route: Route, { answer }: Operation): ZodOpenApiResponseObject {
  const fields = ['X-Request-Id'];
  if (answer.status === 201) fields.push('Location');
  if (route.tagged !== undefined) fields.push('ETag');
  if (route.method === 'POST') fields.push('Idempotent-Replayed');
  const content = answer.status === 204 ? {} : { content: answer.content };
  return { description: DESCRIPTIONS[answer.status], headers: headers(...fields), ...content };
}
