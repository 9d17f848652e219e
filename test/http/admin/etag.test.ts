/** Whoever changes what they have read can make sure that nobody else has changed it since. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AdminClient,
  adminClient,
  dataOf,
  inAcme,
  made,
  type Refusal,
  refusalOf,
  statusOf,
} from '../../support/admin-client.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const TENANTS = '/admin/v1/tenants';
const TENANT = '/admin/v1/tenants/{tenant}';
const SERVICES = '/admin/v1/tenants/{tenant}/services';
const SERVICE = '/admin/v1/tenants/{tenant}/services/{service}';
const KEYS = '/admin/v1/tenants/{tenant}/services/{service}/keys';
const KEY = '/admin/v1/tenants/{tenant}/services/{service}/keys/{id}';
const APPS = '/admin/v1/tenants/{tenant}/apps';
const APP = '/admin/v1/tenants/{tenant}/apps/{id}';
const GROUPS = '/admin/v1/tenants/{tenant}/groups';
const GROUP = '/admin/v1/tenants/{tenant}/groups/{group}';
const WEBHOOKS = '/admin/v1/tenants/{tenant}/webhooks';
const EMAILS = '/admin/v1/tenants/{tenant}/emails';
const EMAIL = '/admin/v1/tenants/{tenant}/emails/{id}';
const WEBHOOK = '/admin/v1/tenants/{tenant}/webhooks/{id}';
let vault: TestVault;
let client: AdminClient;
let clientToken: string;
let number = 0;

beforeAll(async () => {
  vault = await startVault();
  client = adminClient(vault);
  ({ client_token: clientToken } = await made(client.POST('/admin/v1/tenants', { body: { slug: 'acme' } })));
  await made(client.POST(SERVICES, { ...inAcme(), body: { slug: 'openai' } }));
  const key = { label: 'one', key: 'sk-0123456789abcdefghij' };
  await made(client.POST(KEYS, { ...inAcme({ service: 'openai' }), body: key }));
});

afterAll(() => vault.stop());

/** How one is made, and how that one is changed. */
interface Resource {
  readonly make: () => Promise<{ data?: { id: number }; response: Response }>;
  readonly change: (id: number, ifMatch: string) => Promise<{ error?: Refusal; response: Response }>;
}

/** The same with a header. */
function ifMatch<Path>({ params }: { params: { path: Path } }, tag: string) {
  return { params: { ...params, header: { 'If-Match': tag } } };
}

const changeService = (name: string, tag: string, service = 'openai') =>
  client.PATCH(SERVICE, { ...ifMatch(inAcme({ service }), tag), body: { name } });

const RESOURCES: Readonly<Record<string, Resource>> = {
  'a tenant': {
    make: () => client.POST(TENANTS, { body: { slug: 'tagged' } }),
    change: (_id, tag) =>
      client.PATCH(TENANT, {
        ...ifMatch({ params: { path: { tenant: 'tagged' } } }, tag),
        body: { name: 'Other' },
      }),
  },
  'a service': {
    make: () => client.POST(SERVICES, { ...inAcme(), body: { slug: 'tagged' } }),
    change: (_id, tag) => changeService('Other', tag, 'tagged'),
  },
  'a key': {
    make: () => {
      const body = { label: 'two', key: 'sk-2-0123456789abcdef' };
      return client.POST(KEYS, { ...inAcme({ service: 'openai' }), body });
    },
    change: (id, tag) =>
      client.PATCH(KEY, { ...ifMatch(inAcme({ service: 'openai', id }), tag), body: { weight: 7 } }),
  },
  'an app': {
    make: () => client.POST(APPS, { ...inAcme(), body: { name: 'tagged', services: 'all' } }),
    change: (id, tag) => client.PATCH(APP, { ...ifMatch(inAcme({ id }), tag), body: { services: [] } }),
  },
  'a group': {
    make: () => client.POST(GROUPS, { ...inAcme(), body: { slug: 'tagged' } }),
    change: (_id, tag) =>
      client.PATCH(GROUP, { ...ifMatch(inAcme({ group: 'tagged' }), tag), body: { services: ['openai'] } }),
  },
  'a webhook': {
    make: () => client.POST(WEBHOOKS, { ...inAcme(), body: { url: 'https://example.com/', events: ['*'] } }),
    change: (id, tag) => client.PATCH(WEBHOOK, { ...ifMatch(inAcme({ id }), tag), body: { enabled: false } }),
  },
  'an email': {
    make: () =>
      client.POST(EMAILS, { ...inAcme(), body: { address: `p${number++}@example.com`, events: ['*'] } }),
    change: (id, tag) => client.PATCH(EMAIL, { ...ifMatch(inAcme({ id }), tag), body: { enabled: false } }),
  },
};

