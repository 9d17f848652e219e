import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addApp, addService, addTenant, call, refusalOf } from '../../support/furnish.ts';
import { exchange, get, RawConnection, type RawResponse } from '../../support/raw-http.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const INVALID = [400, 'invalid request'];
const MISSING = [400, 'missing token or service'];
let vault: TestVault;
let token: string;
let app: { id: number; token: string };

beforeAll(async () => {
  vault = await startVault();
  token = await addTenant(vault, 'acme');
  await addService(vault, 'acme', { slug: 'openai' });
  app = await addApp(vault, 'acme');
});
afterAll(() => vault.stop());

/** `query` as it is, behind a service and a token that would do. */
const withQuery = (query: string) => vault.next(`service=openai&${query}`, { token });
const usage = async () => (await call(vault, 'GET', '/tenants/acme/services/openai')).usage_today;

function expectOurHeaders(response: RawResponse): void {
  expect(response.field('cache-control')).toBe('no-store');
  expect(response.field('x-content-type-options')).toBe('nosniff');
  expect(response.field('x-request-id')).toMatch(/^req_[\w-]+$/);
}

describe('the parameters of a delivery', () => {
  it.each(['service=openai', 'service=', 'token=', 'mask=1', 'app_token='])(
    'may be there once: %s twice is refused',
    async (pair) => {
      expect(refusalOf(await vault.next(`service=openai&${pair}&${pair}`, { token }))).toEqual(INVALID);
    },
  );

  it.each(['token[]=x', 'token%5B%5D=x', 'service[a]=x', 'app_token[0]=x', 'mask[]=1', 'mask[=1'])(
    'are plain strings: %s is refused',
    async (pair) => {
      expect(refusalOf(await withQuery(pair))).toEqual(INVALID);
    },
  );

  it.each(['service=%00', 'other=a%00b', '%00=1', 'mask=%00'])('hold no NUL: %s is refused', async (pair) => {
    expect(refusalOf(await vault.next(pair, { token }))).toEqual(INVALID);
    expect(refusalOf(await withQuery(pair))).toEqual(INVALID);
  });

  it.each(['%ff', '%zz', '%', '%2', '%e2%82', '%c0%80', '%ed%a0%80', '%f4%90%80%80'])(
    'decode as UTF-8 wherever they are: %s is refused',
    async (bytes) => {
      for (const pair of [`service=${bytes}`, `other=${bytes}`, `${bytes}=x`, `token=${bytes}`]) {
        expect(refusalOf(await vault.next(pair, { token })), pair).toEqual(INVALID);
      }
    },
  );

  it('are ignored where they are unknown, those with the names of an object too', async () => {
    const query =
      '__proto__=1&constructor=2&toString=3&hasOwnProperty=4&callback=x&debug=1&debug=2&&=&a=%F0%9F%94%91';
    expect((await withQuery(query)).status).toBe(200);
    expect((await withQuery('__proto__[token]=x&__proto__=y')).status).toBe(200);
  });

  it('may be a thousand, as long as the known ones are there once', async () => {
    const thousand = Array.from({ length: 1000 }, (_, at) => `p${at}=${at}`).join('&');
    expect((await withQuery(thousand)).status).toBe(200);
    expect(refusalOf(await withQuery(`${thousand}&service=openai`))).toEqual(INVALID);
    expect(refusalOf(await vault.next(Array(1000).fill('service=openai').join('&'), { token }))).toEqual(
      INVALID,
    );
  });

  it('may be decoded names: se%72vice is service', async () => {
    expect((await vault.next('se%72vice=openai&%6dask=1', { token })).body).toMatchObject({
      service: 'openai',
      masked: true,
    });
    expect(refusalOf(await vault.next('service=openai&se%72vice=openai', { token }))).toEqual(INVALID);
  });

  it.each(['', 'yes', '2', 'TRUE', '01', '%201', '1%20', 'on', 'null'])(
    'take for mask 1, true, 0 and false, and not %j',
    async (value) => {
      expect(refusalOf(await withQuery(`mask=${value}`))).toEqual(INVALID);
    },
  );
});

