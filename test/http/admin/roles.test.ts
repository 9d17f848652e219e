/** Every route, with a token of every role, in its own tenant, in another one and in none. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROLES, type Role } from '../../../src/domain/roles.ts';
import type { Route } from '../../../src/http/admin/route.ts';
import { ROUTES } from '../../../src/http/admin/routes.ts';
import { type AdminClient, adminClient, dataOf, made } from '../../support/admin-client.ts';
import { expectSame } from '../../support/indistinguishable.ts';
import { type Reply, startVault, type TestVault } from '../../support/start-vault.ts';
import { seedAttempt } from '../../support/webhook-attempts.ts';

const ALL = 'root owner admin operator viewer auditor';
const CONFIGURERS = 'root owner admin';
const READERS = 'root owner admin operator viewer';
const SWITCHERS = 'root owner admin operator';

/** Who reaches what, by the words of the contract. */
const REACHED_BY: Readonly<Record<string, string>> = {
  'GET /whoami': ALL,
  'GET /tenants': 'root',
  'POST /tenants': 'root',
  'GET /tenants/:tenant': READERS,
  'PATCH /tenants/:tenant': CONFIGURERS,
  'DELETE /tenants/:tenant': 'root',
  'POST /tenants/:tenant/client-token/rotate': CONFIGURERS,
  'GET /tenants/:tenant/services': READERS,
  'POST /tenants/:tenant/services': CONFIGURERS,
  'GET /tenants/:tenant/services/:service': READERS,
  'PATCH /tenants/:tenant/services/:service': CONFIGURERS,
  'DELETE /tenants/:tenant/services/:service': CONFIGURERS,
  'POST /tenants/:tenant/services/:service/rotate': SWITCHERS,
  'GET /tenants/:tenant/services/:service/keys': READERS,
  'POST /tenants/:tenant/services/:service/keys': CONFIGURERS,
  'POST /tenants/:tenant/services/:service/keys/import': CONFIGURERS,
  'GET /tenants/:tenant/services/:service/keys/:id': READERS,
  'PATCH /tenants/:tenant/services/:service/keys/:id': CONFIGURERS,
  'DELETE /tenants/:tenant/services/:service/keys/:id': CONFIGURERS,
  'POST /tenants/:tenant/services/:service/keys/:id/enable': SWITCHERS,
  'POST /tenants/:tenant/services/:service/keys/:id/disable': SWITCHERS,
  'POST /tenants/:tenant/services/:service/keys/:id/burn': SWITCHERS,
  'GET /tenants/:tenant/services/:service/keys/:id/holders': 'root owner admin operator auditor',
  'GET /tenants/:tenant/apps': READERS,
  'POST /tenants/:tenant/apps': CONFIGURERS,
  'GET /tenants/:tenant/apps/:id': READERS,
  'PATCH /tenants/:tenant/apps/:id': CONFIGURERS,
  'DELETE /tenants/:tenant/apps/:id': CONFIGURERS,
  'POST /tenants/:tenant/apps/:id/rotate-token': CONFIGURERS,
  'POST /tenants/:tenant/apps/:id/rotate-signing-secret': CONFIGURERS,
  'POST /tenants/:tenant/apps/:id/disable': SWITCHERS,
  'POST /tenants/:tenant/apps/:id/enable': SWITCHERS,
  'GET /tenants/:tenant/apps/:id/usage': ALL,
  'GET /tenants/:tenant/groups': READERS,
  'POST /tenants/:tenant/groups': CONFIGURERS,
  'GET /tenants/:tenant/groups/:group': READERS,
  'PATCH /tenants/:tenant/groups/:group': CONFIGURERS,
  'DELETE /tenants/:tenant/groups/:group': CONFIGURERS,
  'GET /tenants/:tenant/webhooks': READERS,
  'POST /tenants/:tenant/webhooks': CONFIGURERS,
  'GET /tenants/:tenant/webhooks/:id': READERS,
  'PATCH /tenants/:tenant/webhooks/:id': CONFIGURERS,
  'DELETE /tenants/:tenant/webhooks/:id': CONFIGURERS,
  'POST /tenants/:tenant/webhooks/:id/rotate-secret': CONFIGURERS,
  'POST /tenants/:tenant/webhooks/:id/test': CONFIGURERS,
  'GET /tenants/:tenant/webhooks/:id/deliveries': READERS,
  'POST /tenants/:tenant/webhooks/:id/deliveries/:delivery/replay': CONFIGURERS,
  'GET /tenants/:tenant/emails': READERS,
  'POST /tenants/:tenant/emails': CONFIGURERS,
  'GET /tenants/:tenant/emails/:id': READERS,
  'PATCH /tenants/:tenant/emails/:id': CONFIGURERS,
  'DELETE /tenants/:tenant/emails/:id': CONFIGURERS,
  'GET /admin-tokens': 'root',
  'POST /admin-tokens': 'root',
  'GET /admin-tokens/:id': 'root',
  'DELETE /admin-tokens/:id': 'root',
  'GET /tenants/:tenant/admin-tokens': 'root owner',
  'POST /tenants/:tenant/admin-tokens': 'root owner',
  'GET /tenants/:tenant/admin-tokens/:id': 'root owner',
  'DELETE /tenants/:tenant/admin-tokens/:id': 'root owner',
  'GET /tenants/:tenant/services/:service/deliveries': 'root owner admin operator auditor',
  'GET /tenants/:tenant/usage': ALL,
  'GET /tenants/:tenant/audit': 'root owner admin auditor',
  'GET /tenants/:tenant/audit/export': 'root owner admin auditor',
  'GET /audit': 'root',
  'GET /audit/export': 'root',
};

