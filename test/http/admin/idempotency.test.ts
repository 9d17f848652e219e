/** A POST with an Idempotency-Key is carried out once, however often it is sent. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prune } from '../../../src/operations/upkeep/prune.ts';
import {
  type AdminClient,
  adminClient,
  dataOf,
  inAcme,
  made,
  type Refusal,
  type Schemas,
  statusOf,
} from '../../support/admin-client.ts';
import { findSecrets, secret } from '../../support/secret-search.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';
import { tempFolder } from '../../support/storage-room.ts';

const HOUR = 3_600_000;
const TENANTS = '/admin/v1/tenants';
const TENANT = '/admin/v1/tenants/{tenant}';
const SERVICES = '/admin/v1/tenants/{tenant}/services';
const SERVICE = '/admin/v1/tenants/{tenant}/services/{service}';
const APPS = '/admin/v1/tenants/{tenant}/apps';
let vault: TestVault;
let client: AdminClient;

beforeEach(async () => {
  vault = await startVault();
  client = adminClient(vault);
  await made(client.POST(TENANTS, { body: { slug: 'acme' } }));
  await made(client.POST(SERVICES, { ...inAcme(), body: { slug: 'openai' } }));
});

afterEach(() => vault.stop());

/** What came, to the byte. */
async function replyOf(call: Promise<{ data?: string; error?: Refusal; response: Response }>) {
  const { data: text = '', error, response } = await call;
  const { status, headers } = response;
  return { status, error: error?.error, text, headers, replayed: headers.get('idempotent-replayed') };
}

/** The header of a request that is sent under this key. */
const under = (key = 'once') => ({ header: { 'Idempotency-Key': key } });

function postApp(body: Schemas['NewApp'], { key = 'once', by = client } = {}) {
  const params = { ...inAcme().params, ...under(key) };
  return replyOf(by.POST(APPS, { params, body, parseAs: 'text' }));
}

const postTenant = (slug: string) =>
  replyOf(adminClient(vault).POST(TENANTS, { params: under(), body: { slug }, parseAs: 'text' }));

const postService = (slug: string) =>
  replyOf(
    client.POST(SERVICES, { params: { ...inAcme().params, ...under() }, body: { slug }, parseAs: 'text' }),
  );

const madeApp = ({ text }: { text: string }): Schemas['MadeApp'] => JSON.parse(text);

async function appNames(): Promise<string[]> {
  const { data } = await dataOf(client.GET(APPS, inAcme()));
  return data.map(({ name }) => name);
}

async function deleteTenant() {
  const params = { path: { tenant: 'acme' }, query: { confirm: 'acme' } };
  expect(await statusOf(client.DELETE(TENANT, { params }))).toBe(204);
}

