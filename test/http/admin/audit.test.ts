import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runOnce as expireKeys } from '../../../src/jobs/expire-keys.ts';
import { expectSameNotFound } from '../../support/indistinguishable.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const AUDIT = '/tenants/acme/audit';
let vault: TestVault;

beforeEach(async () => {
  vault = await startVault();
  await vault.admin('POST', '/tenants', { slug: 'acme' });
  vault.advance(60_000);
});

afterEach(() => vault.stop());

const types = async (query = '') =>
  (await vault.admin('GET', AUDIT + query)).body.data.map(({ type }: { type: string }) => type);

describe('the audit trail', () => {
  it('says who did what to which thing, from where and when, and what it was before and after', async () => {
    const app = await vault.admin('POST', '/tenants/acme/apps', { name: 'Checkout' });
    const changed = await vault.admin('PATCH', `/tenants/acme/apps/${app.body.id}`, { name: 'Till' });
    const { status, body } = await vault.admin('GET', `${AUDIT}?limit=1`);
    expect(status).toBe(200);
    expect(body.data).toEqual([
      {
        id: expect.any(Number),
        at: '2026-03-01T12:01:00.000Z',
        type: 'app.updated',
        actor: { kind: 'admin_token', id: expect.any(Number), name: 'root', role: 'root' },
        ip: '127.0.0.1',
        target: `app:${app.body.id}`,
        outcome: 'success',
        reason: null,
        before: expect.objectContaining({ name: 'Checkout', enabled: true }),
        after: expect.objectContaining({ name: 'Till', enabled: true }),
        request_id: changed.headers.get('x-request-id'),
      },
    ]);
  });

  it('has times as RFC 3339, those of keys that changed too, by hand or by themselves', async () => {
    const service = { slug: 's', policy: 'time', rotate_every_minutes: 60, on_expiry: 'cycle' };
    await vault.admin('POST', '/tenants/acme/services', service);
    for (const label of ['a', 'b', 'c']) {
      const key = { label, key: `sk-${label}-0123456789abcdef`, expires_at: '2027-01-01T00:00:00Z' };
      await vault.admin('POST', '/tenants/acme/services/s/keys', key);
    }
    await vault.admin('POST', '/tenants/acme/services/s/rotate', { retire_old: true, grace_seconds: 60 });
    vault.advance(3_600_000);
    const token = (await vault.admin('POST', '/tenants/acme/client-token/rotate')).body.client_token;
    expect((await vault.next('service=s', { token })).status).toBe(200);
    vault.advance(3_600_000);
    await expireKeys(vault.jobs.vault, vault.engine.time());
    const { data } = (await vault.admin('GET', AUDIT)).body;
    const times = [...JSON.stringify(data).matchAll(/"(?!day_resets_at)\w+_at":("[^"]*"|[^,}]*)/g)].map(
      ([, time]) => time,
    );
    expect(times.length).toBeGreaterThan(20);
    for (const time of times) expect(time).toMatch(/^(?:null|"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")$/);
  });

  it('is told newest first, in pages that neither miss nor repeat an entry', async () => {
    for (const name of ['a', 'b', 'c']) await vault.admin('POST', '/tenants/acme/apps', { name });
    const first = await vault.admin('GET', `${AUDIT}?limit=2`);
    await vault.admin('POST', '/tenants/acme/apps', { name: 'd' });
    const second = await vault.admin('GET', `${AUDIT}?limit=2&cursor=${first.body.next_cursor}`);
    const names = [...first.body.data, ...second.body.data].map(({ after }) => after.name);
    expect(names).toEqual(['c', 'b', 'a', 'acme']);
    expect(second.body.next_cursor).toBeNull();
  });

  it('is narrowed by time, type and actor', async () => {
    await vault.admin('POST', '/tenants/acme/apps', { name: 'a' });
    expect(await types('?from=2026-03-01T12:01:00Z')).toEqual(['app.created']);
    expect(await types('?to=2026-03-01T12:01:00Z')).toEqual(['tenant.created']);
    expect(await types('?type=app.created')).toEqual(['app.created']);
    expect(await types('?type=app')).toEqual([]);
    expect(await types('?actor=root')).toEqual(['app.created', 'tenant.created']);
    expect(await types('?actor=nobody')).toEqual([]);
    expect(await types("?actor=root'%20OR%20'1'='1")).toEqual([]);
  });

  it.each([
    'from=once',
    'to=2026-03-01',
    'to=9999-12-31T23:59:59-01:00',
    'type=a&type=b',
    'limit=all',
    'cursor=eA',
  ])('is refused to %s', async (query) => {
    const { status, body } = await vault.admin('GET', `${AUDIT}?${query}`);
    expect([status, body.error]).toEqual([400, 'invalid request']);
  });

  it('has no entry for what was refused', async () => {
    await vault.admin('POST', '/tenants/acme/apps', { name: '' });
    await vault.admin('PATCH', '/tenants/acme/apps/999', { name: 'x' });
    await vault.admin('DELETE', '/tenants/acme/webhooks/999');
    expect(await types()).toEqual(['tenant.created']);
  });

  it('has no entry for a PATCH that changes nothing, which leaves everything as it is', async () => {
    await vault.admin('POST', '/tenants/acme/services', { slug: 's', max_daily_requests: 5 });
    const members = { label: 'a', key: 'sk-0123456789abcdef', tags: { b: '1', a: '2' } };
    const key = await vault.admin('POST', '/tenants/acme/services/s/keys', members);
    const app = { name: 'Till', services: ['s'], allowed_ips: ['127.0.0.0/8'], tags: { b: '1', a: '2' } };
    const made = await vault.admin('POST', '/tenants/acme/apps', app);
    const hook = { url: 'https://example.com/hook', events: ['*'] };
    const webhook = await vault.admin('POST', '/tenants/acme/webhooks', hook);
    const before = await types();
    vault.advance(60_000);
    for (const [path, same] of [
      ['/tenants/acme', { name: 'acme', denied_ips: [], status: 'active' }],
      ['/tenants/acme/services/s', { max_daily_requests: 5, policy: 'manual' }],
      [`/tenants/acme/services/s/keys/${key.body.id}`, { label: 'a', tags: { a: '2', b: '1' } }],
      [`/tenants/acme/apps/${made.body.id}`, { ...app, tags: { a: '2', b: '1' } }],
      [`/tenants/acme/webhooks/${webhook.body.id}`, { ...hook, enabled: true }],
    ] as const) {
      const shown = await vault.admin('GET', path);
      for (const body of [{}, same]) {
        const reply = await vault.admin('PATCH', path, body);
        expect([path, reply.status, reply.body]).toEqual([path, 200, shown.body]);
        expect((await vault.admin('GET', path)).body).toEqual(shown.body);
      }
    }
    expect(await types()).toEqual(before);
  });

  it('cannot be changed through the administration', async () => {
    for (const method of ['POST', 'PATCH', 'DELETE']) {
      const { status, headers } = await vault.admin(method, AUDIT);
      expect([status, headers.get('allow')]).toEqual([405, 'GET']);
    }
  });

  it('of a tenant has nothing of another, whose trail cannot be told from that of none', async () => {
    await vault.admin('POST', '/tenants', { slug: 'rival' });
    await vault.admin('POST', '/tenants/rival/apps', { name: 'Secret project' });
    expect(await types()).toEqual(['tenant.created']);
    await expectSameNotFound(vault, 'GET', '/tenants/nobody/audit', '/tenants/nowhere/audit');
  });
});