describe('the credential of a delivery', () => {
  it('is in the header or in the query, never in both, be it the same', async () => {
    for (const pair of [`token=${token}`, `app_token=${token}`, 'token=x', 'app_token=x']) {
      expect(refusalOf(await withQuery(pair)), pair).toEqual(INVALID);
    }
  });

  it('counts as missing where it is empty', async () => {
    expect((await withQuery('token=&app_token=')).status).toBe(200);
    expect((await vault.next(`service=openai&token=${token}&app_token=`)).status).toBe(200);
    expect(
      (await vault.next(`service=openai&token=${token}`, { headers: { authorization: 'Bearer' } })).status,
    ).toBe(200);
    expect(refusalOf(await vault.next('service=openai&token=&app_token='))).toEqual(MISSING);
  });

  it('is the app_token where there is one, and the token is not fallen back to', async () => {
    const ask = async (query: string) => refusalOf(await vault.next(`service=openai&${query}`));
    const before = await usage();
    expect(await ask(`app_token=nonsense&token=${token}`)).toEqual([403, 'invalid token']);
    await call(vault, 'POST', `/tenants/acme/apps/${app.id}/disable`, { reason: 'test' });
    expect(await ask(`token=${token}&app_token=${app.token}`)).toEqual([401, 'token disabled']);
    await call(vault, 'POST', `/tenants/acme/apps/${app.id}/enable`);
    expect(await usage()).toBe(before);
    expect(await ask(`token=nonsense&app_token=${app.token}`)).toEqual([200, undefined]);
    const { data } = await call(vault, 'GET', '/tenants/acme/services/openai/deliveries?limit=1');
    expect(data[0].app_id).toBe(app.id);
  });

  it.each([
    'Basic dXNlcjpwYXNz',
    'Token x',
    'Digest username="a"',
    'x',
    'Bearer, x',
    ', Bearer x',
    'Bearertoken',
  ])('is a bearer token: Authorization: %s is refused', async (authorization) => {
    expect(refusalOf(await vault.next('service=openai', { headers: { authorization } }))).toEqual(INVALID);
    expect(
      refusalOf(await vault.next(`service=openai&token=${token}`, { headers: { authorization } })),
    ).toEqual(INVALID);
  });

  it('is in one Authorization field: two are refused, be they the same', async () => {
    const request = (first: string, second: string) =>
      `GET /api/next?service=openai HTTP/1.1\r\nHost: a\r\nAuthorization: ${first}\r\nauthorization: ${second}\r\n\r\n`;
    for (const [first, second] of [
      [`Bearer ${token}`, `Bearer ${token}`],
      [`Bearer ${token}`, 'Bearer x'],
      ['Bearer', `Bearer ${token}`],
    ] as const) {
      expect(refusalOf(await exchange(vault.url, request(first, second)))).toEqual(INVALID);
    }
  });
});

describe('a request of the wrong form', () => {
  const basic = { authorization: 'Basic canary' };
  it.each([
    ['service=openai&mask=canary', {}, 'mask is 1, true, 0 or false.'],
    ['service=openai&service=canary', {}, 'Send service once.'],
    ['service=openai&mask=1&mask=canary', {}, 'Send mask once.'],
    ['service=openai&token[]=canary', {}, 'Send token once, without brackets.'],
    ['service=openai&canary=%zz', {}, 'The query has a percent escape that is not UTF-8 text, or a NUL.'],
    ['service=canary%00', {}, 'The query has a percent escape that is not UTF-8 text, or a NUL.'],
    [
      'service=openai',
      { headers: basic },
      'Send the token as Authorization: Bearer <token>: no other scheme is taken.',
    ],
    [
      'service=openai&token=canary',
      { token: 'canary' },
      'Send the token in the header or in the query, not in both.',
    ],
    ['service=canary', {}, 'Send a token: Authorization: Bearer <token>.'],
    ['canary=openai&token=canary', {}, 'Name a service: ?service=<slug>.'],
  ])('is told what is wrong, and nothing of it is repeated: %s', async (query, options, detail) => {
    const { status, headers, text, body } = await vault.next(query, options);
    expect(status).toBe(400);
    expect(body).toStrictEqual({
      error: expect.stringMatching(/^(?:invalid request|missing token or service)$/),
      status,
      detail,
      request_id: headers.get('x-request-id'),
    });
    expect(text).not.toContain('canary');
  });

  it('has a detail where a header is there twice, and a refusal of another kind has none', async () => {
    const line = 'GET /api/next?service=openai HTTP/1.1\r\nHost: a\r\n';
    const twice = await exchange(vault.url, `${line}Authorization: Bearer\r\nAuthorization: Bearer\r\n\r\n`);
    expect(twice.body.detail).toBe('Send one Authorization header.');
    const hosts = await exchange(vault.url, `${line}Host: a\r\n\r\n`);
    expect(hosts.body.detail).toBe('Send one Host header.');
    expect((await vault.next('service=openai', { token: 'x' })).body).not.toHaveProperty('detail');
  });
});

