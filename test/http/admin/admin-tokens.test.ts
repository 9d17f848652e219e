import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AdminClient,
  adminClient,
  dataOf,
  inAcme,
  made,
  refusalOf,
  type Schemas,
  statusOf,
} from '../../support/admin-client.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const HOUR = 3_600_000;
const TENANTS = '/admin/v1/tenants';
const TENANT = '/admin/v1/tenants/{tenant}';
const AUDIT = '/admin/v1/tenants/{tenant}/audit';
const TOKENS = '/admin/v1/tenants/{tenant}/admin-tokens';
const TOKEN = '/admin/v1/tenants/{tenant}/admin-tokens/{id}';
const ROOT_TOKENS = '/admin/v1/admin-tokens';
const ROOT_TOKEN = '/admin/v1/admin-tokens/{id}';
let vault: TestVault;
let client: AdminClient;

beforeEach(async () => {
  vault = await startVault({ env: { KEYROTATOR_TRUSTED_PROXIES: '127.0.0.1' } });
  client = adminClient(vault);
  for (const slug of ['acme', 'rival']) await made(client.POST(TENANTS, { body: { slug } }));
});

afterEach(() => vault.stop());

type Members = Omit<Schemas['NewAdminToken'], 'name'>;

const make = (members: Members, by = client) =>
  made(by.POST(TOKENS, { ...inAcme(), body: { name: 'somebody', ...members } }));

const changeTenant = (body: Schemas['TenantPatch'], by = client) => by.PATCH(TENANT, { ...inAcme(), body });

const whoami = (token: string) => adminClient(vault, token).GET('/admin/v1/whoami');

function from(address: string, token: string) {
  const headers = { authorization: `Bearer ${token}`, 'x-forwarded-for': address };
  return vault.request('/admin/v1/whoami', { headers });
}

const inAnHour = () => new Date(vault.clock.wall() + HOUR).toISOString();

describe('an admin token', () => {
  it('is shown once, says who it is, and is listed without what would open anything', async () => {
    const call = client.POST(TOKENS, { ...inAcme(), body: { name: 'Ada', role: 'owner' } });
    const { admin_token, ...view } = await made(call);
    const { headers } = (await call).response;
    expect(headers.get('location')).toBe(`/admin/v1/tenants/acme/admin-tokens/${view.id}`);
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
    expect(await dataOf(whoami(admin_token))).toEqual({ name: 'Ada', role: 'owner', tenant: 'acme' });
    expect(await dataOf(client.GET(TOKENS, inAcme()))).toEqual({ data: [view], next_cursor: null });
    expect(await dataOf(client.GET(TOKEN, inAcme({ id: view.id })))).toEqual(view);
    const audit = await dataOf(client.GET(AUDIT, inAcme()));
    expect(audit.data[0]).toMatchObject({
      type: 'admin_token.created',
      target: `admin_token:${view.id}`,
      after: view,
    });
    expect(JSON.stringify(audit)).not.toContain(admin_token);
  });

  it('opens nothing from the request after its deletion on', async () => {
    const owner = await make({ role: 'owner' });
    const asOwner = adminClient(vault, owner.admin_token);
    const { id, admin_token } = await make({ role: 'viewer' }, asOwner);
    expect(await statusOf(whoami(admin_token))).toBe(200);
    const because = { params: { path: { tenant: 'acme', id }, query: { reason: 'left' } } };
    expect(await statusOf(asOwner.DELETE(TOKEN, because))).toBe(204);
    const { response } = await whoami(admin_token);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="keyrotator"');
    const { data } = await dataOf(client.GET(AUDIT, inAcme()));
    expect(data[0]).toMatchObject({
      type: 'admin_token.deleted',
      reason: 'left',
      actor: { kind: 'admin_token', id: owner.id, name: 'somebody', role: 'owner' },
    });
  });

  it('opens nothing from its end on', async () => {
    const { admin_token } = await make({ role: 'viewer', expires_at: inAnHour() });
    vault.advance(HOUR - 1);
    expect(await statusOf(whoami(admin_token))).toBe(200);
    vault.advance(1);
    const { status, detail } = await refusalOf(whoami(admin_token));
    expect([status, detail]).toEqual([401, 'The admin token has expired.']);
    expect((await dataOf(client.GET(TOKENS, inAcme()))).data[0]?.status).toBe('expired');
  });

  it('opens nothing from an address that its tenant does not admit, which root may change', async () => {
    const { admin_token } = await make({ role: 'owner' });
    await dataOf(changeTenant({ allowed_ips: ['192.0.2.0/24'], denied_ips: ['192.0.2.9'] }));
    const statuses = async () => [
      (await from('192.0.2.1', admin_token)).status,
      (await from('192.0.2.9', admin_token)).status,
      (await from('192.0.3.1', admin_token)).status,
      (await from('192.0.3.1', vault.rootToken)).status,
    ];
    expect(await statuses()).toEqual([200, 403, 403, 200]);
    await dataOf(changeTenant({ allowed_ips: [], denied_ips: [] }));
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
    await dataOf(changeTenant({ status: 'suspended' }));
    const { status, detail } = await refusalOf(whoami(admin_token));
    expect([status, detail]).toEqual([401, 'The tenant of this admin token is suspended.']);
    await dataOf(changeTenant({ status: 'active' }));
    expect(await statusOf(whoami(admin_token))).toBe(200);
    const confirmed = { params: { path: { tenant: 'acme' }, query: { confirm: 'acme' } } };
    expect(await statusOf(client.DELETE(TENANT, confirmed))).toBe(204);
    await made(client.POST(TENANTS, { body: { slug: 'acme' } }));
    expect(await statusOf(whoami(admin_token))).toBe(401);
  });

  it('of root is made by root, and the one of the configuration stays', async () => {
    const { id, admin_token } = await made(client.POST(ROOT_TOKENS, { body: { name: 'somebody' } }));
    expect(await dataOf(whoami(admin_token))).toEqual({ name: 'somebody', role: 'root', tenant: null });
    const other = adminClient(vault, admin_token);
    const { data } = await dataOf(other.GET(ROOT_TOKENS));
    expect(data.map((row) => row.id)).toEqual([1, id]);
    const refused = await refusalOf(other.DELETE(ROOT_TOKEN, { params: { path: { id: 1 } } }));
    expect([refused.status, refused.detail]).toEqual([
      409,
      'This is the token of the configuration: replace it by npm run root-token.',
    ]);
    expect(await statusOf(client.DELETE(ROOT_TOKEN, { params: { path: { id } } }))).toBe(204);
    expect(await statusOf(whoami(admin_token))).toBe(401);
  });
});

