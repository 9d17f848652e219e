import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const HOUR = 3_600_000;
const TOKENS = '/tenants/acme/admin-tokens';
let vault: TestVault;

beforeEach(async () => {
  vault = await startVault({ env: { KEYROTATOR_TRUSTED_PROXIES: '127.0.0.1' } });
  for (const slug of ['acme', 'rival']) await vault.admin('POST', '/tenants', { slug });
});

afterEach(() => vault.stop());

interface Made {
  readonly id: number;
  readonly admin_token: string;
}

async function make(members: object, token = vault.rootToken, path = TOKENS): Promise<Made> {
  const reply = await vault.admin('POST', path, { name: 'somebody', ...members }, token);
  expect(reply.status, reply.text).toBe(201);
  return reply.body;
}

const whoami = (token: string) => vault.admin('GET', '/whoami', undefined, token);

function from(address: string, token: string) {
  const headers = { authorization: `Bearer ${token}`, 'x-forwarded-for': address };
  return vault.request('/admin/v1/whoami', { headers });
}

const inAnHour = () => new Date(vault.clock.wall() + HOUR).toISOString();

describe('an admin token', () => {
  it('is shown once, says who it is, and is listed without what would open anything', async () => {
    const reply = await vault.admin('POST', TOKENS, { name: 'Ada', role: 'owner' });
    const { admin_token, ...view } = reply.body;
    expect(reply.headers.get('location')).toBe(`/admin/v1${TOKENS}/${view.id}`);
    expect(admin_token).toMatch(/^krr_[0-9A-Za-z]{49}$/);
    expect(view).toEqual({
      id: expect.any(Number),
      name: 'Ada',
      role: 'owner',
      token_prefix: admin_token.slice(0, 8),
      allowed_ips: [],
      expires_at: null,
      status: 'active',
      created_at: '2026-03-01T12:00:00.000Z',
    });
    expect((await whoami(admin_token)).body).toEqual({ name: 'Ada', role: 'owner', tenant: 'acme' });
    expect((await vault.admin('GET', TOKENS)).body).toEqual({ data: [view], next_cursor: null });
    expect((await vault.admin('GET', `${TOKENS}/${view.id}`)).body).toEqual(view);
    const { body } = await vault.admin('GET', '/tenants/acme/audit');
    expect(body.data[0]).toMatchObject({
      type: 'admin_token.created',
      target: `admin_token:${view.id}`,
      after: view,
    });
    expect(JSON.stringify(body)).not.toContain(admin_token);
  });

  it('opens nothing from the request after its deletion on', async () => {
    const owner = await make({ role: 'owner' });
    const { id, admin_token } = await make({ role: 'viewer' }, owner.admin_token);
    expect((await whoami(admin_token)).status).toBe(200);
    const deleted = await vault.admin('DELETE', `${TOKENS}/${id}?reason=left`, undefined, owner.admin_token);
    expect(deleted.status).toBe(204);
    const reply = await whoami(admin_token);
    expect(reply.status).toBe(401);
    expect(reply.headers.get('www-authenticate')).toBe('Bearer realm="keyrotator"');
    const { body } = await vault.admin('GET', '/tenants/acme/audit');
    expect(body.data[0]).toMatchObject({
      type: 'admin_token.deleted',
      reason: 'left',
      actor: { kind: 'admin_token', id: owner.id, name: 'somebody', role: 'owner' },
    });
  });

  it('opens nothing from its end on', async () => {
    const { admin_token } = await make({ role: 'viewer', expires_at: inAnHour() });
    vault.advance(HOUR - 1);
    expect((await whoami(admin_token)).status).toBe(200);
    vault.advance(1);
    const reply = await whoami(admin_token);
    expect([reply.status, reply.body.detail]).toEqual([401, 'The admin token has expired.']);
    expect((await vault.admin('GET', TOKENS)).body.data[0].status).toBe('expired');
  });

  it('opens nothing from an address that its tenant does not admit, which root may change', async () => {
    const { admin_token } = await make({ role: 'owner' });
    await vault.admin('PATCH', '/tenants/acme', { allowed_ips: ['192.0.2.0/24'], denied_ips: ['192.0.2.9'] });
    const statuses = async () => [
      (await from('192.0.2.1', admin_token)).status,
      (await from('192.0.2.9', admin_token)).status,
      (await from('192.0.3.1', admin_token)).status,
      (await from('192.0.3.1', vault.rootToken)).status,
    ];
    expect(await statuses()).toEqual([200, 403, 403, 200]);
    await vault.admin('PATCH', '/tenants/acme', { allowed_ips: [], denied_ips: [] });
    expect(await statuses()).toEqual([200, 200, 200, 200]);
  });

  it('opens nothing from an address outside its list', async () => {
    const { admin_token } = await make({ role: 'viewer', allowed_ips: ['192.0.2.0/24', '2001:db8::/32'] });
    for (const address of ['192.0.2.0', '192.0.2.255', '::ffff:192.0.2.7', '2001:db8:ffff::1']) {
      expect((await from(address, admin_token)).status, address).toBe(200);
    }
    for (const address of ['192.0.3.0', '2001:db9::', '::ffff:192.0.3.0', 'unknown', '192.0.2.1:80']) {
      const reply = await from(address, admin_token);
      expect([reply.status, reply.body.error], address).toEqual([403, 'forbidden']);
    }
  });

  it('opens nothing while its tenant is suspended, nor when another has the name of its tenant', async () => {
    const { admin_token } = await make({ role: 'owner' });
    await vault.admin('PATCH', '/tenants/acme', { status: 'suspended' });
    const reply = await whoami(admin_token);
    expect([reply.status, reply.body.detail]).toEqual([401, 'The tenant of this admin token is suspended.']);
    await vault.admin('PATCH', '/tenants/acme', { status: 'active' });
    expect((await whoami(admin_token)).status).toBe(200);
    await vault.admin('DELETE', '/tenants/acme?confirm=acme');
    await vault.admin('POST', '/tenants', { slug: 'acme' });
    expect((await whoami(admin_token)).status).toBe(401);
  });

  it('of root is made by root, and the one of the configuration stays', async () => {
    const { id, admin_token } = await make({}, vault.rootToken, '/admin-tokens');
    expect((await whoami(admin_token)).body).toEqual({ name: 'somebody', role: 'root', tenant: null });
    const { body } = await vault.admin('GET', '/admin-tokens', undefined, admin_token);
    expect(body.data.map((row: { id: number }) => row.id)).toEqual([1, id]);
    const refused = await vault.admin('DELETE', '/admin-tokens/1', undefined, admin_token);
    expect([refused.status, refused.body.detail]).toEqual([
      409,
      'This is the token of the configuration: replace it by npm run root-token.',
    ]);
    expect((await vault.admin('DELETE', `/admin-tokens/${id}`)).status).toBe(204);
    expect((await whoami(admin_token)).status).toBe(401);
  });
});

