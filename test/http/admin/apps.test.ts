import { isDeepStrictEqual } from 'node:util';
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
import { expectSameNotFound } from '../../support/indistinguishable.ts';
import { seedService } from '../../support/seed.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const TENANTS = '/admin/v1/tenants';
const APPS = '/admin/v1/tenants/{tenant}/apps';
const APP = '/admin/v1/tenants/{tenant}/apps/{id}';
const ROTATE = '/admin/v1/tenants/{tenant}/apps/{id}/rotate-token';
const DISABLE = '/admin/v1/tenants/{tenant}/apps/{id}/disable';
const ENABLE = '/admin/v1/tenants/{tenant}/apps/{id}/enable';
/** For requests that the document forbids. */
const RAW = '/tenants/acme/apps';
let vault: TestVault;
let client: AdminClient;

beforeEach(async () => {
  vault = await startVault();
  client = adminClient(vault);
  for (const slug of ['acme', 'rival']) {
    const { id } = await made(client.POST(TENANTS, { body: { slug } }));
    for (const service of ['openai', 'mail']) await seedService(vault.jobs.vault, id, service);
    if (slug === 'rival') await seedService(vault.jobs.vault, id, 'rivals-own');
  }
});

afterEach(() => vault.stop());

function makeApp(members: Partial<Schemas['NewApp']> = {}, tenant = 'acme') {
  const body = { name: 'Checkout', services: 'all', ...members } as const;
  return made(client.POST(APPS, { params: { path: { tenant } }, body }));
}

const show = (id: number) => client.GET(APP, inAcme({ id }));
const change = (id: number, body: Schemas['AppPatch']) => client.PATCH(APP, { ...inAcme({ id }), body });
const disable = (id: number, body: Schemas['Disabling']) =>
  dataOf(client.POST(DISABLE, { ...inAcme({ id }), body }));
const enable = (id: number) => dataOf(client.POST(ENABLE, inAcme({ id })));

async function audit(query: QueryOf<'listAudit'> = {}) {
  const params = { path: { tenant: 'acme' }, query };
  return (await dataOf(client.GET('/admin/v1/tenants/{tenant}/audit', { params }))).data;
}

const auditTypes = async () => (await audit()).map(({ type }) => type);

const pointers = (reply: { body: { errors: { pointer: string }[] } }) =>
  reply.body.errors.map(({ pointer }) => pointer);
const tagOf = ({ response }: { response: Response }) => response.headers.get('etag');
const outcome = async (token: string, service = 'openai') => {
  const { status, body } = await vault.next(`service=${service}`, { token });
  return status === 200 ? 'delivered' : body.error;
};

