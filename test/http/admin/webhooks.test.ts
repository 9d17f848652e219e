import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AdminClient,
  adminClient,
  dataOf,
  inAcme,
  made,
  type QueryOf,
  refusalOf,
  type Schemas,
  statusOf,
} from '../../support/admin-client.ts';
import { type Receiver, startReceiver } from '../../support/http-receiver.ts';
import { expectSameNotFound } from '../../support/indistinguishable.ts';
import { seedService } from '../../support/seed.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const TENANTS = '/admin/v1/tenants';
const HOOKS = '/admin/v1/tenants/{tenant}/webhooks';
const HOOK = '/admin/v1/tenants/{tenant}/webhooks/{id}';
const AUDIT = '/admin/v1/tenants/{tenant}/audit';
/** For requests that the document forbids, and answers that are searched for secrets. */
const RAW = '/tenants/acme/webhooks';
const CANARY = 'canary-path-of-the-receiver';
let vault: TestVault;
let client: AdminClient;
let receiver: Receiver;
let answer = 200;
let token: string;

beforeEach(async () => {
  answer = 200;
  receiver = await startReceiver((_request, response) => void response.writeHead(answer).end());
  vault = await startVault({ env: { KEYROTATOR_WEBHOOK_ALLOWED_ADDRESSES: '127.0.0.1' } });
  client = adminClient(vault);
  for (const slug of ['rival', 'acme']) {
    const tenant = await made(client.POST(TENANTS, { body: { slug } }));
    token = tenant.client_token;
    await seedService(vault.jobs.vault, tenant.id, 'openai', { max_daily_requests: 4 });
  }
});

afterEach(async () => {
  await vault.stop();
  await receiver.close();
});

const url = () => `http://127.0.0.1:${receiver.port}/${CANARY}?key=${CANARY}`;

function makeWebhook(members: Partial<Schemas['NewWebhook']> = {}, tenant = 'acme') {
  const body: Schemas['NewWebhook'] = { url: url(), events: ['*'], ...members };
  return made(client.POST(HOOKS, { params: { path: { tenant } }, body }));
}

const show = (id: number) => client.GET(HOOK, inAcme({ id }));
const change = (id: number, body: Schemas['WebhookPatch']) => client.PATCH(HOOK, { ...inAcme({ id }), body });

const deliver = async () => (await vault.next('service=openai', { token })).body.meta?.usage_today;

/** What the receiver was told since the last call: `usage_today` for a delivery, the type for anything else. */
async function told() {
  await vault.jobs.dispatcher.runOnce();
  return receiver.requests.splice(0).map(({ body }) => {
    const { type, data } = JSON.parse(body);
    return type === 'key.delivered' ? data.usage_today : type;
  });
}