describe('nobody', () => {
  it('makes a token of root below a tenant, or of a tenant beside root', async () => {
    for (const [path, role] of [
      ['/tenants/acme/admin-tokens', 'root'],
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
    const owner = adminClient(vault, admin_token);
    const makeAs = (members: Partial<Members>) =>
      owner.POST(TOKENS, { ...inAcme(), body: { name: 'x', role: 'owner', ...members } });
    const mistakes = async (members: Partial<Members>) => (await refusalOf(makeAs(members))).pointers;
    const narrow = { expires_at: inAnHour(), allowed_ips: ['127.0.0.1', '2001:db8:1::/48'] };
    const later = new Date(vault.clock.wall() + HOUR + 1).toISOString();
    await made(makeAs(narrow));
    expect(await mistakes({ ...narrow, expires_at: null })).toEqual(['/expires_at']);
    expect(await mistakes({ ...narrow, expires_at: later })).toEqual(['/expires_at']);
    expect(await mistakes({ ...narrow, allowed_ips: [] })).toEqual(['/allowed_ips']);
    expect(await mistakes({ ...narrow, allowed_ips: ['127.0.0.1', '10.0.0.1'] })).toEqual(['/allowed_ips']);
    expect(await mistakes({ ...narrow, allowed_ips: ['126.0.0.0/7'] })).toEqual(['/allowed_ips']);
    expect(await mistakes({ ...narrow, allowed_ips: ['2001:db8::/31'] })).toEqual(['/allowed_ips']);
  });

  it('makes a token that has ended already', async () => {
    const expires_at = new Date(vault.clock.wall()).toISOString();
    const body = { name: 'x', role: 'viewer', expires_at } as const;
    const { status, errors } = await refusalOf(client.POST(TOKENS, { ...inAcme(), body }));
    expect([status, errors]).toEqual([422, [{ pointer: '/expires_at', detail: 'must be in the future' }]]);
  });

  it('removes the last owner, nor counts one that has ended', async () => {
    const first = await make({ role: 'owner' });
    const second = await make({ role: 'owner', expires_at: inAnHour() });
    await make({ role: 'admin' });
    const remove = ({ id }: { id: number }, by = adminClient(vault, first.admin_token)) =>
      statusOf(by.DELETE(TOKEN, inAcme({ id })));
    vault.advance(HOUR);
    expect(await remove(first)).toBe(409);
    expect(await remove(first, client)).toBe(409);
    const refused = await refusalOf(client.DELETE(TOKEN, inAcme({ id: first.id })));
    expect(refused.detail).toBe(
      'No other owner of the tenant has a token that has not expired: make another one of the role owner first.',
    );
    expect(await remove(second)).toBe(204);
    const third = await make({ role: 'owner' });
    const both = await Promise.all([remove(first, client), remove(third, client)]);
    expect(both.toSorted()).toEqual([204, 409]);
  });

  it('but root changes whether a tenant is suspended or a demo', async () => {
    const { admin_token } = await make({ role: 'owner' });
    const owner = adminClient(vault, admin_token);
    for (const members of [
      { status: 'active' },
      { demo: true },
      { demo: false, status: 'suspended' },
    ] as const) {
      const { status, error } = await refusalOf(changeTenant(members, owner));
      expect([status, error]).toEqual([403, 'forbidden']);
    }
    expect((await dataOf(changeTenant({ name: 'Acme' }, owner))).name).toBe('Acme');
  });
});
