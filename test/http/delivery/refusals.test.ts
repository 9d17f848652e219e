import { describe, expect, it } from 'vitest';
import { formatToken } from '../../../src/domain/token-format.ts';
import type { SqliteEngine } from '../../../src/storage/sqlite/sqlite-engine.ts';
import {
  addApp,
  addKey,
  addService,
  addTenant,
  call,
  openFurnishedVault,
  openVault,
  refusalOf,
} from '../../support/furnish.ts';
import { type Reply, type TestVault, testedEngine } from '../../support/start-vault.ts';

const UNKNOWN_TOKEN = formatToken('client', Buffer.alloc(32, 7));
const ELSEWHERE = ['203.0.113.0/24'];
const inADay = (vault: TestVault, days = 1) => new Date(vault.clock.wall() + days * 86_400_000).toISOString();

/** Damages the sealed text of every key, as a bad disk would. */
async function damageKeys(vault: TestVault): Promise<void> {
  await vault.engine.write({ tenantId: 1 }, (unit) =>
    unit
      .updateTable('provider_keys')
      .set({ sealed_key: Buffer.alloc(64, 1) })
      .execute(),
  );
}

function expectLimit(reply: Reply, name: string, quota: number, window: number, wait: number): void {
  expect(reply.headers.get('retry-after')).toBe(String(wait));
  expect(reply.headers.get('ratelimit')).toBe(`"${name}";r=0;t=${wait}`);
  expect(reply.headers.get('ratelimit-policy')).toBe(`"${name}";q=${quota};w=${window}`);
}