describe('nobody', () => {
  it('makes a token of root below a tenant, or of a tenant beside root', async () => {
    for (const [path, role] of [
      [TOKENS, 'root'],
      ['/admin-tokens', 'owner'],
    ] as const) {
      const reply = await vault.admin('POST', path, { name: 'x', role });
      expect(reply.status).toBe(422);
      expect(reply.body.errors).toEqual([{ pointer: '/role', detail: expect.any(String) }]);
    }
  });

  it('makes a token that outlives or outreaches the own one', async () => {
    const { admin_token } = await make({
      role: 'owner',
      expires_at: inAnHour(),
      allowed_ips: ['127.0.0.0/8', '2001:db8::/32'],
    });
    const mistakes = async (members: object) => {
      const body = { name: 'x', role: 'owner', ...members };
      const reply = await vault.admin('POST', TOKENS, body, admin_token);
      return reply.status === 201 ? [] : reply.body.errors.map((each: { pointer: string }) => each.pointer);
    };
    const narrow = { expires_at: inAnHour(), allowed_ips: ['127.0.0.1', '2001:db8:1::/48'] };
    const later = new Date(vault.clock.wall() + HOUR + 1).toISOString();
    expect(await mistakes(narrow)).toEqual([]);
    expect(await mistakes({ ...narrow, expires_at: null })).toEqual(['/expires_at']);
    expect(await mistakes({ ...narrow, expires_at: later })).toEqual(['/expires_at']);
    expect(await mistakes({ ...narrow, allowed_ips: [] })).toEqual(['/allowed_ips']);
    expect(await mistakes({ ...narrow, allowed_ips: ['127.0.0.1', '10.0.0.1'] })).toEqual(['/allowed_ips']);
    expect(await mistakes({ ...narrow, allowed_ips: ['126.0.0.0/7'] })).toEqual(['/allowed_ips']);
    expect(await mistakes({ ...narrow, allowed_ips: ['2001:db8::/31'] })).toEqual(['/allowed_ips']);
  });

  it('makes a token that has ended already', async () => {
    const expires_at = new Date(vault.clock.wall()).toISOString();
    const reply = await vault.admin('POST', TOKENS, { name: 'x', role: 'viewer', expires_at });
    expect([reply.status, reply.body.errors]).toEqual([
      422,
      [{ pointer: '/expires_at', detail: 'must be in the future' }],
    ]);
  });

  it('removes the last owner, nor counts one that has ended', async () => {
    const first = await make({ role: 'owner' });
    const second = await make({ role: 'owner', expires_at: inAnHour() });
    await make({ role: 'admin' });
    const remove = async ({ id }: Made, token = first.admin_token) =>
      (await vault.admin('DELETE', `${TOKENS}/${id}`, undefined, token)).status;
    vault.advance(HOUR);
    expect(await remove(first)).toBe(409);
    expect(await remove(first, vault.rootToken)).toBe(409);
    expect(await remove(second)).toBe(204);
    const third = await make({ role: 'owner' });
    const both = await Promise.all([remove(first, vault.rootToken), remove(third, vault.rootToken)]);
    expect(both.toSorted()).toEqual([204, 409]);
  });

  it('but root changes whether a tenant is suspended or a demo', async () => {
    const { admin_token } = await make({ role: 'owner' });
    for (const members of [{ status: 'active' }, { demo: true }, { demo: false, status: 'suspended' }]) {
      const reply = await vault.admin('PATCH', '/tenants/acme', members, admin_token);
      expect([reply.status, reply.body.error]).toEqual([403, 'forbidden']);
    }
    expect((await vault.admin('PATCH', '/tenants/acme', { name: 'Acme' }, admin_token)).body.name).toBe(
      'Acme',
    );
  });
});
