import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runOnce as expireKeys } from '../../../src/jobs/expire-keys.ts';
import {
  type AdminClient,
  adminClient,
  dataOf,
  inAcme,
  made,
  type QueryOf,
  refusalOf,
  type Schemas,
} from '../../support/admin-client.ts';
import { expectSameNotFound } from '../../support/indistinguishable.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const TENANTS = '/admin/v1/tenants';
const TENANT = '/admin/v1/tenants/{tenant}';
const SERVICES = '/admin/v1/tenants/{tenant}/services';
const SERVICE = '/admin/v1/tenants/{tenant}/services/{service}';
const KEYS = '/admin/v1/tenants/{tenant}/services/{service}/keys';
const KEY = '/admin/v1/tenants/{tenant}/services/{service}/keys/{id}';
const APPS = '/admin/v1/tenants/{tenant}/apps';
const APP = '/admin/v1/tenants/{tenant}/apps/{id}';
const WEBHOOKS = '/admin/v1/tenants/{tenant}/webhooks';
const WEBHOOK = '/admin/v1/tenants/{tenant}/webhooks/{id}';
const AUDIT = '/admin/v1/tenants/{tenant}/audit';
let vault: TestVault;
let client: AdminClient;

beforeEach(async () => {
  vault = await startVault();
  client = adminClient(vault);
  await made(client.POST(TENANTS, { body: { slug: 'acme' } }));
  vault.advance(60_000);
});

afterEach(() => vault.stop());

const makeApp = (name: string) => made(client.POST(APPS, { ...inAcme(), body: { name } }));
const makeService = (body: Schemas['NewService']) => made(client.POST(SERVICES, { ...inAcme(), body }));
const makeKey = (body: Schemas['NewKey']) => made(client.POST(KEYS, { ...inAcme({ service: 's' }), body }));
const audit = (query: QueryOf<'listAudit'> = {}) =>
  client.GET(AUDIT, { params: { path: { tenant: 'acme' }, query } });

async function types(query: QueryOf<'listAudit'> = {}): Promise<string[]> {
  return (await dataOf(audit(query))).data.map(({ type }) => type);
}

/** A change to nothing, or to what is there already, is answered with what is there, and that stays. */
async function expectUnchanged<Shown, Patch extends object>(
  show: () => Answered<Shown>,
  change: (body: Patch | Record<never, never>) => Answered<Shown>,
  same: NoInfer<Patch>,
): Promise<void> {
  const shown = await dataOf(show());
  for (const body of [{}, same]) {
    expect(await dataOf(change(body))).toEqual(shown);
    expect(await dataOf(show())).toEqual(shown);
  }
}

type Answered<T> = Promise<{ data?: T; error?: unknown; response: Response }>;