describe('a request that is sent again', () => {
  it('is answered as the first time, with the token, the place and the tag, and changes nothing', async () => {
    const first = await postApp({ name: 'Checkout', services: 'all' });
    expect([first.status, first.replayed]).toEqual([201, null]);
    const again = await postApp({ name: 'Checkout', services: 'all' });
    expect([again.status, again.replayed, again.text]).toEqual([201, 'true', first.text]);
    for (const name of ['location', 'etag']) expect(again.headers.get(name)).toBe(first.headers.get(name));
    expect(await appNames()).toEqual(['Checkout']);
    const { status } = await vault.next('service=openai', { token: madeApp(again).app_token });
    expect(status, 'no key yet, but the token is known').toBe(503);
  });

  it('is answered so on every kind of POST', async () => {
    const app = await made(client.POST(APPS, { ...inAcme(), body: { name: 'a' } }));
    const text = { parseAs: 'text' } as const;
    const ofTenant = { params: { ...inAcme().params, ...under() }, ...text };
    const ofService = { params: { ...inAcme({ service: 'openai' }).params, ...under() }, ...text };
    const ofApp = { params: { ...inAcme({ id: app.id }).params, ...under() }, ...text };
    const ada: Schemas['NewAdminToken'] = { name: 'Ada', role: 'owner' };
    const mail: Schemas['NewService'] = { slug: 'mail', policy: 'failover' };
    const webhook: Schemas['NewWebhook'] = { url: 'https://example.com/', events: ['*'] };
    const requests = [
      () => client.POST(TENANTS, { params: under(), ...text, body: { slug: 'new' } }),
      () => client.POST('/admin/v1/admin-tokens', { params: under(), ...text, body: { name: 'root too' } }),
      () => client.POST('/admin/v1/tenants/{tenant}/admin-tokens', { ...ofTenant, body: ada }),
      () => client.POST('/admin/v1/tenants/{tenant}/client-token/rotate', { ...ofTenant, body: {} }),
      () => client.POST(SERVICES, { ...ofTenant, body: mail }),
      () =>
        client.POST('/admin/v1/tenants/{tenant}/services/{service}/keys', {
          ...ofService,
          body: { label: 'one', key: 'sk-one-0123456789abcdefghij' },
        }),
      () =>
        client.POST('/admin/v1/tenants/{tenant}/services/{service}/keys/import', {
          ...ofService,
          headers: { 'content-type': 'text/csv' },
          body: 'label,key\na,sk-a-0123456789abcdefghij',
          bodySerializer: String,
        }),
      () => client.POST('/admin/v1/tenants/{tenant}/services/{service}/rotate', { ...ofService, body: {} }),
      () =>
        client.POST('/admin/v1/tenants/{tenant}/apps/{id}/rotate-token', {
          ...ofApp,
          body: { grace_seconds: 60 },
        }),
      () =>
        client.POST('/admin/v1/tenants/{tenant}/apps/{id}/disable', {
          ...ofApp,
          body: { reason: 'why not' },
        }),
      () => client.POST('/admin/v1/tenants/{tenant}/webhooks', { ...ofTenant, body: webhook }),
    ];
    const audit = async () => {
      const params = { ...inAcme().params, query: { limit: 200 } };
      return dataOf(client.GET('/admin/v1/tenants/{tenant}/audit', { params, parseAs: 'text' }));
    };
    for (const send of requests) {
      const first = await replyOf(send());
      expect(first.status, `${send}: ${first.error}`).toBeLessThan(300);
      const before = await audit();
      const again = await replyOf(send());
      expect([again.status, again.text, again.replayed], `${send}`).toEqual([
        first.status,
        first.text,
        'true',
      ]);
      expect(await audit()).toBe(before);
    }
  });

  it('also when what it made is gone, and for 24 hours', async () => {
    const first = await postApp({ name: 'Checkout' });
    const { id } = madeApp(first);
    expect(await statusOf(client.DELETE('/admin/v1/tenants/{tenant}/apps/{id}', inAcme({ id })))).toBe(204);
    vault.advance(24 * HOUR - 1);
    expect((await postApp({ name: 'Checkout' })).text).toBe(first.text);
    vault.advance(1);
    const later = await postApp({ name: 'Checkout' });
    expect([later.status, later.replayed]).toEqual([201, null]);
    expect(madeApp(later).id).not.toBe(id);
    expect((await postApp({ name: 'Checkout' })).text).toBe(later.text);
  });

  it('is answered so after a restart', async () => {
    const options = { folder: tempFolder(), env: { KEYROTATOR_ROOT_TOKEN: vault.rootToken } };
    await vault.stop();
    vault = await startVault(options);
    const first = await postTenant('new');
    await vault.stop();
    vault = await startVault(options);
    const again = await postTenant('new');
    expect([again.text, again.replayed]).toEqual([first.text, 'true']);
  });

  it('is another one with another token, another path or another key', async () => {
    const owner = await made(
      client.POST('/admin/v1/tenants/{tenant}/admin-tokens', {
        ...inAcme(),
        body: { name: 'o', role: 'owner' },
      }),
    );
    await postApp({ name: 'one' });
    expect(
      (await postApp({ name: 'one' }, { by: adminClient(vault, owner.admin_token) })).replayed,
    ).toBeNull();
    expect((await postApp({ name: 'one' }, { key: 'another' })).replayed).toBeNull();
    expect((await postService('one')).replayed).toBeNull();
    expect(await appNames()).toEqual(['one', 'one', 'one']);
  });

  it('is refused with another body', async () => {
    await postApp({ name: 'one' });
    const reply = await postApp({ name: 'two' });
    expect([reply.status, reply.error]).toEqual([422, 'unprocessable']);
    expect(await appNames()).toEqual(['one']);
  });

  it('is carried out where the first failed', async () => {
    expect((await postService('openai')).status).toBe(409);
    const params = { path: { tenant: 'acme', service: 'openai' }, query: { confirm: 'openai' } };
    expect(await statusOf(client.DELETE(SERVICE, { params }))).toBe(204);
    expect((await postService('openai')).status).toBe(201);
  });

  it('many at a time is carried out once', async () => {
    const all = await Promise.all(Array.from({ length: 30 }, () => postApp({ name: 'one' })));
    const statuses = new Set(all.map(({ status }) => status));
    expect([...statuses].toSorted()).toEqual([201, 409]);
    expect(await appNames()).toEqual(['one']);
    expect((await postApp({ name: 'one' })).status).toBe(201);
  });

  it('is refused for a key that is none', async () => {
    for (const key of ['two words', 'a'.repeat(256), 'ü']) {
      const reply = await postApp({ name: 'one' }, { key });
      expect([reply.status, reply.error], key).toEqual([400, 'invalid request']);
    }
    expect((await postApp({ name: 'one' }, { key: 'a'.repeat(255) })).status).toBe(201);
  });
});

