import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectSameNotFound } from '../../support/indistinguishable.ts';
import { type SeededService, seedApp, seedService } from '../../support/seed.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const LIST = '/tenants/acme/services/openai/deliveries';
const MINUTE = 60_000;
let vault: TestVault;
let client: string;
let tenantId: number;
let service: SeededService;

beforeEach(async () => {
  vault = await startVault();
  ({ id: tenantId, client_token: client } = (await vault.admin('POST', '/tenants', { slug: 'acme' })).body);
  service = await seedService(vault.jobs.vault, tenantId, 'openai', { policy: 'usage' }, [{}, {}]);
});

afterEach(() => vault.stop());

const deliver = async (token = client, query = 'service=openai') => (await vault.next(query, { token })).body;
const ordinals = async (query = '') =>
  (await vault.admin('GET', LIST + query)).body.data.map((row: { usage_today: number }) => row.usage_today);

describe('the deliveries of a service', () => {
  it('are listed newest first, with who got which key and without the key', async () => {
    const app = await seedApp(vault.jobs.vault, tenantId);
    const first = await deliver();
    vault.advance(MINUTE);
    const second = await deliver(app.token, 'service=openai&mask=1');
    const { status, body, text } = await vault.admin('GET', LIST);
    expect(status).toBe(200);
    expect(body).toEqual({
      data: [
        {
          delivery_id: second.meta.delivery_id,
          at: '2026-03-01T12:01:00.000Z',
          key_id: second.meta.key_id,
          app_id: app.id,
          ip: '127.0.0.1',
          masked: true,
          usage_today: 2,
        },
        {
          delivery_id: first.meta.delivery_id,
          at: '2026-03-01T12:00:00.000Z',
          key_id: first.meta.key_id,
          app_id: null,
          ip: '127.0.0.1',
          masked: false,
          usage_today: 1,
        },
      ],
      next_cursor: null,
    });
    for (const secret of [...service.keys, client.slice(8), app.token.slice(8)])
      expect(text).not.toContain(secret);
  });

  it('are not those of a sibling', async () => {
    await seedService(vault.jobs.vault, tenantId, 'mail');
    await deliver(client, 'service=mail');
    expect(await ordinals()).toEqual([]);
  });

  it('are narrowed by time, app and key', async () => {
    const app = await seedApp(vault.jobs.vault, tenantId);
    await deliver();
    vault.advance(MINUTE);
    const { meta } = await deliver(app.token);
    vault.advance(MINUTE);
    await deliver();
    expect(await ordinals('?from=2026-03-01T12:01:00Z')).toEqual([3, 2]);
    expect(await ordinals('?to=2026-03-01T12:01:00Z')).toEqual([1]);
    expect(await ordinals('?from=2026-03-01T13:01:00%2B01:00&to=2026-03-01T12:02:00Z')).toEqual([2]);
    expect(await ordinals(`?app=${app.id}`)).toEqual([2]);
    expect(await ordinals(`?key=${meta.key_id}`)).toEqual([2]);
    expect(await ordinals(`?key=${meta.key_id}&app=999`)).toEqual([]);
  });

  it('come in pages that miss nothing and repeat nothing while new ones are made', async () => {
    for (let n = 0; n < 5; n++) await deliver();
    const seen = [];
    let query = '?limit=2';
    for (;;) {
      const { body } = await vault.admin('GET', LIST + query);
      seen.push(...body.data.map((row: { usage_today: number }) => row.usage_today));
      await deliver();
      if (body.next_cursor === null) break;
      query = `?limit=2&cursor=${body.next_cursor}`;
    }
    expect(seen).toEqual([5, 4, 3, 2, 1]);
  });

  it.each([
    'from=yesterday',
    'to=2026-03-01',
    'from=2026-03-01T12:00:00',
    'from=2026-02-30T00:00:00Z',
    'to=9999-12-31T23:59:59-01:00',
    'from=2026-03-01T12:00:00Z&from=2026-03-01T12:00:00Z',
    'app=0',
    'app=x',
    'key=1e3',
    'key=99999999999999999999',
    'limit=201',
    'limit=-1',
    'cursor=',
    'cursor=djE6MQ==',
    'cursor=djE6MQ&cursor=djE6MQ',
  ])('are refused to %s', async (query) => {
    const { status, body } = await vault.admin('GET', `${LIST}?${query}`);
    expect([status, body.error]).toEqual([400, 'invalid request']);
  });

  it('of another tenant are answered like those of a service that never existed', async () => {
    const { id } = (await vault.admin('POST', '/tenants', { slug: 'rival' })).body;
    await seedService(vault.jobs.vault, id, 'rivals-own');
    const path = (tenant: string, slug: string) => `/tenants/${tenant}/services/${slug}/deliveries`;
    await expectSameNotFound(vault, 'GET', path('acme', 'rivals-own'), path('acme', 'never-was'));
    await expectSameNotFound(vault, 'GET', path('nobody', 'openai'), path('acme', 'never-was'));
    await expectSameNotFound(vault, 'GET', path('acme', 'rivals-own'), path('acme', 'NOT%20A%20SLUG'));
  });

  it('of another tenant are not found by the id of its app or key', async () => {
    const { id } = (await vault.admin('POST', '/tenants', { slug: 'rival' })).body;
    const theirs = await seedService(vault.jobs.vault, id, 'openai');
    const app = await seedApp(vault.jobs.vault, id);
    await deliver(app.token);
    expect(await ordinals(`?app=${app.id}`)).toEqual([]);
    expect(await ordinals(`?key=${theirs.keyIds[0]}`)).toEqual([]);
  });
});
