/** What each operation of the administration refuses, it refuses as the OpenAPI document says: with that status and that body. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROLES } from '../../../src/domain/roles.ts';
import { type DocumentedOperation, OPERATIONS } from '../../support/openapi-document.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

/** These need more than one request; the tests of the routes come to them. */
const ELSEWHERE = ['409', '429', '500', '503'];
const ADMINISTRATION = OPERATIONS.filter(({ path }) => path.startsWith('/admin/v1'));
const KEY = { label: 'a', key: 'sk-0123456789abcdefghij' };

let vault: TestVault;
const tokens = new Map<string, string>();
const ids: Record<string, number> = {};

interface Attempt {
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly token?: string | null;
  readonly tenant?: string;
}

beforeAll(async () => {
  vault = await startVault();
  const make = async (path: string, body: object) => (await vault.admin('POST', path, body)).body;
  await make('/tenants', { slug: 'acme' });
  await make('/tenants/acme/services', { slug: 'openai' });
  await make('/tenants/acme/groups', { slug: 'llm' });
  ids.keys = (await make('/tenants/acme/services/openai/keys', KEY)).id;
  ids.apps = (await make('/tenants/acme/apps', { name: 'a' })).id;
  ids.webhooks = (await make('/tenants/acme/webhooks', { url: 'https://example.com', events: ['*'] })).id;
  ids.emails = (await make('/tenants/acme/emails', { address: 'a@example.com', events: ['*'] })).id;
  for (const role of ROLES) {
    const path = role === 'root' ? '/admin-tokens' : '/tenants/acme/admin-tokens';
    const token = await make(path, { name: role, role });
    tokens.set(role, token.admin_token);
    ids['admin-tokens'] = token.id;
  }
});

afterAll(() => vault.stop());

async function attempt(operation: DocumentedOperation, what: Attempt): Promise<string> {
  const kind = /\/([a-z-]+)\/\{id\}/.exec(operation.path)?.[1] ?? '';
  const places: Record<string, unknown> = { tenant: what.tenant ?? 'acme', service: 'openai', group: 'llm' };
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    String(places[name] ?? (what.tenant === undefined ? ids[kind] : 999_999)),
  );
  const token = what.token === undefined ? vault.rootToken : what.token;
  const reply = await vault.request(`${path}${what.query ?? ''}`, {
    method: operation.method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(what.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...what.headers,
    },
    ...(what.body === undefined ? {} : { body: what.body }),
  });
  return String(reply.status);
}

/** Status → what comes to it, where the operation can. */
function attempts(operation: DocumentedOperation): Record<string, Attempt> {
  const { method, path, requestBody, parameters } = operation;
  const outsiders = ROLES.filter((role) => !operation['x-roles']?.includes(role));
  const [outsider] = outsiders.filter((role) => role !== 'root');
  const isImport = path.endsWith('/import');
  const confirms = parameters?.some(({ name }) => name === 'confirm');
  return {
    400: requestBody === undefined ? { query: '?limit=0' } : { body: '{' },
    401: { token: null },
    ...(outsider === undefined ? {} : { 403: { token: tokens.get(outsider) ?? '' } }),
    ...(path.includes('{')
      ? {
          404: {
            tenant: 'nobody',
            body: requestBody === undefined ? undefined : bodyOf(operation),
          } as Attempt,
        }
      : {}),
    ...(method === 'PATCH' ? { 412: { headers: { 'if-match': '"stale"' }, body: bodyOf(operation) } } : {}),
    ...(requestBody === undefined
      ? {}
      : {
          ...(isImport ? {} : { 413: { body: `"${'x'.repeat(1_050_000)}"` } }),
          415: { body: 'x', headers: { 'content-type': 'image/png' } },
          422: { body: '{"no_such_member":1}' },
        }),
    ...(confirms ? { 422: {} } : {}),
  };
}

function bodyOf({ requestBody }: DocumentedOperation): string {
  return JSON.stringify(requestBody?.content['application/json']?.example ?? {});
}

describe('as documented is refused', () => {
  it.each(ADMINISTRATION.map((operation) => [operation.operationId, operation] as const))(
    '%s',
    async (_id, operation) => {
      const tried = attempts(operation);
      for (const [status, what] of Object.entries(tried)) {
        expect(
          await attempt(operation, what),
          `${operation.name} by ${JSON.stringify(what).slice(0, 200)}`,
        ).toBe(status);
      }
      const documented = Object.keys(operation.responses).filter((status) => Number(status) >= 400);
      const untried = documented.filter((status) => !(status in tried) && !ELSEWHERE.includes(status));
      // An import is too large from 64 MiB on; a role that everybody has is refused by its addresses alone.
      expect(untried.filter((status) => status !== '413' && status !== '403')).toEqual([]);
    },
  );
});

it('a token from another address is refused as documented where every role may', async () => {
  const members = { name: 'elsewhere', role: 'owner', allowed_ips: ['192.0.2.1'] };
  const { body } = await vault.admin('POST', '/tenants/acme/admin-tokens', members);
  expect((await vault.admin('GET', '/whoami', undefined, body.admin_token)).status).toBe(403);
});

it('too many failed authentications are refused as documented', async () => {
  const statuses = new Set<number>();
  for (let at = 0; at < 230; at++) statuses.add((await vault.admin('GET', '/whoami', undefined, 'x')).status);
  expect([...statuses]).toEqual([401, 429]);
});