describe('a webhook', () => {
  it('is made with a secret that signs what it is sent', async () => {
    const body: Schemas['NewWebhook'] = { url: url(), events: ['key.delivered'] };
    const call = client.POST(HOOKS, { ...inAcme(), body });
    const { secret, ...view } = await made(call);
    expect((await call).response.headers.get('location')).toBe(`/admin/v1${RAW}/${view.id}`);
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(view).toEqual({
      id: expect.any(Number),
      url: url(),
      events: ['key.delivered'],
      batch: false,
      description: '',
      enabled: true,
      disabled_reason: null,
      failing_since: null,
      created_at: '2026-03-01T12:00:00.000Z',
      updated_at: '2026-03-01T12:00:00.000Z',
    });
    expect(await dataOf(show(view.id))).toEqual(view);
    expect(await dataOf(client.GET(HOOKS, inAcme()))).toEqual({ data: [view], next_cursor: null });
    await deliver();
    await vault.jobs.dispatcher.runOnce();
    const [request] = receiver.requests;
    const { body: message = '', headers = {} } = request ?? {};
    const sealed = await vault.engine.read
      .selectFrom('webhooks')
      .select('sealed_secret')
      .executeTakeFirstOrThrow();
    expect(Buffer.from(sealed.sealed_secret).includes(secret.slice(6))).toBe(false);
    const expected = new Webhook(secret).sign(
      String(headers['webhook-id']),
      new Date(Number(headers['webhook-timestamp']) * 1000),
      message,
    );
    expect(headers['webhook-signature']).toBe(expected);
  });

  it('is refused where its tenant has fifty, also of many that are made at once, until one is deleted', async () => {
    const body: Schemas['NewWebhook'] = { url: url(), events: ['*'] };
    const make = () => client.POST(HOOKS, { ...inAcme(), body });
    const calls = Array.from({ length: 53 }, make);
    const statuses = await Promise.all(calls.map(statusOf));
    expect(statuses.toSorted()).toEqual([...Array(50).fill(201), 409, 409, 409]);
    expect((await refusalOf(make())).detail).toBe('A tenant has at most 50 webhooks: delete one first.');
    await makeWebhook({}, 'rival');
    const [first] = (await dataOf(client.GET(HOOKS, inAcme()))).data;
    await vault.admin('DELETE', `${RAW}/${first?.id}`);
    expect(await statusOf(make())).toBe(201);
  });

  it('is not led inside by a change either', async () => {
    const { id } = await makeWebhook();
    const inside = { description: 'x', url: 'https://192.168.0.1/' };
    const { status, pointers } = await refusalOf(change(id, inside));
    expect([status, pointers]).toEqual([422, ['/url']]);
    expect(await dataOf(show(id))).toMatchObject({ url: url(), description: '' });
  });

  it('is changed member by member', async () => {
    const { id } = await makeWebhook({ description: 'first' });
    vault.advance(1_000);
    expect(await dataOf(change(id, { events: ['service.limit_reached'] }))).toMatchObject({
      description: 'first',
      events: ['service.limit_reached'],
      updated_at: '2026-03-01T12:00:01.000Z',
    });
    expect(await statusOf(change(id, { events: [] }))).toBe(422);
    expect((await vault.admin('PATCH', `${RAW}/${id}`, { failures: 0 })).status).toBe(422);
  });

  it('is listed with its siblings in pages, and not with those of others', async () => {
    const ids = [];
    for (let n = 0; n < 3; n++) ids.push((await makeWebhook()).id);
    await makeWebhook({}, 'rival');
    const page = (query: QueryOf<'listWebhooks'>) =>
      dataOf(client.GET(HOOKS, { params: { path: { tenant: 'acme' }, query } }));
    const first = await page({ limit: 2 });
    const second = await page({ limit: 2, cursor: first.next_cursor ?? '' });
    expect([...first.data, ...second.data].map(({ id }) => id)).toEqual(ids);
    expect(second.next_cursor).toBeNull();
  });

  it('is told nothing any more once it was deleted', async () => {
    const { id } = await makeWebhook({ events: ['key.delivered'] });
    await deliver();
    const because = { path: { tenant: 'acme', id }, query: { reason: 'moved' } };
    const { response } = await client.DELETE(HOOK, { params: because });
    expect([response.status, await response.text()]).toEqual([204, '']);
    expect(await told()).toEqual([]);
    expect(await statusOf(show(id))).toBe(404);
    const ofType = { path: { tenant: 'acme' }, query: { type: 'webhook.deleted' } };
    const { data } = await dataOf(client.GET(AUDIT, { params: ofType }));
    expect(data).toMatchObject([{ target: `webhook:${id}`, reason: 'moved' }]);
    expect((await makeWebhook()).id).toBeGreaterThan(id);
  });
});

describe('what a webhook is told', () => {
  it('begins with its making: nothing of before is sent', async () => {
    for (let n = 0; n < 4; n++) await deliver();
    await makeWebhook({ events: ['*', 'key.delivered'] });
    expect(await told()).toEqual([]);
  });

  it('is everything but deliveries for "*", which have to be named', async () => {
    await makeWebhook({ events: ['*'] });
    for (let n = 0; n < 4; n++) await deliver();
    expect(await told()).toEqual(['service.limit_reached']);
  });

  it('holds deliveries from the moment on that they were asked for', async () => {
    const { id } = await makeWebhook({ events: ['*'] });
    await deliver();
    await dataOf(change(id, { events: ['*', 'key.delivered'] }));
    expect(await deliver()).toBe(2);
    expect(await told()).toEqual([2]);
  });

  it('misses none of what happened while it was switched off', async () => {
    const { id } = await makeWebhook({ events: ['key.delivered'] });
    await dataOf(change(id, { enabled: false }));
    await deliver();
    expect(await told()).toEqual([]);
    await dataOf(change(id, { enabled: true }));
    await deliver();
    expect(await told()).toEqual([1, 2]);
  });
});

