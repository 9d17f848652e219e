/** Lists: narrowed by what is asked for, and read through without a gap or a repeat, whatever is added meanwhile. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AdminClient,
  adminClient,
  dataOf,
  inAcme,
  made,
  type QueryOf,
  type Schemas,
  statusOf,
} from '../../support/admin-client.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const TENANTS = '/admin/v1/tenants';
const SERVICES = '/admin/v1/tenants/{tenant}/services';
const KEYS = '/admin/v1/tenants/{tenant}/services/{service}/keys';
const APPS = '/admin/v1/tenants/{tenant}/apps';
const APP = '/admin/v1/tenants/{tenant}/apps/{id}';
const WEBHOOKS = '/admin/v1/tenants/{tenant}/webhooks';
const TOKENS = '/admin/v1/tenants/{tenant}/admin-tokens';
let vault: TestVault;
let client: AdminClient;

beforeAll(async () => {
  vault = await startVault();
  client = adminClient(vault);
  for (const slug of ['acme', 'rival', 'acme-old']) await made(client.POST(TENANTS, { body: { slug } }));
  await dataOf(
    client.PATCH('/admin/v1/tenants/{tenant}', {
      params: { path: { tenant: 'acme-old' } },
      body: { status: 'suspended', name: 'The OLD one' },
    }),
  );
  const makeService = (body: Schemas['NewService']) => made(client.POST(SERVICES, { ...inAcme(), body }));
  await makeService({ slug: 'openai', name: 'Chat 100%' });
  await makeService({ slug: 'mail', enabled: false });
  const makeKey = (label: string, tags: Record<string, string>) => {
    const body = { label, key: `sk-${label}-0123456789abcdefghij`, tags };
    return made(client.POST(KEYS, { ...inAcme({ service: 'openai' }), body }));
  };
  await makeKey('Primary', { env: 'prod', team: 'a' });
  await makeKey('spare', { env: 'test' });
  await makeKey('spare two', { environment: 'prod', 'env"': 'prod', 'a"env': 'prod', note: ',"env":"prod"' });
  await makeApp({ name: 'Checkout', tags: { env: 'prod' } });
  await makeApp({ name: 'Cron', description: 'nightly', environment: 'staging', enabled: false });
  await makeApp({ name: 'Trial', expires_at: '2026-03-01T13:00:00Z', tags: { env: 'test' } });
  const makeWebhook = (body: Schemas['NewWebhook']) => made(client.POST(WEBHOOKS, { ...inAcme(), body }));
  await makeWebhook({ url: 'https://example.com/a', events: ['*'] });
  await makeWebhook({ url: 'https://example.org/b', events: ['*'], enabled: false });
  const makeToken = (body: Schemas['NewAdminToken']) => made(client.POST(TOKENS, { ...inAcme(), body }));
  await makeToken({ name: 'Ada', role: 'owner' });
  await makeToken({ name: 'Bob', role: 'viewer', expires_at: '2026-03-01T13:00:00Z' });
  vault.advance(2 * 3_600_000);
});

afterAll(() => vault.stop());

function makeApp(body: Schemas['NewApp'], tenant = 'acme') {
  return made(client.POST(APPS, { params: { path: { tenant } }, body }));
}

const ACME = { tenant: 'acme' };

async function tenants(query: QueryOf<'listTenants'>) {
  const { data } = await dataOf(client.GET(TENANTS, { params: { query } }));
  return data.map(({ slug }) => slug);
}

async function services(query: QueryOf<'listServices'>) {
  const { data } = await dataOf(client.GET(SERVICES, { params: { path: ACME, query } }));
  return data.map(({ name }) => name);
}

async function keys(query: QueryOf<'listKeys'>) {
  const path = { ...ACME, service: 'openai' };
  const { data } = await dataOf(client.GET(KEYS, { params: { path, query } }));
  return data.map(({ label }) => label);
}

async function apps(query: QueryOf<'listApps'>) {
  const { data } = await dataOf(client.GET(APPS, { params: { path: ACME, query } }));
  return data.map(({ name }) => name);
}

async function webhooks(query: QueryOf<'listWebhooks'>) {
  const { data } = await dataOf(client.GET(WEBHOOKS, { params: { path: ACME, query } }));
  return data.map(({ url }) => url);
}

async function adminTokens(query: QueryOf<'listAdminTokens'>) {
  const { data } = await dataOf(client.GET(TOKENS, { params: { path: ACME, query } }));
  return data.map(({ name }) => name);
}

async function rootTokens(query: QueryOf<'listRootTokens'>) {
  const { data } = await dataOf(client.GET('/admin/v1/admin-tokens', { params: { query } }));
  return data.map(({ name }) => name);
}

/** A test of each query, and of what it finds. */
function findsBy<Query>(
  list: (query: Query) => Promise<string[]>,
  rows: readonly (readonly [NoInfer<Query>, readonly string[]])[],
): void {
  it.each(rows)(`${list.name} by %j: %j`, async (query, expected) => {
    expect(await list(query)).toEqual(expected);
  });
}

