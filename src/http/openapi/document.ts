/** The OpenAPI document of everything that the service answers, made of the contract and of the table of routes. */
import { readFileSync } from 'node:fs';
import { createDocument, type ZodOpenApiOverrideContext } from 'zod-openapi';
import { administrationPaths } from './administration.ts';
import { DELIVERY_PATHS } from './deliveries.ts';
import { HEADERS } from './headers.ts';
import { MESSAGES } from './messages.ts';
import { PARAMETERS } from './parameters.ts';
import { PROBE_PATHS } from './probes.ts';
import { PROBLEM_RESPONSES } from './problems.ts';
import { REPORT_PATHS } from './reports.ts';

export type OpenApiDocument = ReturnType<typeof createDocument>;

const ABOUT = `A vault for the API keys of providers: it hands out the right key by the policy of a service.

Bodies are JSON in UTF-8. A member of a request that is not known, or is twice in one object, is an error, and so is a query parameter of
the administration that is not known; an answer may gain members in later versions.
Times are RFC 3339. Errors have a stable \`error\`; every answer has an \`X-Request-Id\`, and none may be cached.

Besides what the operations say: a path that there is not is a 404, a method that a path does not take a 405 with \`Allow\`,
what is no HTTP a 400, a request that takes too long a 408, and a URL and headers of 16 KiB or more a 431.`;

const TAGS = {
  'Getting a key': 'What backends ask for, with a client token or the token of an app.',
  Tenants: 'Customers or teams, who see nothing of each other.',
  Services: 'The providers that a tenant uses, each with a policy and limits.',
  Keys: 'The keys of a service. They go in, and come out masked.',
  Apps: 'Programs with a token of their own: which services they reach, from where, how often and until when.',
  Groups: 'Services that apps reach together.',
  Webhooks: 'Who is told of what happens.',
  'Admin tokens': 'Who may administer, and how far.',
  'Usage and audit': 'What was handed out and refused, and who changed what.',
  'Around it': 'For whoever operates it: these take no token.',
};

/** Throws where a route is not described, or something is described that is no route. */
export function openApiDocument(): OpenApiDocument {
  return createDocument(
    {
      openapi: '3.1.1',
      info: {
        title: 'KeyRotator',
        version: packageVersion(),
        description: ABOUT,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/', description: 'Where this document comes from.' }],
      security: [{ adminToken: [] }],
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      paths: { ...DELIVERY_PATHS, ...REPORT_PATHS, ...administrationPaths(), ...PROBE_PATHS },
      webhooks: MESSAGES,
      components: {
        securitySchemes: {
          adminToken: {
            type: 'http',
            scheme: 'bearer',
            description: 'An admin token: that of root, or one that a person has.',
          },
          deliveryToken: {
            type: 'http',
            scheme: 'bearer',
            description: 'The client token of a tenant, or the token of an app.',
          },
          tokenInQuery: { type: 'apiKey', in: 'query', name: 'token', description: 'A client token.' },
          appTokenInQuery: { type: 'apiKey', in: 'query', name: 'app_token', description: "An app's token." },
        },
        headers: HEADERS,
        parameters: PARAMETERS,
        responses: PROBLEM_RESPONSES,
      },
    },
    { override: plain },
  );
}

/** Takes out what zod adds and no reader needs: members that are there to be refused, too. An answer may gain members. */
function plain({ jsonSchema, io }: ZodOpenApiOverrideContext): void {
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (Object.keys(jsonSchema.propertyNames ?? {}).join() === 'type') delete jsonSchema.propertyNames;
  for (const [name, member] of Object.entries(jsonSchema.properties ?? {})) {
    if (typeof member === 'object' && 'not' in member) delete jsonSchema.properties?.[name];
  }
  if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