describe('each row of the table of errors', () => {
  it('400 missing token or service', async () => {
    const { vault, token } = await openFurnishedVault();
    for (const query of [
      '',
      `token=${token}`,
      'service=openai',
      `service=&token=${token}`,
      'service=openai&token=',
      'service=openai&app_token=',
    ]) {
      expect(refusalOf(await vault.next(query)), query).toEqual([400, 'missing token or service']);
    }
    const emptyBearer = await vault.next('service=openai', { headers: { authorization: 'Bearer ' } });
    expect(refusalOf(emptyBearer)).toEqual([400, 'missing token or service']);
  });

  it('400 invalid request', async () => {
    const { vault, token } = await openFurnishedVault();
    expect(refusalOf(await vault.next('service=openai&mask=yes', { token }))).toEqual([
      400,
      'invalid request',
    ]);
  });

  it('401 token expired, from the moment that the app expires', async () => {
    const { vault } = await openFurnishedVault();
    const app = await addApp(vault, 'acme', { expires_at: inADay(vault) });
    vault.advance(86_400_000 - 1);
    expect((await vault.next('service=openai', { token: app.token })).status).toBe(200);
    vault.advance(1);
    expect(refusalOf(await vault.next('service=openai', { token: app.token }))).toEqual([
      401,
      'token expired',
    ]);
  });

  it('401 token disabled, of an app that is switched off', async () => {
    const { vault } = await openFurnishedVault();
    const app = await addApp(vault, 'acme', { enabled: false });
    expect(refusalOf(await vault.next('service=openai', { token: app.token }))).toEqual([
      401,
      'token disabled',
    ]);
  });

  it('401 token disabled, of every token of a suspended tenant', async () => {
    const { vault, token } = await openFurnishedVault();
    const app = await addApp(vault, 'acme');
    await call(vault, 'PATCH', '/tenants/acme', { status: 'suspended' });
    for (const each of [token, app.token]) {
      expect(refusalOf(await vault.next('service=openai', { token: each }))).toEqual([401, 'token disabled']);
    }
    await call(vault, 'PATCH', '/tenants/acme', { status: 'active' });
    expect((await vault.next('service=openai', { token })).status).toBe(200);
  });

  it('403 invalid token', async () => {
    const { vault } = await openFurnishedVault();
    expect(refusalOf(await vault.next('service=openai', { token: UNKNOWN_TOKEN }))).toEqual([
      403,
      'invalid token',
    ]);
  });

  it.each([
    ['tenant', '/tenants/acme', { allowed_ips: ELSEWHERE }],
    ['tenant', '/tenants/acme', { denied_ips: ['127.0.0.0/8'] }],
    ['app', '/tenants/acme/apps/1', { allowed_ips: ELSEWHERE }],
    ['app', '/tenants/acme/apps/1', { denied_ips: ['127.0.0.1'], allowed_ips: ['127.0.0.1'] }],
  ])('403 ip not allowed, by the list of the %s at %s: %j', async (_whose, path, lists) => {
    const { vault } = await openFurnishedVault();
    const app = await addApp(vault, 'acme');
    await call(vault, 'PATCH', path, lists);
    expect(refusalOf(await vault.next('service=openai', { token: app.token }))).toEqual([
      403,
      'ip not allowed',
    ]);
  });

  it('403 service not allowed, to an app that has no access', async () => {
    const { vault } = await openFurnishedVault();
    const app = await addApp(vault, 'acme', { services: [] });
    expect(refusalOf(await vault.next('service=openai', { token: app.token }))).toEqual([
      403,
      'service not allowed',
    ]);
    await call(vault, 'PATCH', `/tenants/acme/apps/${app.id}`, { services: ['openai'] });
    expect((await vault.next('service=openai', { token: app.token })).status).toBe(200);
  });

  it('404 unknown service', async () => {
    const { vault, token } = await openFurnishedVault();
    for (const service of [
      'never-was',
      'OpenAI',
      'openai%20',
      'openai/x',
      'openai%2F..',
      '..',
      '__proto__',
      '%F0%9F%94%91',
      "'%20OR%201=1--",
      'x'.repeat(8_000),
    ]) {
      expect(refusalOf(await vault.next(`service=${service}`, { token })), service).toEqual([
        404,
        'unknown service',
      ]);
    }
  });

  it('429 service daily limit reached, until the day of the service is over', async () => {
    const { vault, token } = await openFurnishedVault({
      at: '2026-03-01T12:00:00Z',
      service: { max_daily_requests: 1 },
    });
    await vault.next('service=openai', { token });
    const reply = await vault.next('service=openai', { token });
    expect(refusalOf(reply)).toEqual([429, 'service daily limit reached']);
    expectLimit(reply, 'service-day', 1, 86_400, 43_200);
  });

  it("429 app daily limit reached, until UTC's day is over", async () => {
    const { vault } = await openFurnishedVault({
      at: '2026-03-01T12:00:00.250Z',
      service: { timezone: 'Pacific/Auckland', day_resets_at: '05:00' },
    });
    const app = await addApp(vault, 'acme', { max_daily_requests: 2 });
    for (let at = 0; at < 2; at++) await vault.next('service=openai', { token: app.token });
    const reply = await vault.next('service=openai', { token: app.token });
    expect(refusalOf(reply)).toEqual([429, 'app daily limit reached']);
    expectLimit(reply, 'app-day', 2, 86_400, 43_200);
  });

  it('429 key daily limit reached, where every key that could serve has had its own', async () => {
    const { vault, token } = await openFurnishedVault({
      at: '2026-03-01T23:59:59.999Z',
      service: { policy: 'failover' },
      keys: [{ max_daily_requests: 1 }, { max_daily_requests: 2 }],
    });
    for (let at = 0; at < 3; at++) await vault.next('service=openai', { token });
    const reply = await vault.next('service=openai', { token });
    expect(refusalOf(reply)).toEqual([429, 'key daily limit reached']);
    expectLimit(reply, 'key-day', 2, 86_400, 1);
  });

  it('429 demo throttle, after 30 deliveries a minute to one network', async () => {
    const { vault, token } = await openFurnishedVault({ tenant: { demo: true } });
    for (let at = 0; at < 30; at++) expect((await vault.next('service=openai', { token })).status).toBe(200);
    vault.advance(1_500);
    const reply = await vault.next('service=openai', { token });
    expect(refusalOf(reply)).toEqual([429, 'demo throttle']);
    expectLimit(reply, 'demo', 30, 60, 59);
  });

  it('500 key decrypt failed, and the key is flagged', async () => {
    const { vault, token, keys } = await openFurnishedVault();
    await damageKeys(vault);
    expect(refusalOf(await vault.next('service=openai', { token }))).toEqual([500, 'key decrypt failed']);
    expect(refusalOf(await vault.next('service=openai', { token }))).toEqual([500, 'key decrypt failed']);
    await vault.engine.check();
    const key = await call(vault, 'GET', `/tenants/acme/services/openai/keys/${keys[0]?.id}`);
    expect(key).toMatchObject({ decrypt_failed: true, usage_today: 0 });
    const service = await call(vault, 'GET', '/tenants/acme/services/openai');
    expect(service.usage_today).toBe(0);
  });

  it('503 no active keys', async () => {
    const { vault, token, keys } = await openFurnishedVault();
    await call(vault, 'POST', `/tenants/acme/services/openai/keys/${keys[0]?.id}/disable`, {
      reason: 'leaked',
    });
    expect(refusalOf(await vault.next('service=openai', { token }))).toEqual([503, 'no active keys']);
    await call(vault, 'POST', '/tenants/acme/services', { slug: 'empty' });
    expect(refusalOf(await vault.next('service=empty', { token }))).toEqual([503, 'no active keys']);
  });

  it('503 service disabled', async () => {
    const { vault, token } = await openFurnishedVault({ service: { enabled: false } });
    expect(refusalOf(await vault.next('service=openai', { token }))).toEqual([503, 'service disabled']);
  });

  it.skipIf(testedEngine !== 'sqlite')('503 storage unavailable, and no key leaves', async () => {
    const { vault, token, keys } = await openFurnishedVault();
    await vault.next('service=openai', { token });
    await (vault.engine as SqliteEngine).crashWriter();
    const reply = await vault.next('service=openai', { token });
    expect(refusalOf(reply)).toEqual([503, 'storage unavailable']);
    expect(reply.text).not.toContain(keys[0]?.key);
  });
});