/** What the path's `:id` is an id of: how to make one in a tenant. */
const MAKE: Readonly<Record<string, (tenant: string, number: number) => Promise<{ id: number }>>> = {
  keys: (tenant, number) =>
    made(
      client.POST('/admin/v1/tenants/{tenant}/services/{service}/keys', {
        params: { path: { tenant, service: 'openai' } },
        body: { label: `key ${number}`, key: `sk-${number}-0123456789abcdefghij` },
      }),
    ),
  apps: (tenant, number) =>
    made(
      client.POST('/admin/v1/tenants/{tenant}/apps', {
        params: { path: { tenant } },
        body: { name: `app ${number}` },
      }),
    ),
  // Of these a tenant may have few: one that is there is as good.
  async webhooks(tenant, number) {
    const params = { path: { tenant } };
    const [there] = (await dataOf(client.GET('/admin/v1/tenants/{tenant}/webhooks', { params }))).data;
    if (there !== undefined) return there;
    const body = { url: `https://example.com/${number}`, events: ['*' as const] };
    return made(client.POST('/admin/v1/tenants/{tenant}/webhooks', { params, body }));
  },
  async emails(tenant, number) {
    const params = { path: { tenant } };
    const [there] = (await dataOf(client.GET('/admin/v1/tenants/{tenant}/emails', { params }))).data;
    if (there !== undefined) return there;
    const body = { address: `person${number}@example.com`, events: ['*' as const] };
    return made(client.POST('/admin/v1/tenants/{tenant}/emails', { params, body }));
  },
  'admin-tokens': (tenant, number) =>
    made(
      client.POST('/admin/v1/tenants/{tenant}/admin-tokens', {
        params: { path: { tenant } },
        body: { name: `token ${number}`, role: 'viewer' },
      }),
    ),
};

const MISSING_ID = 999_999_999;
const TENANT_ROLES = ROLES.filter((role) => role !== 'root');
const INSIDE = ROUTES.filter(({ path }) => path.startsWith('/tenants/:tenant'));
const OUTSIDE = ROUTES.filter(({ path }) => !path.startsWith('/tenants/:tenant'));
const nameOf = ({ method, path }: Route) => `${method} ${path}`;

let vault: TestVault;
let client: AdminClient;
let number = 0;
/** In the log of the webhook that was made last. */
let attempt = 0;
/** Of tenant acme; that of root is root's. */
const tokens = {} as Record<Role, string>;

beforeAll(async () => {
  vault = await startVault();
  client = adminClient(vault);
  for (const slug of ['acme', 'rival']) {
    await made(client.POST('/admin/v1/tenants', { body: { slug } }));
    const params = { path: { tenant: slug } };
    await made(client.POST('/admin/v1/tenants/{tenant}/services', { params, body: { slug: 'openai' } }));
    await make('keys', slug);
    await make('keys', slug);
  }
  tokens.root = vault.rootToken;
  for (const role of TENANT_ROLES) {
    const params = { path: { tenant: 'acme' } };
    const body = { name: role, role };
    const token = await made(client.POST('/admin/v1/tenants/{tenant}/admin-tokens', { params, body }));
    tokens[role] = token.admin_token;
  }
});