describe('a webhook that failed', () => {
  it('says since when, and starts afresh when it is enabled again', async () => {
    const { id } = await makeWebhook({ events: ['key.delivered'] });
    answer = 500;
    await deliver();
    await told();
    const failing = await dataOf(show(id));
    expect(failing).toMatchObject({ enabled: true, failing_since: '2026-03-01T12:00:00.000Z' });
    answer = 410;
    vault.advance(600_000);
    await told();
    const disabled = await dataOf(show(id));
    expect(disabled).toMatchObject({ enabled: false, disabled_reason: expect.stringContaining('410') });
    answer = 200;
    const changed = await dataOf(change(id, { enabled: true }));
    expect(changed).toMatchObject({ enabled: true, disabled_reason: null, failing_since: null });
    const row = await vault.engine.read.selectFrom('webhooks').selectAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({ failures: 0, failing_since: null, paused_until: null });
    await deliver();
    expect(await told()).toContain(2);
  });

  it('keeps the reason for which the vault switched it off while somebody changes something else of it', async () => {
    const { id } = await makeWebhook({ events: ['key.delivered'] });
    answer = 410;
    await deliver();
    await told();
    const changed = await dataOf(change(id, { enabled: false, description: 'broken' }));
    expect(changed).toMatchObject({ description: 'broken', disabled_reason: expect.stringContaining('410') });
  });
});

describe('webhooks of another tenant', () => {
  it('are answered like webhooks that never existed, on every route, and stay as they are', async () => {
    const { id } = await makeWebhook({}, 'rival');
    const inRival = { params: { path: { tenant: 'rival', id } } };
    const before = await dataOf(client.GET(HOOK, inRival));
    for (const [method, body] of [['GET'], ['PATCH', { enabled: false }], ['DELETE']] as [
      string,
      unknown?,
    ][]) {
      await expectSameNotFound(vault, method, `${RAW}/${id}`, `${RAW}/999`, body);
      await expectSameNotFound(vault, method, `${RAW}/${id}`, `/tenants/nobody/webhooks/${id}`, body);
    }
    await expectSameNotFound(vault, 'GET', '/tenants/nobody/webhooks', '/tenants/nowhere/webhooks');
    const body = { url: url(), events: ['*'] };
    await expectSameNotFound(vault, 'POST', '/tenants/nobody/webhooks', '/tenants/nowhere/webhooks', body);
    expect(await dataOf(client.GET(HOOK, inRival))).toEqual(before);
  });
});

describe('the secrets of a webhook', () => {
  it('appear nowhere once they were shown, and its path and query in no audit entry, error or log line', async () => {
    const logLines: string[] = [];
    await vault.stop();
    vault = await startVault({ logLines, env: { KEYROTATOR_WEBHOOK_ALLOWED_ADDRESSES: '127.0.0.1' } });
    client = adminClient(vault);
    ({ client_token: token } = await made(client.POST(TENANTS, { body: { slug: 'acme' } })));
    const { id, secret } = await makeWebhook();
    const views = [
      await vault.admin('GET', RAW),
      await vault.admin('GET', `${RAW}/${id}`),
      await vault.admin('PATCH', `${RAW}/${id}`, { url: `${url()}&more=1` }),
    ];
    const others = [
      await vault.admin('POST', RAW, { url: `https://10.0.0.1/${CANARY}`, events: [CANARY] }),
      await vault.admin('POST', RAW, { url: `https://10.0.0.1/${CANARY}`, events: ['*'] }),
      await vault.admin('POST', RAW, `{"url": "${url()}`),
    ];
    expect(await statusOf(client.DELETE(HOOK, inAcme({ id })))).toBe(204);
    const audit = await vault.admin('GET', '/tenants/acme/audit');
    expect(audit.body.data.map(({ type }: { type: string }) => type)).toEqual([
      'webhook.deleted',
      'webhook.updated',
      'webhook.created',
      'tenant.created',
    ]);
    expect(audit.body.data[2].after.url).toBe(`http://127.0.0.1:${receiver.port}`);
    const bare = secret.slice('whsec_'.length);
    for (const { text } of [...views, ...others, audit]) expect(text).not.toContain(bare);
    for (const { text } of [...others, audit]) expect(text).not.toContain(CANARY);
    expect(logLines.join('\n')).not.toContain(bare);
    expect(logLines.join('\n')).not.toContain(CANARY);
    expect(logLines.length).toBeGreaterThan(0);
  });
});
