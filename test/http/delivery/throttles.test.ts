import { describe, expect, it } from 'vitest';
import { formatToken } from '../../../src/domain/token-format.ts';
import { REFUSALS } from '../../../src/http/paces.ts';
import { call, openFurnishedVault, refusalOf } from '../../support/furnish.ts';
import { get, RawConnection } from '../../support/raw-http.ts';
import type { TestVault } from '../../support/start-vault.ts';

const MINUTE = 60_000;
const PROXIED = { env: { KEYROTATOR_TRUSTED_PROXIES: '127.0.0.1' } };
const UNKNOWN = formatToken('client', Buffer.alloc(32, 9));
const THROTTLED = [429, 'rate limit exceeded'];

function from(network: string) {
  return { headers: { 'x-forwarded-for': network } };
}

/** How many of `count` requests from a network came out with each status. */
async function statuses(
  count: number,
  ask: () => Promise<{ status: number }>,
): Promise<Record<number, number>> {
  const answers = await Promise.all(Array.from({ length: count }, ask));
  const sums: Record<number, number> = {};
  for (const { status } of answers) sums[status] = (sums[status] ?? 0) + 1;
  return sums;
}

describe('a demo tenant', () => {
  it('delivers 30 keys a minute to each network, counting only what was delivered', async () => {
    const { vault, token } = await openFurnishedVault({ ...PROXIED, tenant: { demo: true } });
    const ask =
      (network: string, query = 'service=openai') =>
      () =>
        vault.next(query, { token, ...from(network) });
    expect(await statuses(40, ask('203.0.113.1', 'service=unknown'))).toEqual({ 404: 40 });
    expect(await statuses(40, ask('203.0.113.1'))).toEqual({ 200: 30, 429: 10 });
    expect(await statuses(31, ask('203.0.113.2'))).toEqual({ 200: 30, 429: 1 });
    vault.advance(MINUTE - 1);
    expect(refusalOf(await ask('203.0.113.1')())).toEqual([429, 'demo throttle']);
    vault.advance(1);
    expect(await statuses(31, ask('203.0.113.1'))).toEqual({ 200: 30, 429: 1 });
    expect((await call(vault, 'GET', '/tenants/acme/services/openai')).usage_today).toBe(90);
  });

  it('takes the addresses of one /64 for one network', async () => {
    const { vault, token } = await openFurnishedVault({ ...PROXIED, tenant: { demo: true } });
    let host = 0;
    const ask = () =>
      vault.next('service=openai', { token, ...from(`2001:db8:1:2::${(++host).toString(16)}`) });
    expect(await statuses(40, ask)).toEqual({ 200: 30, 429: 10 });
    expect((await vault.next('service=openai', { token, ...from('2001:db8:1:3::1') })).status).toBe(200);
    expect((await vault.next('service=openai', { token, ...from('::ffff:203.0.113.9') })).status).toBe(200);
  });

  it('is the only kind that is held up so', async () => {
    const { vault, token } = await openFurnishedVault();
    expect(await statuses(60, () => vault.next('service=openai', { token }))).toEqual({ 200: 60 });
  });
});

describe('failed authentications', () => {
  const fail = (vault: TestVault, network: string) => () =>
    vault.next('service=openai', { token: UNKNOWN, ...from(network) });

  it('are told so 200 times a minute from one network, and then to wait; a valid token is served all the same', async () => {
    const { vault, token } = await openFurnishedVault(PROXIED);
    expect(await statuses(200, fail(vault, '203.0.113.1'))).toEqual({ 403: 200 });
    vault.advance(20_000);
    const held = await fail(vault, '203.0.113.1')();
    expect(refusalOf(held)).toEqual(THROTTLED);
    expect(held.headers.get('retry-after')).toBe('40');
    expect(held.headers.get('ratelimit')).toBe('"auth";r=0;t=40');
    expect(held.headers.get('ratelimit-policy')).toBe('"auth";q=200;w=60');
    expect((await vault.next('service=openai', { token, ...from('203.0.113.1') })).status).toBe(200);
    expect(refusalOf(await fail(vault, '203.0.113.2')())).toEqual([403, 'invalid token']);
    expect(await statuses(20, fail(vault, '203.0.113.1'))).toEqual({ 429: 20 });
    vault.advance(40_000 - 1);
    expect(refusalOf(await fail(vault, '203.0.113.1')())).toEqual(THROTTLED);
    vault.advance(1);
    expect(refusalOf(await fail(vault, '203.0.113.1')())).toEqual([403, 'invalid token']);
  });

  it('are counted alike whether the token is malformed, unknown, revoked or an administrator’s', async () => {
    const { vault, token } = await openFurnishedVault(PROXIED);
    await call(vault, 'POST', '/tenants/acme/client-token/rotate');
    const tokens = ['nonsense', UNKNOWN, token, vault.rootToken];
    let at = 0;
    const ask = () =>
      vault.next('service=openai', { token: tokens[at++ % 4] as string, ...from('203.0.113.1') });
    expect(await statuses(204, ask)).toEqual({ 403: 200, 429: 4 });
  });

  it('are nothing that a form, a state or a limit refused', async () => {
    const { vault, token } = await openFurnishedVault({ ...PROXIED, service: { enabled: false } });
    const ask = (query: string) => () => vault.next(query, { token, ...from('203.0.113.1') });
    expect(await statuses(150, ask('service=openai'))).toEqual({ 503: 150 });
    expect(await statuses(150, ask('service=openai&mask=x'))).toEqual({ 400: 150 });
    expect(refusalOf(await fail(vault, '203.0.113.1')())).toEqual([403, 'invalid token']);
  });

  it('of an administrator are a 401 200 times a minute, and then a 429; the right token is let in all the same', async () => {
    const { vault } = await openFurnishedVault(PROXIED);
    const whoami = (token: string, network: string) =>
      vault.request('/admin/v1/whoami', {
        headers: { authorization: `Bearer ${token}`, 'x-forwarded-for': network },
      });
    const first = await whoami('wrong', '203.0.113.1');
    expect(refusalOf(first)).toEqual([401, 'unauthorized']);
    expect(first.headers.get('www-authenticate')).toMatch(/^Bearer\b/);
    expect(await statuses(199, () => whoami('wrong', '203.0.113.1'))).toEqual({ 401: 199 });
    const held = await whoami('wrong', '203.0.113.1');
    expect(refusalOf(held)).toEqual(THROTTLED);
    expect(held.headers.get('retry-after')).toBe('60');
    expect((await whoami(vault.rootToken, '203.0.113.1')).status).toBe(200);
    expect((await whoami('wrong', '203.0.113.2')).status).toBe(401);
    vault.advance(MINUTE);
    expect((await whoami('wrong', '203.0.113.1')).status).toBe(401);
  });
});

