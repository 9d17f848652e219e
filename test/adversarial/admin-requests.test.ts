import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addApp, addService, addTenant, call } from '../support/furnish.ts';
import { exchange, RawConnection, type RawResponse } from '../support/raw-http.ts';
import { type Reply, startVault, type TestVault } from '../support/start-vault.ts';

const MEBIBYTE = 1024 * 1024;

let vault: TestVault;
let appPath: string;
beforeAll(async () => {
  vault = await startVault();
  await addTenant(vault, 'acme');
  await addService(vault, 'acme', { slug: 'openai' });
  appPath = `/tenants/acme/apps/${(await addApp(vault, 'acme')).id}`;
});
afterAll(() => vault.stop());

/** Fails unless it is a problem of RFC 9457 with this status and `error`, and all the fields of every answer. */
function expectProblem(reply: Reply, status: number, error: string): void {
  expect(reply.body).toMatchObject({
    type: 'about:blank',
    title: expect.any(String),
    status,
    detail: expect.any(String),
    error,
    request_id: reply.headers.get('x-request-id'),
  });
  expect(reply.status).toBe(status);
  expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(reply.headers.get('cache-control')).toBe('no-store');
  expect(reply.headers.get('x-content-type-options')).toBe('nosniff');
}

function send(
  method: string,
  path: string,
  body: string | Buffer,
  headers: Record<string, string>,
): Promise<Reply> {
  const authorization = `Bearer ${vault.rootToken}`;
  return vault.request(`/admin/v1${path}`, { method, body, headers: { authorization, ...headers } });
}

/** A request as bytes, with the root token and whatever `fields` say. */
function raw(line: string, fields = ''): Promise<RawResponse> {
  return exchange(
    vault.url,
    `${line} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${vault.rootToken}\r\n${fields}\r\n`,
  );
}