describe('an app', () => {
  it('is made with the defaults of the contract and a token that works', async () => {
    const call = client.POST(APPS, { ...inAcme(), body: { name: 'Checkout' } });
    const { app_token, ...view } = await made(call);
    const { headers } = (await call).response;
    expect(headers.get('location')).toBe(`/admin/v1/tenants/acme/apps/${view.id}`);
    expect(view).toEqual({
      id: expect.any(Number),
      name: 'Checkout',
      description: '',
      environment: '',
      tags: {},
      services: [],
      groups: [],
      reach: [],
      allowed_ips: [],
      denied_ips: [],
      allowed_origins: [],
      allowed_referrers: [],
      allowed_user_agents: [],
      blocked_countries: [],
      require_https: false,
      require_signature: false,
      max_daily_requests: null,
      rate_limit: null,
      expires_at: null,
      enabled: true,
      status: 'active',
      disabled_reason: null,
      auto_enable_at: null,
      token_prefix: app_token.slice(0, 8),
      last_used_at: null,
      usage_today: 0,
      created_at: '2026-03-01T12:00:00.000Z',
      updated_at: '2026-03-01T12:00:00.000Z',
    });
    expect(app_token).toMatch(/^kra_/);
    expect(await outcome(app_token)).toBe('service not allowed');
    expect(await dataOf(show(view.id))).toEqual(view);
  });

  it('reaches the services that it names and no other', async () => {
    const { app_token, services } = await makeApp({ services: ['mail'] });
    expect(services).toEqual(['mail']);
    expect(await outcome(app_token, 'mail')).toBe('delivered');
    expect(await outcome(app_token, 'openai')).toBe('service not allowed');
  });

  it('that may not be named is told of a service of another tenant as of one that never existed', async () => {
    const errors = async (service: string) => {
      const body = { name: 'A', services: [service] };
      return (await refusalOf(client.POST(APPS, { ...inAcme(), body }))).errors;
    };
    const one = await errors('rivals-own');
    expect(one).toHaveLength(1);
    expect(one).toEqual(await errors('never-was'));
  });

  it('is changed member by member, and the very next request is bound by it', async () => {
    const { id, app_token } = await makeApp({ tags: { team: 'web' } });
    expect(await outcome(app_token)).toBe('delivered');
    const changed = await dataOf(change(id, { services: ['mail'], environment: 'production' }));
    expect(changed).toMatchObject({
      services: ['mail'],
      environment: 'production',
      tags: { team: 'web' },
    });
    expect(await outcome(app_token)).toBe('service not allowed');
    await dataOf(change(id, { services: 'all', denied_ips: ['127.0.0.1'] }));
    expect(await outcome(app_token)).toBe('ip not allowed');
    await dataOf(change(id, { denied_ips: [], max_daily_requests: 1 }));
    expect(await outcome(app_token)).toBe('app daily limit reached');
    await dataOf(change(id, { max_daily_requests: null }));
    expect(await outcome(app_token)).toBe('delivered');
    await dataOf(change(id, { enabled: false }));
    expect(await outcome(app_token)).toBe('token disabled');
  });

  it('has its rate limit changed member by member, and what it was is in the audit trail and in its entity tag', async () => {
    const none = { per_second: null, per_minute: null, per_hour: null, burst: null };
    const { id, rate_limit } = await makeApp({ rate_limit: { per_second: 5, burst: 9 } });
    expect(rate_limit).toEqual({ ...none, per_second: 5, burst: 9 });
    for (const [patch, expected] of [
      [
        { per_minute: 60, burst: null },
        { ...none, per_second: 5, per_minute: 60 },
      ],
      [{ per_second: null }, { ...none, per_minute: 60 }],
      [{}, { ...none, per_minute: 60 }],
      [{ per_hour: 70 }, { ...none, per_minute: 60, per_hour: 70 }],
      [{ per_minute: null, per_hour: null }, null],
      [{ per_second: 1 }, { ...none, per_second: 1 }],
      [null, null],
    ] as const) {
      const before = await show(id);
      const was = (await dataOf(show(id))).rate_limit;
      const call = change(id, { rate_limit: patch });
      const changed = await dataOf(call);
      expect(changed.rate_limit).toEqual(expected);
      expect(await dataOf(show(id))).toEqual(changed);
      const same = isDeepStrictEqual(was, expected);
      expect(tagOf(await call) === tagOf(before)).toBe(same);
      if (same) continue;
      const [entry] = await audit({ limit: 1 });
      expect(entry).toMatchObject({ type: 'app.updated', target: `app:${id}` });
      expect(entry?.before?.rate_limit).toEqual(was);
      expect(entry?.after?.rate_limit).toEqual(expected);
    }
  });

  it('keeps no burst that its second was taken from', async () => {
    const { id } = await makeApp({ rate_limit: { per_second: 5, burst: 9 } });
    const { status, pointers } = await refusalOf(change(id, { rate_limit: { per_second: null } }));
    expect([status, pointers]).toEqual([422, ['/rate_limit/burst']]);
  });

  it('ends at its expires_at, and shows it', async () => {
    const { id, app_token } = await makeApp({ expires_at: '2026-03-01T13:00:00+00:00' });
    vault.advance(3_599_999);
    expect(await outcome(app_token)).toBe('delivered');
    vault.advance(1);
    expect(await outcome(app_token)).toBe('token expired');
    const app = await dataOf(show(id));
    expect(app).toMatchObject({ status: 'expired', enabled: true, expires_at: '2026-03-01T13:00:00.000Z' });
    expect(await statusOf(change(id, { name: 'Old', expires_at: app.expires_at }))).toBe(200);
  });

  it('shows what it was delivered today, of UTC, and when it was used last', async () => {
    const { id, app_token } = await makeApp();
    await outcome(app_token);
    vault.advance(60_000);
    await outcome(app_token);
    const today = await dataOf(show(id));
    expect(today).toMatchObject({ usage_today: 2, last_used_at: '2026-03-01T12:01:00.000Z' });
    vault.advance(12 * 3_600_000);
    const tomorrow = await dataOf(client.GET(APPS, inAcme()));
    expect(tomorrow.data[0]).toMatchObject({ usage_today: 0, last_used_at: '2026-03-01T12:01:00.000Z' });
  });

  it('is listed with its siblings in pages, each once', async () => {
    const ids = [];
    for (const name of ['a', 'b', 'c']) ids.push((await makeApp({ name })).id);
    await makeApp({}, 'rival');
    const page = (query: QueryOf<'listApps'>) =>
      client.GET(APPS, { params: { path: { tenant: 'acme' }, query } });
    const first = await dataOf(page({ limit: 2 }));
    expect(first.data.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    const second = await dataOf(page({ limit: 2, cursor: first.next_cursor ?? '' }));
    expect(second.data.map(({ id }) => id)).toEqual(ids.slice(2));
    expect(second.next_cursor).toBeNull();
    expect(await statusOf(page({ limit: 0 }))).toBe(400);
    expect(await statusOf(page({ cursor: 'abc' }))).toBe(400);
  });
});

describe('the token of an app', () => {
  it('is replaced at once, or after the grace', async () => {
    const { id, app_token: first } = await makeApp();
    const graceful = client.POST(ROTATE, { ...inAcme({ id }), body: { grace_seconds: 60 } });
    const { app_token: second, ...rest } = await dataOf(graceful);
    expect(await statusOf(graceful)).toBe(200);
    expect(second).toMatch(/^kra_/);
    expect(rest).toEqual({ previous_valid_until: '2026-03-01T12:01:00.000Z' });
    expect([await outcome(first), await outcome(second)]).toEqual(['delivered', 'delivered']);
    expect((await dataOf(show(id))).token_prefix).toBe(second.slice(0, 8));
    vault.advance(60_000);
    expect([await outcome(first), await outcome(second)]).toEqual(['invalid token', 'delivered']);
    const sudden = await dataOf(client.POST(ROTATE, inAcme({ id })));
    expect(sudden.previous_valid_until).toBe('2026-03-01T12:01:00.000Z');
    expect([await outcome(second), await outcome(sudden.app_token)]).toEqual(['invalid token', 'delivered']);
  });

  it.each([{ grace_seconds: -1 }, { grace_seconds: 1.5 }, { grace_seconds: 2_592_001 }, { grace: 1 }])(
    'is not replaced with %j',
    async (body) => {
      const { id, app_token } = await makeApp();
      expect((await vault.admin('POST', `${RAW}/${id}/rotate-token`, body)).status).toBe(422);
      expect(await outcome(app_token)).toBe('delivered');
    },
  );
});

describe('an app that is switched off', () => {
  it('gets nothing until it is switched on, and says why', async () => {
    const { id, app_token } = await makeApp();
    expect(await disable(id, { reason: 'leaked' })).toMatchObject({
      status: 'disabled',
      enabled: false,
      disabled_reason: 'leaked',
      auto_enable_at: null,
    });
    expect(await outcome(app_token)).toBe('token disabled');
    expect(await enable(id)).toMatchObject({ status: 'active', enabled: true, disabled_reason: null });
    expect(await outcome(app_token)).toBe('delivered');
  });

  it('comes back by itself when its time is over, and the vault is named in the audit trail', async () => {
    const { id, app_token } = await makeApp();
    const off = await disable(id, { reason: 'pause', auto_enable_after_seconds: 60 });
    expect(off.auto_enable_at).toBe('2026-03-01T12:01:00.000Z');
    const { enableDueApps } = await import('../../../src/operations/apps/enable-due-apps.ts');
    vault.advance(59_999);
    await enableDueApps(vault.jobs.vault, vault.engine.time());
    expect(await outcome(app_token)).toBe('token disabled');
    vault.advance(1);
    await enableDueApps(vault.jobs.vault, vault.engine.time());
    expect(await outcome(app_token)).toBe('delivered');
    const data = await audit({ type: 'app.enabled' });
    expect(data).toHaveLength(1);
    expect(data[0]).toMatchObject({
      target: `app:${id}`,
      actor: { kind: 'system', name: 'keyrotator' },
      ip: null,
    });
    expect(await dataOf(show(id))).toMatchObject({
      disabled_reason: null,
      auto_enable_at: null,
    });
  });

  it('does not come back on the word of a wall clock that was set ahead', async () => {
    const { id, app_token } = await makeApp();
    await disable(id, { reason: 'pause', auto_enable_after_seconds: 60 });
    const { enableDueApps } = await import('../../../src/operations/apps/enable-due-apps.ts');
    vault.stepWall(86_400_000);
    await enableDueApps(vault.jobs.vault, vault.engine.time());
    expect(await outcome(app_token)).toBe('token disabled');
  });

  it('leaves no audit entry where nothing changes', async () => {
    const { id } = await makeApp();
    await enable(id);
    expect(await auditTypes()).not.toContain('app.enabled');
    await disable(id, { reason: 'leaked' });
    await disable(id, { reason: 'leaked' });
    expect((await auditTypes()).filter((type) => type === 'app.disabled')).toHaveLength(1);
    await disable(id, { reason: 'for another reason' });
    expect((await auditTypes()).filter((type) => type === 'app.disabled')).toHaveLength(2);
  });

  it('keeps its reason when a change says once more that it is off', async () => {
    const { id } = await makeApp();
    await disable(id, { reason: 'leaked', auto_enable_after_seconds: 60 });
    const app = await dataOf(change(id, { enabled: false, name: 'Renamed' }));
    expect(app).toMatchObject({
      name: 'Renamed',
      disabled_reason: 'leaked',
      auto_enable_at: '2026-03-01T12:01:00.000Z',
    });
  });

  it.each([
    {},
    { reason: '' },
    { reason: 'a', auto_enable_after_seconds: 0 },
    { reason: 'a', until: 'later' },
  ])('has to be switched off with a reason and nothing unknown: %j', async (body) => {
    const { id, app_token } = await makeApp();
    expect((await vault.admin('POST', `${RAW}/${id}/disable`, body)).status).toBe(422);
    expect(await outcome(app_token)).toBe('delivered');
  });

  it('is not switched on by a body with unknown members', async () => {
    const { id } = await makeApp({ enabled: false });
    const reply = await vault.admin('POST', `${RAW}/${id}/enable`, { role: 'root' });
    expect(reply.status).toBe(422);
    expect(pointers(reply)).toEqual(['/role']);
    expect((await dataOf(show(id))).enabled).toBe(false);
  });
});

describe('a deleted app', () => {
  it('is gone with its tokens, its services and its counters, while its deliveries keep its id', async () => {
    const { id, app_token } = await makeApp({ services: ['openai'] });
    await outcome(app_token);
    const params = { path: { tenant: 'acme', id }, query: { reason: 'retired' } };
    const gone = await client.DELETE(APP, { params });
    expect([gone.response.status, await gone.response.text()]).toEqual([204, '']);
    expect(await outcome(app_token)).toBe('invalid token');
    const { read } = vault.engine;
    expect(await read.selectFrom('tokens').select('id').where('app_id', '=', id).execute()).toEqual([]);
    expect(await read.selectFrom('app_services').selectAll().execute()).toEqual([]);
    expect(await read.selectFrom('counters').selectAll().where('subject', '=', 'app').execute()).toEqual([]);
    const deliveries = await dataOf(
      client.GET('/admin/v1/tenants/{tenant}/services/{service}/deliveries', {
        params: { path: { tenant: 'acme', service: 'openai' }, query: { app: id } },
      }),
    );
    expect(deliveries.data).toMatchObject([{ app_id: id }]);
    const data = await audit({ type: 'app.deleted' });
    expect(data).toMatchObject([
      { target: `app:${id}`, reason: 'retired', before: { name: 'Checkout' }, after: null },
    ]);
    expect((await makeApp()).id).toBeGreaterThan(id);
  });
});

describe('apps of another tenant', () => {
  it('are answered like apps that never existed, on every route, and stay as they are', async () => {
    const { id, app_token } = await makeApp({}, 'rival');
    const inRival = { params: { path: { tenant: 'rival', id } } };
    const before = await dataOf(client.GET(APP, inRival));
    const routes: [string, string, unknown?][] = [
      ['GET', ''],
      ['PATCH', '', { name: 'Mine' }],
      ['DELETE', ''],
      ['POST', '/rotate-token', { grace_seconds: 0 }],
      ['POST', '/disable', { reason: 'mine' }],
      ['POST', '/enable'],
      ['GET', '/usage'],
    ];
    for (const [method, verb, body] of routes) {
      await expectSameNotFound(vault, method, `${RAW}/${id}${verb}`, `${RAW}/999${verb}`, body);
      await expectSameNotFound(
        vault,
        method,
        `${RAW}/${id}${verb}`,
        `/tenants/nobody/apps/${id}${verb}`,
        body,
      );
      await expectSameNotFound(vault, method, `${RAW}/${id}${verb}`, `${RAW}/1e3${verb}`, body);
    }
    await expectSameNotFound(vault, 'GET', '/tenants/nobody/apps', '/tenants/nowhere/apps');
    await expectSameNotFound(vault, 'POST', '/tenants/nobody/apps', '/tenants/nowhere/apps', { name: 'A' });
    expect(await dataOf(client.GET(APP, inRival))).toEqual(before);
    expect(await outcome(app_token)).toBe('delivered');
  });
});

describe('the token of an app, once it was shown,', () => {
  it('appears in no list, entry, error or log line again', async () => {
    const logLines: string[] = [];
    await vault.stop();
    vault = await startVault({ logLines });
    client = adminClient(vault);
    await made(client.POST(TENANTS, { body: { slug: 'acme' } }));
    const { id, app_token } = await makeApp();
    const { app_token: rotated } = await dataOf(client.POST(ROTATE, inAcme({ id })));
    const seen = [
      await vault.admin('GET', RAW),
      await vault.admin('GET', `${RAW}/${id}`),
      await vault.admin('GET', `${RAW}/${id}/usage?group_by=outcome`),
      await vault.admin('GET', '/tenants/acme/audit'),
      await vault.admin('POST', RAW, { name: 'A', services: [app_token], token: rotated }),
      await vault.admin('PATCH', `${RAW}/${id}`, `{"name": "${app_token}`),
      await vault.admin('GET', `${RAW}/${app_token}`),
    ];
    expect(await statusOf(client.DELETE(APP, inAcme({ id })))).toBe(204);
    seen.push(await vault.admin('GET', '/tenants/acme/audit'));
    for (const token of [app_token, rotated]) {
      for (const { text } of seen) expect(text).not.toContain(token.slice(8));
      expect(logLines.join('\n')).not.toContain(token.slice(8));
    }
    expect(logLines.length).toBeGreaterThan(0);
  });
});
