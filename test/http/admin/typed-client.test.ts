/** From a new tenant to a key in an app's hands, by a client that is made of the OpenAPI document. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type AdminClient, adminClient, dataOf } from '../../support/admin-client.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

let vault: TestVault;
let client: AdminClient;

beforeEach(async () => {
  vault = await startVault();
  client = adminClient(vault);
});

afterEach(() => vault.stop());

it('a tenant, a service, a key, a group and an app are made, and the app gets the key', async () => {
  const acme = { tenant: 'acme' };
  const tenant = await dataOf(client.POST('/admin/v1/tenants', { body: { slug: 'acme' } }));
  expect(tenant.client_token).toMatch(/^krc_/);

  const service = await dataOf(
    client.POST('/admin/v1/tenants/{tenant}/services', { params: { path: acme }, body: { slug: 'openai' } }),
  );
  const inService = { params: { path: { ...acme, service: service.slug } } };
  const key = await dataOf(
    client.POST('/admin/v1/tenants/{tenant}/services/{service}/keys', {
      ...inService,
      body: { label: 'Primary', key: 'sk-0123456789abcdefghij' },
    }),
  );
  expect([key.state, key.current, key.masked_key]).toEqual(['active', true, expect.stringContaining('••')]);

  const group = await dataOf(
    client.POST('/admin/v1/tenants/{tenant}/groups', {
      params: { path: acme },
      body: { slug: 'llm', services: ['openai'] },
    }),
  );
  const app = await dataOf(
    client.POST('/admin/v1/tenants/{tenant}/apps', {
      params: { path: acme },
      body: { name: 'Checkout', groups: [group.slug] },
    }),
  );
  expect(app.reach).toEqual([{ service: 'openai', direct: false, groups: ['llm'] }]);

  const delivered = await dataOf(
    adminClient(vault, app.app_token).GET('/api/next', { params: { query: { service: 'openai' } } }),
  );
  expect([delivered.key, delivered.meta.key_id]).toEqual(['sk-0123456789abcdefghij', key.id]);

  const { data } = await dataOf(
    client.GET('/admin/v1/tenants/{tenant}/services/{service}/deliveries', {
      params: { ...inService.params, query: { app: app.id } },
    }),
  );
  expect(data.map(({ delivery_id }) => delivery_id)).toEqual([delivered.meta.delivery_id]);
});

it('a list is read page by page, and its end is a cursor of null', async () => {
  const acme = { tenant: 'acme' };
  await client.POST('/admin/v1/tenants', { body: { slug: 'acme' } });
  for (const slug of ['a', 'b', 'c']) {
    await client.POST('/admin/v1/tenants/{tenant}/groups', { params: { path: acme }, body: { slug } });
  }
  const slugs: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = { limit: 2, ...(cursor === undefined ? {} : { cursor }) };
    const page = await dataOf(
      client.GET('/admin/v1/tenants/{tenant}/groups', { params: { path: acme, query } }),
    );
    slugs.push(...page.data.map(({ slug }) => slug));
    cursor = page.next_cursor;
  }
  expect(slugs).toEqual(['a', 'b', 'c']);
});

it('a change of what somebody else has changed since is refused by its entity tag', async () => {
  await client.POST('/admin/v1/tenants', { body: { slug: 'acme' } });
  const path = { tenant: 'acme' };
  const { response } = await client.GET('/admin/v1/tenants/{tenant}', { params: { path } });
  const header = { 'If-Match': response.headers.get('etag') ?? '' };
  const change = (name: string) =>
    client.PATCH('/admin/v1/tenants/{tenant}', { params: { path, header }, body: { name } });
  expect((await dataOf(change('Acme'))).name).toBe('Acme');
  const { error } = await change('Other');
  expect([error?.status, error?.error]).toEqual([412, 'precondition failed']);
});

it('an admin token is made, used and deleted, and opens nothing from then on', async () => {
  await client.POST('/admin/v1/tenants', { body: { slug: 'acme' } });
  const token = await dataOf(
    client.POST('/admin/v1/tenants/{tenant}/admin-tokens', {
      params: { path: { tenant: 'acme' } },
      body: { name: 'Ada', role: 'viewer' },
    }),
  );
  const ada = adminClient(vault, token.admin_token);
  expect(await dataOf(ada.GET('/admin/v1/whoami'))).toEqual({ name: 'Ada', role: 'viewer', tenant: 'acme' });
  const path = { tenant: 'acme', id: token.id };
  const { response } = await client.DELETE('/admin/v1/tenants/{tenant}/admin-tokens/{id}', {
    params: { path },
  });
  expect(response.status).toBe(204);
  const { error } = await ada.GET('/admin/v1/whoami');
  expect([error?.status, error?.error]).toEqual([401, 'unauthorized']);
});
