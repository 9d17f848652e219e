/** Holds what a vault really answers against the OpenAPI document that it serves. */
import { readFileSync } from 'node:fs';
import type { Headers } from 'undici';
import { z } from 'zod';
import type { OpenApiDocument } from '../../src/http/openapi/document.ts';

type JsonSchema = Parameters<typeof z.fromJSONSchema>[0];

export interface Media {
  readonly schema: JsonSchema;
  readonly example?: unknown;
}

export interface Answer {
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, Media>>;
}

export interface DocumentedOperation {
  readonly operationId: string;
  /** As in `GET /admin/v1/tenants/{tenant}`. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly pattern: RegExp;
  readonly 'x-roles'?: readonly string[];
  readonly parameters?: readonly { readonly $ref?: string; readonly name?: string }[];
  readonly requestBody?: { readonly required: boolean; readonly content: Record<string, Media> };
  readonly responses: Readonly<Record<string, Answer & { readonly $ref?: string }>>;
}

const FILE = new URL('../../src/http/openapi/openapi.json', import.meta.url);
/** Where one of them is, the document has it; those of `ALWAYS` are wherever the document has them, but for the 503 of no active keys. */
const ALWAYS = ['X-Request-Id', 'ETag', 'Location', 'WWW-Authenticate', 'Retry-After'];
const HEADERS = [...ALWAYS, 'RateLimit', 'RateLimit-Policy', 'Idempotent-Replayed'];

export const openApiText: string = readFileSync(FILE, 'utf8');
export const openApi: OpenApiDocument = JSON.parse(openApiText);

export const OPERATIONS: readonly DocumentedOperation[] = Object.entries(openApi.paths ?? {}).flatMap(
  ([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      ...(operation as DocumentedOperation),
      path,
      pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
      method: method.toUpperCase(),
      name: `${method.toUpperCase()} ${path}`,
    })),
);

/** No member that is not documented: the document itself leaves room for those of later versions. */
function strict(text: string): Record<string, unknown> {
  return JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/'), (_name, value) =>
    value?.type === 'object' && value.properties !== undefined && value.additionalProperties === undefined
      ? { ...value, additionalProperties: false }
      : value,
  );
}

const $defs = strict(JSON.stringify(openApi.components?.schemas)) as Record<string, JsonSchema>;

export function answerOf({ responses }: DocumentedOperation, status: number): Answer | undefined {
  const answer = responses[status];
  const name = answer?.$ref?.split('/').at(-1);
  return name === undefined ? answer : (openApi.components?.responses?.[name] as Answer);
}

const validators = new Map<string, z.ZodType>();

/** What is wrong with a value by a schema of the document. */
export function violations(schema: JsonSchema, value: unknown): string[] {
  const text = JSON.stringify(schema);
  let validator = validators.get(text);
  if (validator === undefined) {
    validator = z.fromJSONSchema({ ...strict(text), $defs } as JsonSchema);
    validators.set(text, validator);
  }
  const { error } = validator.safeParse(value);
  return error === undefined ? [] : error.issues.map(({ path, message }) => `/${path.join('/')}: ${message}`);
}

/** The operation that a request comes to; a path without parameters goes before one with them. */
export function operationOf(method: string, url: string): DocumentedOperation | undefined {
  const path = url.split('?')[0] ?? '';
  const found = OPERATIONS.filter((each) => each.method === method && each.pattern.test(path));
  return found.toSorted((one, other) => one.path.split('{').length - other.path.split('{').length)[0];
}

/** Throws unless the document says that a request may be answered like this; what it has no operation for is not its affair. */
export function expectDocumented(
  method: string,
  url: string,
  reply: {
    readonly status: number;
    readonly headers: Headers;
    readonly text: string;
    readonly body: unknown;
  },
): void {
  const operation = operationOf(method, url);
  if (operation === undefined) return;
  const wrong = objections(operation, reply);
  if (wrong.length === 0) return;
  throw new Error(
    `${operation.name} answered ${reply.status}, which src/http/openapi/openapi.json does not say (${wrong.slice(0, 5).join('; ')}): correct the schema of the answer in src/contract, or the operation in src/http/openapi/operations, and run npm run openapi`,
  );
}

function objections(
  operation: DocumentedOperation,
  reply: {
    readonly status: number;
    readonly headers: Headers;
    readonly text: string;
    readonly body: unknown;
  },
): string[] {
  const answer = answerOf(operation, reply.status);
  if (answer === undefined) return ['no such status'];
  const documented = Object.keys(answer.headers ?? {});
  const wrong = [
    ...HEADERS.filter((name) => reply.headers.has(name) && !documented.includes(name)).map(
      (name) => `the header ${name}`,
    ),
    ...ALWAYS.filter((name) => !reply.headers.has(name) && documented.includes(name))
      // Of the reasons for it, only one may know when it will be over.
      .filter((name) => name !== 'Retry-After' || reply.status !== 503)
      .map((name) => `no header ${name}`),
  ];
  const type = reply.headers.get('content-type')?.split(';')[0];
  if (answer.content === undefined) return reply.text === '' ? wrong : [...wrong, 'a body'];
  const media = answer.content[type ?? ''];
  if (media === undefined) return [...wrong, `the type ${type}`];
  return [
    ...wrong,
    ...violations(
      media.schema,
      /^application\/(?:problem\+)?json$/.test(type ?? '') ? reply.body : reply.text,
    ),
  ];
}