describe('a flood', () => {
  const CONNECTIONS = 20;

  /** Asks `count` times over connections that wait for each answer; resolves to the milliseconds it took. */
  async function flood(vault: TestVault, path: string, token: string, status: number, count: number) {
    const asked = get(path, { Authorization: `Bearer ${token}` });
    let left = count;
    const started = performance.now();
    const connections = Array.from({ length: CONNECTIONS }, async () => {
      const connection = await RawConnection.open(vault.url);
      while (left-- > 0) expect((await connection.send(asked).receive()).status).toBe(status);
      connection.destroy();
    });
    await Promise.all(connections);
    return performance.now() - started;
  }

  /** However slow the machine is, the pace alone takes as long as this. */
  function leastMs(count: number, { burst, perSecond }: { burst: number; perSecond: number }): number {
    return ((count - burst - CONNECTIONS) * 1_000) / perSecond;
  }

  it('of refusals is answered a thousand at once and then a thousand a second, and deliveries meanwhile', async () => {
    const { vault, token } = await openFurnishedVault();
    const flooding = flood(vault, '/api/next?service=unknown', token, 404, 3_000);
    expect(await statuses(50, () => vault.next('service=openai', { token }))).toEqual({ 200: 50 });
    expect(await flooding).toBeGreaterThan(leastMs(3_000, REFUSALS));
  });

  it('of unknown tokens is answered 20 at once and then a hundred a second, and deliveries meanwhile', async () => {
    const { vault, token } = await openFurnishedVault();
    const started = performance.now();
    await flood(vault, '/api/next?service=openai', UNKNOWN, 403, 200);
    const flooding = flood(vault, '/api/next?service=openai', UNKNOWN, 429, 200);
    expect(await statuses(50, () => vault.next('service=openai', { token }))).toEqual({ 200: 50 });
    await flooding;
    expect(performance.now() - started).toBeGreaterThan(leastMs(400, { burst: 20, perSecond: 100 }));
  });

  it('of unknown admin tokens is answered as slowly', async () => {
    const { vault } = await openFurnishedVault();
    const started = performance.now();
    await flood(vault, '/admin/v1/whoami', 'wrong', 401, 200);
    await flood(vault, '/admin/v1/whoami', 'wrong', 429, 200);
    expect(performance.now() - started).toBeGreaterThan(leastMs(400, { burst: 20, perSecond: 100 }));
  });

  async function openForReader() {
    const { vault } = await openFurnishedVault();
    const reader = { name: 'Reader', role: 'viewer' };
    const { admin_token } = await call(vault, 'POST', '/tenants/acme/admin-tokens', reader);
    return { vault, token: admin_token };
  }

  it('of one tenant’s administration is answered 20 at once and then a hundred a second', async () => {
    const { vault, token } = await openForReader();
    const flooding = flood(vault, '/admin/v1/tenants/acme/services', token, 200, 220);
    expect(await flooding).toBeGreaterThan(leastMs(220, { burst: 20, perSecond: 100 }));
  });

  it('of the longest pages is answered at a quarter of that', async () => {
    const { vault, token } = await openForReader();
    const flooding = flood(vault, '/admin/v1/tenants/acme/services?limit=200', token, 200, 80);
    expect(await flooding).toBeGreaterThan(leastMs(80, { burst: 5, perSecond: 25 }));
  });

  it('of usage is answered by the rows that it has', async () => {
    const { vault, token } = await openForReader();
    const path = '/admin/v1/tenants/acme/usage?granularity=minute&from=2026-02-28T19:21:00Z';
    const started = performance.now();
    const headers = { authorization: `Bearer ${token}` };
    const { body } = await vault.request(path, { headers });
    expect(body.buckets).toHaveLength(1_000);
    await flood(vault, '/admin/v1/tenants/acme/services', token, 200, 20 + CONNECTIONS);
    // Twenty turns of its own but for those that come at once; the others asked only after it was answered.
    expect(performance.now() - started).toBeGreaterThan(
      leastMs(20 + 20 + CONNECTIONS, { burst: 20, perSecond: 100 }),
    );
  });
});
