/** What an app asks of its client beside the address, by real requests. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { getKey, RawConnection } from '../../support/raw-http.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

let vault: TestVault;

beforeEach(async () => {
  vault = await startVault({ env: { KEYROTATOR_TRUSTED_PROXIES: '127.0.0.1' } });
  await vault.admin('POST', '/tenants', { slug: 'acme' });
  await vault.admin('POST', '/tenants/acme/services', { slug: 'openai' });
  const key = { label: 'one', key: 'sk-one-0123456789abcdefghij' };
  await vault.admin('POST', '/tenants/acme/services/openai/keys', key);
});

afterEach(() => vault.stop());

async function makeApp(members: object): Promise<{ id: number; app_token: string }> {
  const reply = await vault.admin('POST', '/tenants/acme/apps', { name: 'a', services: 'all', ...members });
  expect(reply.status, reply.text).toBe(201);
  expect(reply.body).toMatchObject(members);
  return reply.body;
}

async function outcome(token: string, headers: Record<string, string>): Promise<string> {
  const { status, body } = await vault.next('service=openai', { token, headers });
  return status === 200 ? 'delivered' : `${status} ${body.error}`;
}

it('a request is judged by its Origin, Referer, User-Agent and scheme', async () => {
  const cases: [object, Record<string, string>, Record<string, string>, string][] = [
    [
      { allowed_origins: ['https://*.example.com'] },
      { origin: 'https://app.example.com' },
      { origin: 'https://app.example.com.evil.test' },
      '403 origin not allowed',
    ],
    [
      { allowed_referrers: ['https://app.example.com/shop/*'] },
      { referer: 'https://app.example.com/shop/cart' },
      { referer: 'https://app.example.com/shop/../admin' },
      '403 referrer not allowed',
    ],
    [
      { allowed_user_agents: ['checkout/*'] },
      { 'user-agent': 'checkout/7' },
      { 'user-agent': 'curl/8' },
      '403 user agent not allowed',
    ],
    [
      { require_https: true },
      { 'x-forwarded-proto': 'https' },
      { 'x-forwarded-proto': 'https, http' },
      '403 https required',
    ],
  ];
  for (const [members, right, wrong, error] of cases) {
    const { app_token } = await makeApp(members);
    expect(await outcome(app_token, right)).toBe('delivered');
    expect(await outcome(app_token, wrong)).toBe(error);
    if (error !== '403 https required') expect(await outcome(app_token, {})).toBe(error);
  }
});

it('a field that is sent twice says nothing', async () => {
  const { app_token } = await makeApp({ allowed_origins: ['https://app.example.com'] });
  const field = 'Origin: https://app.example.com\r\n';
  const request = getKey('openai', app_token).replace('\r\n', `\r\n${field}`);
  const connection = await RawConnection.open(vault.url);
  expect((await connection.send(request).receive()).status).toBe(200);
  const twice = request.replace(field, field + field);
  expect((await connection.send(twice).receive()).body.error).toBe('origin not allowed');
  connection.destroy();
});

it('a change binds the next request, and a rule that is none is refused where it stands', async () => {
  const { id, app_token } = await makeApp({});
  expect(await outcome(app_token, {})).toBe('delivered');
  const path = `/tenants/acme/apps/${id}`;
  await vault.admin('PATCH', path, { allowed_user_agents: ['checkout/*'] });
  expect(await outcome(app_token, { 'user-agent': 'curl/8' })).toBe('403 user agent not allowed');
  await vault.admin('PATCH', path, { allowed_user_agents: [] });
  expect(await outcome(app_token, { 'user-agent': 'curl/8' })).toBe('delivered');
  for (const [members, pointer] of [
    [{ allowed_origins: ['https://a.example', 'a.example'] }, '/allowed_origins/1'],
    [{ allowed_referrers: ['https://a.example*'] }, '/allowed_referrers/0'],
    [{ allowed_user_agents: [''] }, '/allowed_user_agents/0'],
    [{ require_https: 'yes' }, '/require_https'],
  ] as const) {
    const reply = await vault.admin('PATCH', path, members);
    expect([reply.status, reply.body.errors[0].pointer]).toEqual([422, pointer]);
  }
});