describe('the audit trail', () => {
  it('says who did what to which thing, from where and when, and what it was before and after', async () => {
    const { id } = await makeApp('Checkout');
    const { response } = await client.PATCH(APP, { ...inAcme({ id }), body: { name: 'Till' } });
    const { data } = await dataOf(audit({ limit: 1 }));
    expect(data).toEqual([
      {
        id: expect.any(Number),
        at: '2026-03-01T12:01:00.000Z',
        type: 'app.updated',
        actor: { kind: 'admin_token', id: expect.any(Number), name: 'root', role: 'root' },
        ip: '127.0.0.1',
        target: `app:${id}`,
        outcome: 'success',
        reason: null,
        before: expect.objectContaining({ name: 'Checkout', enabled: true }),
        after: expect.objectContaining({ name: 'Till', enabled: true }),
        request_id: response.headers.get('x-request-id'),
      },
    ]);
  });

  it('has times as RFC 3339, those of keys that changed too, by hand or by themselves', async () => {
    await makeService({ slug: 's', policy: 'time', rotate_every_minutes: 60, on_expiry: 'cycle' });
    for (const label of ['a', 'b', 'c']) {
      await makeKey({ label, key: `sk-${label}-0123456789abcdef`, expires_at: '2027-01-01T00:00:00Z' });
    }
    await dataOf(
      client.POST('/admin/v1/tenants/{tenant}/services/{service}/rotate', {
        ...inAcme({ service: 's' }),
        body: { retire_old: true, grace_seconds: 60 },
      }),
    );
    vault.advance(3_600_000);
    const { client_token: token } = await dataOf(
      client.POST('/admin/v1/tenants/{tenant}/client-token/rotate', inAcme()),
    );
    expect((await vault.next('service=s', { token })).status).toBe(200);
    vault.advance(3_600_000);
    await expireKeys(vault.jobs.vault, vault.engine.time());
    const { data } = await dataOf(audit());
    const times = [...JSON.stringify(data).matchAll(/"(?!day_resets_at)\w+_at":("[^"]*"|[^,}]*)/g)].map(
      ([, time]) => time,
    );
    expect(times.length).toBeGreaterThan(20);
    for (const time of times) expect(time).toMatch(/^(?:null|"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")$/);
  });

  it('is told newest first, in pages that neither miss nor repeat an entry', async () => {
    for (const name of ['a', 'b', 'c']) await makeApp(name);
    const first = await dataOf(audit({ limit: 2 }));
    await makeApp('d');
    const second = await dataOf(audit({ limit: 2, cursor: first.next_cursor ?? '' }));
    const names = [...first.data, ...second.data].map(({ after }) => after?.name);
    expect(names).toEqual(['c', 'b', 'a', 'acme']);
    expect(second.next_cursor).toBeNull();
  });

  it('is narrowed by time, type and actor', async () => {
    await makeApp('a');
    expect(await types({ from: '2026-03-01T12:01:00Z' })).toEqual(['app.created']);
    expect(await types({ to: '2026-03-01T12:01:00Z' })).toEqual(['tenant.created']);
    expect(await types({ type: 'app.created' })).toEqual(['app.created']);
    expect(await types({ type: 'app' })).toEqual([]);
    expect(await types({ actor: 'root' })).toEqual(['app.created', 'tenant.created']);
    expect(await types({ actor: 'nobody' })).toEqual([]);
    expect(await types({ actor: "root' OR '1'='1" })).toEqual([]);
  });

  it.each([
    'from=once',
    'to=2026-03-01',
    'to=9999-12-31T23:59:59-01:00',
    'type=a&type=b',
    'limit=all',
    'cursor=eA',
  ])('is refused to %s', async (query) => {
    const { status, body } = await vault.admin('GET', `/tenants/acme/audit?${query}`);
    expect([status, body.error]).toEqual([400, 'invalid request']);
  });

  it('has no entry for what was refused', async () => {
    const missing = inAcme({ id: 999 });
    await refusalOf(client.POST(APPS, { ...inAcme(), body: { name: '' } }));
    await refusalOf(client.PATCH(APP, { ...missing, body: { name: 'x' } }));
    await refusalOf(client.DELETE(WEBHOOK, missing));
    expect(await types()).toEqual(['tenant.created']);
  });

  it('has no entry for a PATCH that changes nothing, which leaves everything as it is', async () => {
    await makeService({ slug: 's', max_daily_requests: 5 });
    const key = await makeKey({ label: 'a', key: 'sk-0123456789abcdef', tags: { b: '1', a: '2' } });
    const till = { name: 'Till', services: ['s'], allowed_ips: ['127.0.0.0/8'], tags: { b: '1', a: '2' } };
    const app = await made(client.POST(APPS, { ...inAcme(), body: till }));
    const hook: Schemas['NewWebhook'] = { url: 'https://example.com/hook', events: ['*'] };
    const webhook = await made(client.POST(WEBHOOKS, { ...inAcme(), body: hook }));
    const before = await types();
    vault.advance(60_000);
    const inService = inAcme({ service: 's' });
    const ofKey = inAcme({ service: 's', id: key.id });
    const ofApp = inAcme({ id: app.id });
    const ofWebhook = inAcme({ id: webhook.id });
    await expectUnchanged(
      () => client.GET(TENANT, inAcme()),
      (body: Schemas['TenantPatch']) => client.PATCH(TENANT, { ...inAcme(), body }),
      { name: 'acme', denied_ips: [], status: 'active' },
    );
    await expectUnchanged(
      () => client.GET(SERVICE, inService),
      (body: Schemas['ServicePatch']) => client.PATCH(SERVICE, { ...inService, body }),
      { max_daily_requests: 5, policy: 'manual' },
    );
    await expectUnchanged(
      () => client.GET(KEY, ofKey),
      (body: Schemas['KeyPatch']) => client.PATCH(KEY, { ...ofKey, body }),
      { label: 'a', tags: { a: '2', b: '1' } },
    );
    await expectUnchanged(
      () => client.GET(APP, ofApp),
      (body: Schemas['AppPatch']) => client.PATCH(APP, { ...ofApp, body }),
      { ...till, tags: { a: '2', b: '1' } },
    );
    await expectUnchanged(
      () => client.GET(WEBHOOK, ofWebhook),
      (body: Schemas['WebhookPatch']) => client.PATCH(WEBHOOK, { ...ofWebhook, body }),
      { ...hook, enabled: true },
    );
    expect(await types()).toEqual(before);
  });

  it('cannot be changed through the administration', async () => {
    for (const method of ['POST', 'PATCH', 'DELETE']) {
      const { status, headers } = await vault.admin(method, '/tenants/acme/audit');
      expect([status, headers.get('allow')]).toEqual([405, 'GET']);
    }
  });

  it('of a tenant has nothing of another, whose trail cannot be told from that of none', async () => {
    await made(client.POST(TENANTS, { body: { slug: 'rival' } }));
    const inRival = { params: { path: { tenant: 'rival' } } };
    await made(client.POST(APPS, { ...inRival, body: { name: 'Secret project' } }));
    expect(await types()).toEqual(['tenant.created']);
    await expectSameNotFound(vault, 'GET', '/tenants/nobody/audit', '/tenants/nowhere/audit');
  });
});