afterAll(() => vault.stop());

async function make(kind: string, tenant: string | null): Promise<number> {
  if (tenant === null) {
    return (await made(client.POST('/admin/v1/admin-tokens', { body: { name: 'another' } }))).id;
  }
  const makeIn = MAKE[kind] as (typeof MAKE)[string];
  return (await makeIn(tenant, ++number)).id;
}

/** The route's path in a tenant, to things that are there. */
async function pathIn(route: Route, tenant: string | null): Promise<string> {
  const kind = /\/([a-z-]+)\/:id/.exec(route.path)?.[1];
  const id = kind === undefined ? 0 : await make(kind, tenant);
  if (route.path.includes('/:delivery')) attempt = await seedAttempt(vault.jobs.vault, id);
  if (tenant !== null && route.path.endsWith('/:group')) {
    const params = { path: { tenant } };
    await client.POST('/admin/v1/tenants/{tenant}/groups', { params, body: { slug: 'llm' } });
  }
  return fill(route, tenant ?? '', id);
}

function fill(route: Route, tenant: string, id: number): string {
  return route.path
    .replace(':tenant', tenant)
    .replace(':service', 'openai')
    .replace(':group', 'llm')
    .replace(':id', String(id))
    .replace(':delivery', String(attempt));
}

function call(route: Route, path: string, token: string): Promise<Reply> {
  return vault.admin(route.method, path, route.method === 'GET' ? undefined : {}, token);
}

/** It was for the route to say what came of it. */
function expectReached(reply: Reply, what: string): void {
  expect([401, 403, 404], `${what}: ${reply.text}`).not.toContain(reply.status);
}

function expectForbidden(reply: Reply, what: string): void {
  expect(reply.status, what).toBe(403);
  expect(reply.body.error).toBe('forbidden');
}

it('each route has a rule, and each rule a route', () => {
  expect(ROUTES.map(nameOf).toSorted()).toEqual(Object.keys(REACHED_BY).toSorted());
});

describe.each(ROLES)('a token of the role %s', (role) => {
  it.each(INSIDE.map((route) => [nameOf(route), route] as const))(
    'in its own tenant: %s',
    async (name, route) => {
      const reply = await call(route, await pathIn(route, 'acme'), tokens[role]);
      if (REACHED_BY[name]?.split(' ').includes(role)) expectReached(reply, name);
      else expectForbidden(reply, name);
    },
  );

  it.each(OUTSIDE.map((route) => [nameOf(route), route] as const))(
    'in no tenant: %s',
    async (name, route) => {
      const reply = await call(route, await pathIn(route, null), tokens[role]);
      if (REACHED_BY[name]?.split(' ').includes(role)) expectReached(reply, name);
      else expectForbidden(reply, name);
    },
  );

  it.each(INSIDE.map((route) => [nameOf(route), route] as const))(
    'in another tenant: %s',
    async (name, route) => {
      const path = await pathIn(route, 'rival');
      const reply = await call(route, path, tokens[role]);
      if (role === 'root') return expectReached(reply, name);
      const ofNone = await call(route, path.replace('/rival', '/nobody'), tokens[role]);
      expect(reply.status).toBe(404);
      expectSame(reply, ofNone);
    },
  );

  it.each(INSIDE.filter(({ path }) => path.includes('/:id')).map((route) => [nameOf(route), route] as const))(
    'with the id of another tenant: %s',
    async (_name, route) => {
      const anothers = Number(/\d+/.exec((await pathIn(route, 'rival')).replace('openai', ''))?.[0]);
      const reply = await call(route, fill(route, 'acme', anothers), tokens[role]);
      const missing = await call(route, fill(route, 'acme', MISSING_ID), tokens[role]);
      expect([403, 404, 422]).toContain(reply.status);
      expectSame(reply, missing);
    },
  );
});

it('without a token no route is reached, and none can be told from another', async () => {
  for (const route of ROUTES) {
    const reply = await vault.admin(route.method, fill(route, 'acme', 1), undefined, null);
    expect(reply.status, nameOf(route)).toBe(401);
  }
});

it('nothing that tokens of another tenant tried has left a trace', async () => {
  const params = { path: { tenant: 'rival' }, query: { limit: 200 } };
  const { data } = await dataOf(client.GET('/admin/v1/tenants/{tenant}/audit', { params }));
  expect(data.length).toBeGreaterThan(50);
  for (const { actor } of data) expect(actor.role).toBe('root');
});