describe('every refusal', () => {
  it('names the error, its status and the request, and is kept by no cache', async () => {
    const { vault, token } = await openFurnishedVault({ service: { enabled: false } });
    const replies = [
      await vault.next(''),
      await vault.next('service=openai&mask=2', { token }),
      await vault.next('service=openai', { token: UNKNOWN_TOKEN }),
      await vault.next('service=nothing', { token }),
      await vault.next('service=openai', { token }),
      await vault.request('/api/next', { method: 'POST' }),
    ];
    for (const { status, headers, body } of replies) {
      expect(body).toStrictEqual({
        error: expect.any(String),
        status,
        ...(status === 400 ? { detail: expect.any(String) } : {}),
        request_id: headers.get('x-request-id'),
      });
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    }
    expect(replies.map(({ status }) => status)).toEqual([400, 400, 403, 404, 503, 405]);
  });

  it('consumes no quota and no ordinal', async () => {
    const vault = await openVault();
    const token = await addTenant(vault, 'acme');
    await addService(vault, 'acme', { slug: 'openai', max_daily_requests: 3 });
    const off = await addApp(vault, 'acme', { enabled: false });
    const barred = await addApp(vault, 'acme', { services: [] });
    const spent = await addApp(vault, 'acme', { max_daily_requests: 1 });
    const ordinals: number[] = [];
    const deliver = async (by: string) =>
      ordinals.push((await vault.next('service=openai', { token: by })).body.meta.usage_today);
    await deliver(spent.token);
    for (let at = 0; at < 5; at++) {
      for (const refused of [off.token, barred.token, spent.token, UNKNOWN_TOKEN]) {
        expect((await vault.next('service=openai', { token: refused })).status).toBeGreaterThanOrEqual(400);
      }
      expect((await vault.next('service=openai&mask=x', { token })).status).toBe(400);
    }
    await deliver(token);
    await deliver(token);
    expect(refusalOf(await vault.next('service=openai', { token }))).toEqual([
      429,
      'service daily limit reached',
    ]);
    expect(ordinals).toEqual([1, 2, 3]);
    const { data } = await call(vault, 'GET', '/tenants/acme/services/openai/deliveries');
    expect(data).toHaveLength(3);
  });
});