describe('the request around a delivery', () => {
  const line = (target = '/api/next?service=openai') => `GET ${target} HTTP/1.1\r\n`;
  const bearer = () => `Authorization: Bearer ${token}\r\n`;

  it.each([
    ['two Host fields', 'Host: a\r\nHost: b\r\n'],
    ['the same Host twice', 'Host: a\r\nX: y\r\nhost: a\r\n'],
    ['no Host', ''],
  ])('has one Host: %s are refused', async (_what, host) => {
    const response = await exchange(vault.url, `${line()}${host}${bearer()}\r\n`);
    expect(refusalOf(response)).toEqual(INVALID);
    expectOurHeaders(response);
  });

  it('has no need of a Host in HTTP/1.0', async () => {
    const response = await exchange(vault.url, `GET /api/next?service=openai HTTP/1.0\r\n${bearer()}\r\n`);
    expect(response.status).toBe(200);
  });

  it('may be 15 KiB long; at 16 KiB it is refused as too large', async () => {
    const long = await exchange(
      vault.url,
      get(`/api/next?service=openai&a=${'x'.repeat(15_000)}`, { Authorization: `Bearer ${token}` }),
    );
    expect(long.status).toBe(200);
    const longer = await exchange(
      vault.url,
      get(`/api/next?service=openai&a=${'x'.repeat(16_384)}`, { Authorization: `Bearer ${token}` }),
    );
    expect(refusalOf(longer)).toEqual([431, 'invalid request']);
    expectOurHeaders(longer);
    expect(longer.field('connection')).toBe('close');
  });

  it.each([
    ['no HTTP at all', 'hello\r\n\r\n'],
    ['an unknown method', 'FETCH /api/next?service=openai HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['an unknown version', 'GET /api/next?service=openai HTTP/3.7\r\nHost: a\r\n\r\n'],
    ['two lengths', 'GET /api/next HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
    [
      'a length and chunks',
      'GET /api/next HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a NUL in a field', 'GET /api/next HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n'],
    ['a blank before the colon', 'GET /api/next HTTP/1.1\r\nHost: a\r\nAuthorization : Bearer x\r\n\r\n'],
  ])('is refused with all our fields where it is %s, and repeats nothing', async (_what, bytes) => {
    const response = await exchange(vault.url, bytes);
    expect(response.status).toBe(400);
    expect(response.body).toStrictEqual({
      error: 'invalid request',
      status: 400,
      request_id: response.field('x-request-id'),
    });
    expectOurHeaders(response);
  });

  it.each([
    'Expect: something-else',
    'Expect: 100-continue',
    'Upgrade: websocket\r\nConnection: upgrade',
    'Range: bytes=0-3',
    'If-None-Match: *',
    'Accept: image/png',
  ])('is served as any other with %s', async (field) => {
    const connection = await RawConnection.open(vault.url);
    connection.send(`${line()}Host: a\r\n${bearer()}${field}\r\n\r\n`);
    let response = await connection.receive();
    if (response.status === 100) response = await connection.receive();
    connection.destroy();
    expect(response.status).toBe(200);
    expectOurHeaders(response);
  });

  it('may carry a body, which is nothing to it and no next request', async () => {
    const before = await usage();
    const connection = await RawConnection.open(vault.url);
    const inner = get('/api/next?service=openai', { Authorization: `Bearer ${token}` });
    connection.send(`${line()}Host: a\r\n${bearer()}Content-Length: ${inner.length}\r\n\r\n${inner}`);
    expect((await connection.receive()).body.meta.usage_today).toBe(before + 1);
    connection.send(get('/api/next?service=openai', { Authorization: `Bearer ${token}` }));
    expect((await connection.receive()).body.meta.usage_today).toBe(before + 2);
    connection.destroy();
  });

  it.each([
    '/api/next/',
    '/API/next',
    '/api/next.PHP',
    '/api//next',
    '/api/%6eext',
    '/api/next%2ephp',
    '/api/next;a',
    '//api/next',
    '/api/next/x',
  ])('is at the one path and not at %s', async (path) => {
    const { status, headers, body } = await vault.request(`${path}?service=openai&token=${token}`);
    expect([status, body.error]).toEqual([404, 'not found']);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-request-id')).toBe(body.request_id);
  });
});

describe('any method but GET', () => {
  it('CONNECT makes no tunnel: the connection ends', async () => {
    const connection = await RawConnection.open(vault.url);
    connection.send('CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n');
    await connection.closed;
  });

  it.each(['HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'])(
    '%s is refused with Allow, and counts nothing',
    async (method) => {
      const before = await usage();
      for (const path of ['/api/next', '/api/next.php']) {
        const response = await exchange(
          vault.url,
          `${method} ${path}?service=openai HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n\r\n`,
        );
        expect(response.status).toBe(405);
        expect(response.field('allow')).toBe('GET');
        expectOurHeaders(response);
        if (method !== 'HEAD') expect(response.body.error).toBe('method not allowed');
        expect(response.text).not.toContain(token);
      }
      expect(await usage()).toBe(before);
    },
  );
});