describe('what is kept for it', () => {
  it('is sealed, and says nothing of the body', async () => {
    const body = { name: 'Checkout', description: 'a-description-to-be-found' };
    const { app_token } = madeApp(await postApp(body));
    const { client_token }: Schemas['MadeTenant'] = JSON.parse((await postTenant('new')).text);
    const rows = await vault.engine.read.selectFrom('idempotent_replies').selectAll().execute();
    expect(rows).toHaveLength(2);
    const places = rows.flatMap(({ name, fingerprint, reply }) => [
      { name: 'name', content: name },
      { name: 'fingerprint', content: fingerprint },
      { name: 'reply', content: reply },
    ]);
    const secrets = [
      secret('app token', app_token),
      secret('client token', client_token),
      secret('description', body.description),
      secret('key', 'once'),
    ];
    expect(findSecrets(secrets, places)).toEqual([]);
  });

  it('opens nowhere else', async () => {
    await postApp({ name: 'one' }, { key: 'one' });
    await postApp({ name: 'two' }, { key: 'two' });
    const [one, two] = await vault.engine.read
      .selectFrom('idempotent_replies')
      .selectAll()
      .orderBy('id')
      .execute();
    await vault.engine.write('nothing', async (unit) => {
      await unit
        .updateTable('idempotent_replies')
        .set({ reply: two?.reply ?? Buffer.alloc(0) })
        .where('id', '=', one?.id ?? 0)
        .execute();
    });
    const reply = await postApp({ name: 'one' }, { key: 'one' });
    expect([reply.status, reply.error]).toEqual([409, 'conflict']);
    expect(await appNames()).toEqual(['one', 'two']);
  });

  it('goes with the tenant, and after a day', async () => {
    await postApp({ name: 'one' });
    await postTenant('new');
    const count = async () =>
      (await vault.engine.read.selectFrom('idempotent_replies').select('id').execute()).length;
    expect(await count()).toBe(2);
    await deleteTenant();
    expect(await count()).toBe(1);
    vault.advance(25 * HOUR);
    const { vault: own } = vault.jobs;
    await prune(own, { days: 30, deliveries: null }, own.engine.time(), new AbortController().signal);
    expect(await count()).toBe(0);
  });
});