/** Below `/admin/v1`. */
const placeOf = ({ headers }: Response) => headers.get('location')?.slice('/admin/v1'.length) ?? '';

const tagOf = ({ headers }: { headers: { get(name: string): string | null } }) => headers.get('etag') ?? '';

describe.each(Object.entries(RESOURCES))('the entity tag of %s', (_what, { make, change }) => {
  it('admits a change of what was read, and refuses one of what has been changed since', async () => {
    const { data, response } = await make();
    const id = data?.id ?? 0;
    const tag = tagOf(response);
    const show = () => vault.admin('GET', placeOf(response));
    expect(tag).toMatch(/^"[\w-]{22}"$/);
    expect(tagOf(await show())).toBe(tag);

    const changed = await change(id, tag);
    expect(changed.response.status, JSON.stringify(changed.error)).toBe(200);
    const changedTag = tagOf(changed.response);
    expect(changedTag).not.toBe(tag);
    expect(tagOf(await show())).toBe(changedTag);

    const before = await show();
    const late = await refusalOf(change(id, tag));
    expect([late.status, late.error]).toEqual([412, 'precondition failed']);
    expect((await show()).text).toBe(before.text);

    for (const [header, status] of [
      ['*', 200],
      [`"of-another-thing", ${changedTag}`, 200],
      [`W/${changedTag}`, 412],
      ['""', 412],
      [changedTag.slice(1, -1), 400],
      [`${changedTag} "`, 400],
      [',', 400],
    ] as const) {
      expect(await statusOf(change(id, header)), header).toBe(status);
    }
  });
});

it('of many who read the same, one changes it', async () => {
  const shown = () => client.GET(SERVICE, inAcme({ service: 'openai' }));
  const tag = tagOf((await shown()).response);
  const all = await Promise.all(Array.from({ length: 20 }, (_, at) => changeService(`by ${at}`, tag)));
  const statuses = all.map(({ response }) => response.status);
  expect(statuses.toSorted()).toEqual([200, ...Array(19).fill(412)]);
  const winner = all.find(({ response }) => response.status === 200);
  expect((await dataOf(shown())).name).toBe(winner?.data?.name);
});

it('a delivery moves none', async () => {
  const body = { name: 'asking', services: 'all' } as const;
  const app = await made(client.POST(APPS, { ...inAcme(), body }));
  const inService = inAcme({ service: 'openai' });
  const { data } = await dataOf(client.GET(KEYS, inService));
  const tags = async () => {
    const all = await Promise.all([
      client.GET(TENANT, inAcme()),
      client.GET(SERVICE, inService),
      client.GET(KEY, inAcme({ service: 'openai', id: data[0]?.id ?? 0 })),
      client.GET(APP, inAcme({ id: app.id })),
    ]);
    return all.map(({ response }) => tagOf(response));
  };
  const before = await tags();
  expect(before).not.toContain('');
  for (const token of [app.app_token, clientToken]) {
    expect((await vault.next('service=openai', { token })).status).toBe(200);
  }
  expect(await tags()).toEqual(before);
});