describe('a list is narrowed', () => {
  findsBy(tenants, [
    [{ status: 'suspended' }, ['acme-old']],
    [{ status: 'active', q: 'ACM' }, ['acme']],
    [{ q: 'the old' }, ['acme-old']],
  ]);
  findsBy(services, [
    [{ status: 'enabled' }, ['Chat 100%']],
    [{ status: 'disabled' }, ['mail']],
    [{ q: '0%' }, ['Chat 100%']],
    [{ q: '_' }, []],
  ]);
  findsBy(keys, [
    [{ status: 'active' }, ['Primary']],
    [{ status: 'standby', q: 'SPARE T' }, ['spare two']],
    [{ tag: 'env' }, ['Primary', 'spare']],
    [{ tag: 'env:prod' }, ['Primary']],
    [{ tag: 'team:a' }, ['Primary']],
    [{ tag: 'env":prod' }, ['spare two']],
    [{ tag: 'env:pro' }, []],
    [{ tag: 'ENV:prod' }, []],
  ]);
  findsBy(apps, [
    [{ status: 'active' }, ['Checkout']],
    [{ status: 'disabled' }, ['Cron']],
    [{ status: 'expired' }, ['Trial']],
    [{ q: 'NIGHT' }, ['Cron']],
    [{ q: 'staging' }, ['Cron']],
    [{ tag: 'env:test', status: 'expired' }, ['Trial']],
  ]);
  findsBy(webhooks, [
    [{ status: 'enabled' }, ['https://example.com/a']],
    [{ q: 'example.org' }, ['https://example.org/b']],
  ]);
  findsBy(adminTokens, [
    [{ status: 'expired' }, ['Bob']],
    [{ status: 'active' }, ['Ada']],
  ]);
  findsBy(rootTokens, [[{ q: 'ROO' }, ['root']]]);

  it.each([
    ['/tenants', { status: 'gone' }],
    ['/tenants/acme/apps', { q: '' }],
    ['/tenants/acme/apps', { tag: '' }],
    ['/tenants/acme/apps', { q: 'a'.repeat(201) }],
  ])('%s not by %j, which is a mistake', async (path, query) => {
    const reply = await vault.admin('GET', `${path}?${new URLSearchParams(query as Record<string, string>)}`);
    expect([reply.status, reply.body.error]).toEqual([400, 'invalid request']);
  });

  it('over its pages, too', async () => {
    for (let at = 0; at < 25; at++) {
      await makeApp({ name: `app ${at}`, tags: at % 2 === 0 ? { even: 'yes' } : {} }, 'rival');
    }
    const names: string[] = [];
    for await (const { data } of pages('rival', { limit: 5, tag: 'even' })) {
      names.push(...data.map(({ name }) => name));
    }
    expect(names).toEqual(Array.from({ length: 13 }, (_, at) => `app ${2 * at}`));
  });
});

/** The apps of a tenant, a page at a time, until there is no next one. */
async function* pages(tenant: string, query: QueryOf<'listApps'>) {
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const at = {
      params: { path: { tenant }, query: { ...query, ...(cursor === undefined ? {} : { cursor }) } },
    };
    const page = await dataOf(client.GET(APPS, at));
    yield page;
    cursor = page.next_cursor;
  }
}

it('a list of many is read through without a gap or a repeat while others are added and removed', async () => {
  await made(client.POST(TENANTS, { body: { slug: 'many' } }));
  const first: number[] = [];
  for (let at = 0; at < 300; at++) first.push((await makeApp({ name: 'a' }, 'many')).id);
  const removed = new Set<number>();
  const seen: number[] = [];
  let read = 0;
  for await (const { data, next_cursor } of pages('many', { limit: 20 })) {
    seen.push(...data.map(({ id }) => id));
    if (next_cursor === null) break;
    await makeApp({ name: 'added' }, 'many');
    const id = first[read * 17] ?? 0;
    removed.add(id);
    expect(await statusOf(client.DELETE(APP, { params: { path: { tenant: 'many', id } } }))).toBe(204);
    read++;
  }
  expect(read).toBeGreaterThan(14);
  expect(new Set(seen).size).toBe(seen.length);
  expect(first.filter((id) => !removed.has(id) && !seen.includes(id))).toEqual([]);
});