describe('a body with members that nobody knows', () => {
  const CREATES: readonly [path: string, body: object][] = [
    ['/tenants', { slug: 'other' }],
    ['/tenants/acme/services', { slug: 'other' }],
    ['/tenants/acme/services/openai/keys', { label: 'A', key: 'sk-unknown-members' }],
    ['/tenants/acme/apps', { name: 'A' }],
    ['/tenants/acme/webhooks', { url: 'https://example.com/', events: ['*'] }],
  ];

  it.each(CREATES)('is refused by POST %s, each member named', async (path, body) => {
    for (const member of [
      'tenant_id',
      'role',
      'id',
      'version',
      'constructor',
      'toString',
      '__proto__',
      '',
      'a/b~c',
    ]) {
      const text = `${JSON.stringify(body).slice(0, -1)},${JSON.stringify(member)}:{"role":"root"}}`;
      const reply = await vault.admin('POST', path, text);
      expectProblem(reply, 422, 'unprocessable');
      const pointer = `/${member.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      expect(reply.body.errors).toEqual([{ pointer, detail: 'unknown member' }]);
    }
  });

  it('is refused by every PATCH and every action, and changes nothing', async () => {
    const before = await call(vault, 'GET', '/tenants/acme');
    const paths: [string, string, object][] = [
      ['PATCH', '/tenants/acme', { name: 'Changed' }],
      ['PATCH', '/tenants/acme/services/openai', { name: 'Changed' }],
      ['PATCH', '/tenants/acme/services/openai/keys/1', { label: 'Changed' }],
      ['PATCH', appPath, { name: 'Changed' }],
      ['POST', `${appPath}/rotate-token`, {}],
      ['POST', `${appPath}/enable`, {}],
      ['POST', '/tenants/acme/client-token/rotate', {}],
      ['POST', '/tenants/acme/services/openai/rotate', {}],
      ['POST', '/tenants/acme/services/openai/keys/1/disable', { reason: 'x' }],
      ['POST', '/tenants/acme/services/openai/keys/1/enable', {}],
    ];
    for (const [method, path, body] of paths) {
      for (const member of ['slug', 'tenant_id', '__proto__']) {
        const text = JSON.stringify({ ...body, x: 0 }).replace(
          '"x":0',
          `${JSON.stringify(member)}:{"demo":true}`,
        );
        expectProblem(await vault.admin(method, path, text), 422, 'unprocessable');
      }
    }
    expect(await call(vault, 'GET', '/tenants/acme')).toEqual(before);
    expect((await call(vault, 'GET', appPath)).name).toBe('An app');
    expect(({} as Record<string, unknown>).demo).toBeUndefined();
  });
});

describe('a body that is no use', () => {
  it.each(['{', '{"slug":}', "{'slug':'a'}", '{"slug":"a"}}', 'null x', '\ufeff{"slug" "a"}', '[1,]', 'NaN'])(
    'is 400 where it is not JSON: %j',
    async (text) => {
      const reply = await send('POST', '/tenants', text, { 'content-type': 'application/json' });
      expectProblem(reply, 400, 'invalid request');
      expect(reply.text).not.toContain('slug"');
    },
  );

  it.each(['null', '[]', '"text"', '5', 'true', '[{"slug":"a"}]'])(
    'is 422 where it is not an object: %s',
    async (text) => {
      expectProblem(await vault.admin('POST', '/tenants', text), 422, 'unprocessable');
    },
  );

  it('is an empty object where it is absent or empty', async () => {
    const reply = await send('POST', '/tenants', '', { 'content-type': 'application/json' });
    expectProblem(reply, 422, 'unprocessable');
    expect(reply.body.errors).toMatchObject([{ pointer: '/slug' }]);
    expect((await vault.admin('POST', `${appPath}/enable`)).status).toBe(200);
  });

  it('is 422 where it is 6,000 deep', async () => {
    const deep = '['.repeat(6_000) + ']'.repeat(6_000);
    const objects = `${'{"a":'.repeat(6_000)}1${'}'.repeat(6_000)}`;
    for (const text of [
      deep,
      objects,
      `{"slug":${deep}}`,
      `{"slug":"deep","allowed_ips":${deep}}`,
      `{"slug":"deep","name":${objects}}`,
    ]) {
      expectProblem(await vault.admin('POST', '/tenants', text), 422, 'unprocessable');
    }
    expectProblem(await vault.admin('PATCH', appPath, `{"tags":${objects}}`), 422, 'unprocessable');
  });

  it('is 413 from the first byte above a mebibyte', async () => {
    const padded = (bytes: number) => `{"slug":"UPPER"${' '.repeat(bytes - 16)}}`;
    expectProblem(await vault.admin('POST', '/tenants', padded(MEBIBYTE)), 422, 'unprocessable');
    expectProblem(await vault.admin('POST', '/tenants', padded(MEBIBYTE + 1)), 413, 'payload too large');
  });

  it('is 413 where it only unpacks to more than a mebibyte', async () => {
    const packed = gzipSync(`{"slug":"UPPER"${' '.repeat(50 * MEBIBYTE)}}`);
    expect(packed.length).toBeLessThan(MEBIBYTE);
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    expectProblem(await send('POST', '/tenants', packed, headers), 413, 'payload too large');
  });

  it.each([
    ['text/plain'],
    ['application/x-www-form-urlencoded'],
    ['multipart/form-data; boundary=x'],
    ['application/jsonx'],
    ['application/json; charset=latin1'],
    [''],
  ])('is 415 where it comes as %j', async (type) => {
    const reply = await send('POST', '/tenants', '{"slug":"other"}', { 'content-type': type });
    expectProblem(reply, 415, 'unsupported media type');
  });

  it('is 415 where it is packed in a way that is not known', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'rot13' };
    expectProblem(await send('POST', '/tenants', '{}', headers), 415, 'unsupported media type');
  });

  it('is 400 where it does not unpack', async () => {
    const packed = gzipSync('{"slug":"other"}');
    for (const bytes of [Buffer.from('{"slug":"other"}'), packed.subarray(0, -9), packed.fill(0, 12, 20)]) {
      for (const [path, type] of [
        ['/tenants', 'application/json'],
        ['/tenants/acme/services/openai/keys/import', 'text/csv'],
      ] as const) {
        const reply = await send('POST', path, bytes, { 'content-type': type, 'content-encoding': 'gzip' });
        expectProblem(reply, 400, 'invalid request');
      }
    }
  });

  it('is nothing where the client goes away in the middle of it', async () => {
    const connection = await RawConnection.open(vault.url);
    const body = '{"slug":"half"';
    connection.send(
      `POST /admin/v1/tenants HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${vault.rootToken}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n${body}`,
    );
    connection.destroy();
    expect((await vault.admin('GET', '/tenants/half')).status).toBe(404);
    expect((await vault.request('/healthz')).status).toBe(200);
  });
});

describe('a body that could not be kept as it was sent', () => {
  const json = { 'content-type': 'application/json' };

  it.each([
    ['bytes that are no UTF-8', Buffer.from('{"name":"caf\xe9"}', 'latin1')],
    ['a surrogate as bytes', Buffer.from('{"name":"\xed\xa0\x80"}', 'latin1')],
    ['an overlong slash', Buffer.from('{"name":"\xc0\xaf"}', 'latin1')],
    ['half of a character at the end', Buffer.from('{"name":"a"}\xf0\x9f', 'latin1')],
    ['bytes that are no UTF-8, packed', gzipSync(Buffer.from('{"name":"caf\xe9"}', 'latin1'))],
  ])('is 400 where it has %s', async (_what, bytes) => {
    const packed: Record<string, string> = bytes[0] === 0x1f ? { 'content-encoding': 'gzip' } : {};
    const reply = await send('PATCH', appPath, bytes, { ...json, ...packed });
    expectProblem(reply, 400, 'invalid request');
    expect(reply.body.detail).toBe('The body is not UTF-8.');
  });

  it('is 415 where it is in another encoding of Unicode', async () => {
    const reply = await send('PATCH', appPath, Buffer.from('{"name":"a"}', 'utf16le'), {
      'content-type': 'application/json; charset=utf-16le',
    });
    expectProblem(reply, 415, 'unsupported media type');
  });

  it.each([
    ['{"name":"one","name":"two"}', 'name'],
    ['{"name":"one","n\\u0061me":"two"}', 'name'],
    ['{"tags":{"a":"1","b":"{\\"b\\":0}","a":"2"}}', 'a'],
    ['{ "__proto__" : {}, "__proto__" : {} }', '__proto__'],
    ['{"rate_limit":{"per_second":1,"per_second":null},"name":"x"}', 'per_second'],
  ])('is 400 where it has a member twice: %s', async (text, member) => {
    const reply = await vault.admin('PATCH', appPath, text);
    expectProblem(reply, 400, 'invalid request');
    expect(reply.body.detail).toBe(`The member "${member}" is twice in one object: send each member once.`);
  });

  it('may say the same in two objects, and name what it says', async () => {
    const tags = { name: 'name', tags: 'tags', 'a":"b': '{"name":1}' };
    const { body } = await vault.admin('PATCH', appPath, { name: 'name', tags });
    expect(body).toMatchObject({ name: 'name', tags });
  });

  it.each([
    ['PATCH', '', { name: 'half \ud83d' }, '/name'],
    ['PATCH', '', { description: '\udd11 half' }, '/description'],
    ['PATCH', '', { environment: '\udd11\ud83d' }, '/environment'],
    ['PATCH', '', { allowed_user_agents: ['ok', 'half \ud83d'] }, '/allowed_user_agents/1'],
    ['PATCH', '', { tags: { team: '\ud83d' } }, '/tags/team'],
    ['PATCH', '', { tags: { 'team\ud83d': 'x' } }, '/tags/team\ud83d'],
    ['POST', '/disable', { reason: '\ud83d' }, '/reason'],
  ])('is 422 where %s%s has half of a character: %j', async (method, action, body, pointer) => {
    const reply = await vault.admin(method, `${appPath}${action}`, body);
    expectProblem(reply, 422, 'unprocessable');
    expect(reply.body.errors).toEqual([{ pointer, detail: expect.stringContaining('half of a character') }]);
  });

  it.each([
    ['POST', '/tenants', { slug: 'half', name: '\ud83d' }, '/name'],
    ['POST', '/tenants/acme/services', { slug: 'half', name: '\ud83d' }, '/name'],
    ['POST', '/tenants/acme/groups', { slug: 'half', name: '\ud83d' }, '/name'],
    ['POST', '/tenants/acme/services/openai/keys', { label: '\ud83d', key: 'sk-half-1' }, '/label'],
    ['POST', '/tenants/acme/services/openai/keys', { label: 'a', key: 'sk-\ud83d' }, '/key'],
    ['POST', '/tenants/acme/admin-tokens', { name: '\ud83d', role: 'viewer' }, '/name'],
    ['POST', '/tenants/acme/webhooks', { url: 'https://example.com/\ud83d', events: ['*'] }, '/url'],
  ])('is 422 where %s %s has half of a character: %j', async (method, path, body, pointer) => {
    const reply = await vault.admin(method, path, body);
    expectProblem(reply, 422, 'unprocessable');
    expect(reply.body.errors).toMatchObject([{ pointer }]);
  });

  it('is 422 where a tag has the name __proto__, which no object keeps', async () => {
    for (const path of [appPath, '/tenants/acme/services/openai/keys/1']) {
      const reply = await vault.admin('PATCH', path, '{"tags":{"team":"a","__proto__":"x"}}');
      expectProblem(reply, 422, 'unprocessable');
      const detail = 'has a name that cannot be used';
      expect(reply.body.errors).toEqual([{ pointer: '/tags/__proto__', detail }]);
    }
  });

  it('keeps whole characters, the replacement character among them', async () => {
    const name = '🔑 \ufffd é';
    expect((await vault.admin('PATCH', appPath, { name })).body.name).toBe(name);
  });
});

describe('a credential of the administration', () => {
  it.each([undefined, '', 'Bearer', 'Bearer ', 'Basic cm9vdDpyb290', 'bearer', 'Bearer x y', 'Token x'])(
    '%j is 401 with WWW-Authenticate, whatever the path',
    async (authorization) => {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
      for (const path of ['/whoami', '/tenants', '/tenants/acme', '/tenants/never-was', '/nothing']) {
        const reply = await vault.request(`/admin/v1${path}`, { headers });
        expectProblem(reply, 401, 'unauthorized');
        expect(reply.headers.get('www-authenticate')).toMatch(/^Bearer\b/);
      }
    },
  );

  it('is not taken from the query', async () => {
    for (const name of ['token', 'access_token', 'authorization']) {
      expectProblem(await vault.request(`/admin/v1/whoami?${name}=${vault.rootToken}`), 401, 'unauthorized');
    }
  });

  it('is in one Authorization field: two are refused, in either order', async () => {
    const [right, wrong] = [`Authorization: Bearer ${vault.rootToken}`, 'Authorization: Bearer wrong'];
    for (const [first, second] of [
      [right, wrong],
      [wrong, right],
      [right, right],
    ] as const) {
      const answer = await exchange(
        vault.url,
        `GET /admin/v1/whoami HTTP/1.1\r\nHost: a\r\n${first}\r\n${second}\r\n\r\n`,
      );
      expect([answer.status, answer.body.error]).toEqual([400, 'invalid request']);
    }
  });

  it.each([
    ['two Host fields', 'Host: a\r\nHost: b\r\n'],
    ['none', ''],
  ])('does not help a request with %s', async (_what, host) => {
    for (const path of ['/admin/v1/whoami', '/healthz', '/nothing']) {
      const answer = await exchange(
        vault.url,
        `GET ${path} HTTP/1.1\r\n${host}Authorization: Bearer ${vault.rootToken}\r\n\r\n`,
      );
      expect([answer.status, answer.body.error]).toEqual([400, 'invalid request']);
      expect(answer.field('cache-control')).toBe('no-store');
      expect(answer.field('x-request-id')).toBe(answer.body.request_id);
    }
  });
});

describe('a path that plays tricks', () => {
  it.each([
    ['/tenants/%00', 404],
    ['/tenants/acme%00', 404],
    ['/tenants/acme%2f', 404],
    ['/tenants/acme%2fservices', 404],
    ['/tenants/%2e%2e%2fwhoami', 404],
    ['/tenants/..%2f..%2fhealthz', 404],
    ['/tenants/acme%20', 404],
    ['/tenants/ACME', 404],
    ['/tenants/acme%0d%0aX-Injected:1', 404],
    ["/tenants/acme'%20OR%201=1--", 404],
    ['/tenants/%EF%BD%81cme', 404],
    ['/tenants/acme/', 404],
    ['/Tenants/acme', 404],
    ['//tenants/acme', 404],
    ['/tenants//acme', 404],
    ['/tenants/%ff', 400],
    ['/tenants/%zz', 400],
    ['/tenants/%', 400],
    ['/tenants/acme/services/%c0%ae', 400],
    ['/tenants/acme/services/openai/keys/%31%00', 404],
    ['/tenants/acme/services/openai/keys/0', 404],
    ['/tenants/acme/services/openai/keys/-1', 404],
    ['/tenants/acme/services/openai/keys/01', 404],
    ['/tenants/acme/services/openai/keys/1.0', 404],
    ['/tenants/acme/services/openai/keys/1e0', 404],
    ['/tenants/acme/services/openai/keys/0x1', 404],
    ['/tenants/acme/services/openai/keys/9007199254740993', 404],
    ['/tenants/acme/services/openai/keys/99999999999999999999999', 404],
    ['/tenants/acme/services/__proto__', 404],
    ['/tenants/__proto__', 404],
    ['/tenants/constructor', 404],
  ])('%s is %i', async (path, status) => {
    const answer = await raw(`GET /admin/v1${path}`);
    expect(answer.status).toBe(status);
    expect(answer.field('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.field('x-injected')).toBeUndefined();
    expect(answer.text).not.toContain('client_token');
  });

  it.each(['/tenants/../whoami', '/tenants/%2e%2e', '/tenants/acme/../acme', '/./tenants/acme'])(
    '%s is not resolved to another',
    async (path) => {
      expect((await raw(`GET /admin/v1${path}`)).status).toBe(404);
    },
  );

  it.each([
    '/',
    '/nothing',
    '/admin',
    '/admin/v1',
    '/admin/v2/tenants',
    '/Admin/v1/tenants',
    '/.env',
    '/healthz/',
    '/metrics/..',
    '/api',
    '/api/',
    '/index.php',
  ])('%s leads nowhere, with a problem', async (path) => {
    const answer = await raw(`GET ${path}`);
    expect([answer.status, answer.body.error]).toEqual([404, 'not found']);
    expect(answer.body.request_id).toBe(answer.field('x-request-id'));
  });

  it('makes no Location that leaves the administration', async () => {
    const reply = await vault.admin('POST', '/tenants', { slug: 'located' });
    expect(reply.headers.get('location')).toBe('/admin/v1/tenants/located');
  });
});

describe('a method that a path does not take', () => {
  it.each([
    ['OPTIONS', '/tenants', 'GET, POST'],
    ['TRACE', '/tenants', 'GET, POST'],
    ['PUT', '/tenants/acme', 'GET, PATCH, DELETE'],
    ['POST', '/tenants/acme', 'GET, PATCH, DELETE'],
    ['DELETE', '/whoami', 'GET'],
    ['PROPFIND', '/tenants/acme/apps', 'GET, POST'],
    ['GET', '/tenants/acme/client-token/rotate', 'POST'],
    ['OPTIONS', '/tenants/acme/services/openai/rotate', 'POST'],
  ])('%s %s is 405 with Allow: %s', async (method, path, allow) => {
    const answer = await raw(`${method} /admin/v1${path}`);
    expect([answer.status, answer.body.error]).toEqual([405, 'method not allowed']);
    expect(answer.field('allow')).toBe(allow);
    expect(answer.text).not.toContain(vault.rootToken);
    expect(answer.field('access-control-allow-origin')).toBeUndefined();
  });

  it('says nothing of it without a valid token', async () => {
    const answer = await exchange(vault.url, 'OPTIONS /admin/v1/tenants HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(answer.status).toBe(401);
    expect(answer.field('allow')).toBeUndefined();
  });

  it('is not HEAD where there is a GET: it has the fields and no body', async () => {
    const connection = await RawConnection.open(vault.url);
    const bytes = (method: string) =>
      `${method} /admin/v1/whoami HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${vault.rootToken}\r\n\r\n`;
    const head = await connection.send(bytes('HEAD')).receive({ bodiless: true });
    const next = await connection.send(bytes('GET')).receive();
    connection.destroy();
    expect([head.status, next.status]).toEqual([200, 200]);
    expect(head.field('content-type')).toBe(next.field('content-type'));
    expect(next.body.role).toBe('root');
  });
});

describe('a label that means something elsewhere', () => {
  it.each([
    `<img src=x onerror=alert(1)>`,
    `=cmd|' /C calc'!A0`,
    '+1+1',
    '-1',
    '@SUM(A1)',
    '"; DROP TABLE apps; --',
    "Robert'); --",
    '🔑 Schlüssel',
    '{{7*7}}',
    '#{7*7}',
    '%00%0a',
    '\\u0000',
  ])('is kept as it is, and comes back as JSON that no browser runs: %s', async (name) => {
    const reply = await vault.admin('PATCH', appPath, { name });
    expect(reply.status).toBe(200);
    expect(reply.body.name).toBe(name);
    const listed = await vault.admin('GET', '/tenants/acme/apps');
    expect(listed.body.data[0].name).toBe(name);
    expect(listed.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(listed.headers.get('x-content-type-options')).toBe('nosniff');
    expect(listed.headers.get('content-security-policy')).toContain("script-src 'self'");
  });

  it.each(['a\r\nX-Injected: 1', 'a\nb', '\u001b[31mred', 'a\u0000b', '\u009b31m', 'a\tb', '\u007f', ''])(
    'is refused with a control character: %j',
    async (name) => {
      expectProblem(await vault.admin('PATCH', appPath, { name }), 422, 'unprocessable');
      expectProblem(
        await vault.admin('PATCH', '/tenants/acme/services/openai/keys/1', { label: name }),
        422,
        'unprocessable',
      );
      expectProblem(await vault.admin('POST', '/tenants', { slug: 'labelled', name }), 422, 'unprocessable');
    },
  );

  it('is delivered as it is, in JSON', async () => {
    const token = await addTenant(vault, 'labels');
    const label = '<script>alert("1")</script> =1+1 \u202e';
    await addService(vault, 'labels', { slug: 'openai' }, [{ label }]);
    const reply = await vault.next('service=openai', { token });
    expect(reply.body.key_label).toBe(label);
    expect(reply.headers.get('content-type')).toBe('application/json; charset=utf-8');
  });
});