describe('the order of judgement', () => {
  it('judges the form before the token', async () => {
    const { vault } = await openFurnishedVault();
    expect(refusalOf(await vault.next('service=openai&service=x', { token: UNKNOWN_TOKEN }))).toEqual([
      400,
      'invalid request',
    ]);
    expect(refusalOf(await vault.next('', { token: UNKNOWN_TOKEN }))).toEqual([
      400,
      'missing token or service',
    ]);
  });

  it('says the same of a known and an unknown service to whoever has no valid token', async () => {
    const { vault } = await openFurnishedVault();
    for (const token of [UNKNOWN_TOKEN, 'nonsense', 'krc_']) {
      const [known, unknown] = [
        await vault.next('service=openai', { token }),
        await vault.next('service=unknown', { token }),
      ];
      expect(refusalOf(known)).toEqual([403, 'invalid token']);
      expect(withoutId(known)).toEqual(withoutId(unknown));
    }
  });

  it('judges the state of the token before the address, and the address before the service', async () => {
    const { vault } = await openFurnishedVault();
    const app = await addApp(vault, 'acme', { enabled: false, allowed_ips: ELSEWHERE });
    expect(refusalOf(await vault.next('service=unknown', { token: app.token }))).toEqual([
      401,
      'token disabled',
    ]);
    await call(vault, 'PATCH', `/tenants/acme/apps/${app.id}`, { enabled: true });
    expect(refusalOf(await vault.next('service=unknown', { token: app.token }))).toEqual([
      403,
      'ip not allowed',
    ]);
  });

  it('judges the suspension of a tenant before an app that is off or past its time', async () => {
    const { vault } = await openFurnishedVault();
    const app = await addApp(vault, 'acme', { expires_at: inADay(vault) });
    vault.advance(2 * 86_400_000);
    await call(vault, 'PATCH', '/tenants/acme', { status: 'suspended' });
    expect(refusalOf(await vault.next('service=openai', { token: app.token }))).toEqual([
      401,
      'token disabled',
    ]);
  });

  it('judges the service before access to it, and access before its limits', async () => {
    const { vault, token } = await openFurnishedVault({ service: { max_daily_requests: 1 } });
    await vault.next('service=openai', { token });
    const app = await addApp(vault, 'acme', { services: [] });
    expect(refusalOf(await vault.next('service=unknown', { token: app.token }))).toEqual([
      404,
      'unknown service',
    ]);
    expect(refusalOf(await vault.next('service=openai', { token: app.token }))).toEqual([
      403,
      'service not allowed',
    ]);
    await call(vault, 'PATCH', '/tenants/acme/services/openai', { enabled: false });
    expect(refusalOf(await vault.next('service=openai', { token: app.token }))).toEqual([
      503,
      'service disabled',
    ]);
  });

  it("judges the service's limit before the app's, and both before the keys", async () => {
    const { vault } = await openFurnishedVault({
      service: { max_daily_requests: 1 },
      keys: [{ max_daily_requests: 1 }],
    });
    const app = await addApp(vault, 'acme', { max_daily_requests: 1 });
    await vault.next('service=openai', { token: app.token });
    const ask = async () => refusalOf(await vault.next('service=openai', { token: app.token }));
    expect(await ask()).toEqual([429, 'service daily limit reached']);
    await call(vault, 'PATCH', '/tenants/acme/services/openai', { max_daily_requests: null });
    expect(await ask()).toEqual([429, 'app daily limit reached']);
    await call(vault, 'PATCH', `/tenants/acme/apps/${app.id}`, { max_daily_requests: null });
    expect(await ask()).toEqual([429, 'key daily limit reached']);
    await addKey(vault, 'acme', 'openai', { label: 'More' });
    expect(await ask()).toEqual([429, 'key daily limit reached']);
  });
});

function withoutId({ status, text, body, headers }: Reply) {
  const own = new Set(['x-request-id', 'date']);
  return {
    status,
    text: text.replace(body.request_id, ''),
    headers: [...headers]
      .filter(([name]) => !own.has(name))
      .map(([name, value]) => (name === 'content-length' ? [name] : [name, value])),
  };
}
