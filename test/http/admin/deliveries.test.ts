import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AdminClient, adminClient, dataOf, made, type QueryOf } from '../../support/admin-client.ts';
import { expectSameNotFound } from '../../support/indistinguishable.ts';
import { type SeededService, seedApp, seedService } from '../../support/seed.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const TENANTS = '/admin/v1/tenants';
const DELIVERIES = '/admin/v1/tenants/{tenant}/services/{service}/deliveries';
const MINUTE = 60_000;
let vault: TestVault;
let client: AdminClient;
let clientToken: string;
let tenantId: number;
let service: SeededService;

beforeEach(async () => {
  vault = await startVault();
  client = adminClient(vault);
  const tenant = await made(client.POST(TENANTS, { body: { slug: 'acme' } }));
  ({ id: tenantId, client_token: clientToken } = tenant);
  service = await seedService(vault.jobs.vault, tenantId, 'openai', { policy: 'usage' }, [{}, {}]);
});

afterEach(() => vault.stop());

const deliver = async (token = clientToken, query = 'service=openai') =>
  (await vault.next(query, { token })).body;

const list = (query: QueryOf<'listDeliveries'> = {}) =>
  dataOf(client.GET(DELIVERIES, { params: { path: { tenant: 'acme', service: 'openai' }, query } }));

const ordinals = async (query?: QueryOf<'listDeliveries'>) =>
  (await list(query)).data.map(({ usage_today }) => usage_today);

const makeRival = () => made(client.POST(TENANTS, { body: { slug: 'rival' } }));

describe('the deliveries of a service', () => {
  it('are listed newest first, with who got which key and without the key', async () => {
    const app = await seedApp(vault.jobs.vault, tenantId);
    const first = await deliver();
    vault.advance(MINUTE);
    const second = await deliver(app.token, 'service=openai&mask=1');
    const listed = await list();
    expect(listed).toEqual({
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
    for (const secret of [...service.keys, clientToken.slice(8), app.token.slice(8)])
      expect(JSON.stringify(listed)).not.toContain(secret);
  });

  it('are not those of a sibling', async () => {
    await seedService(vault.jobs.vault, tenantId, 'mail');
    await deliver(clientToken, 'service=mail');
    expect(await ordinals()).toEqual([]);
  });

  it('are narrowed by time, app and key', async () => {
    const app = await seedApp(vault.jobs.vault, tenantId);
    await deliver();
    vault.advance(MINUTE);
    const { meta } = await deliver(app.token);
    vault.advance(MINUTE);
    await deliver();
    expect(await ordinals({ from: '2026-03-01T12:01:00Z' })).toEqual([3, 2]);
    expect(await ordinals({ to: '2026-03-01T12:01:00Z' })).toEqual([1]);
    const minute = { from: '2026-03-01T13:01:00+01:00', to: '2026-03-01T12:02:00Z' };
    expect(await ordinals(minute)).toEqual([2]);
    expect(await ordinals({ app: app.id })).toEqual([2]);
    expect(await ordinals({ key: meta.key_id })).toEqual([2]);
    expect(await ordinals({ key: meta.key_id, app: 999 })).toEqual([]);
  });

  it('come in pages that miss nothing and repeat nothing while new ones are made', async () => {
    for (let n = 0; n < 5; n++) await deliver();
    const seen: number[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await list({ limit: 2, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page.data.map(({ usage_today }) => usage_today));
      await deliver();
      cursor = page.next_cursor;
    }
    expect(seen).toEqual([5, 4, 3, 2, 1]);
  });

  it('of another tenant are answered like those of a service that never existed', async () => {
    const { id } = await makeRival();
    await seedService(vault.jobs.vault, id, 'rivals-own');
    const path = (tenant: string, slug: string) => `/tenants/${tenant}/services/${slug}/deliveries`;
    await expectSameNotFound(vault, 'GET', path('acme', 'rivals-own'), path('acme', 'never-was'));
    await expectSameNotFound(vault, 'GET', path('nobody', 'openai'), path('acme', 'never-was'));
    await expectSameNotFound(vault, 'GET', path('acme', 'rivals-own'), path('acme', 'NOT%20A%20SLUG'));
  });

  it('of another tenant are not found by the id of its app or key', async () => {
    const { id } = await makeRival();
    const theirs = await seedService(vault.jobs.vault, id, 'openai');
    const app = await seedApp(vault.jobs.vault, id);
    await deliver(app.token);
    expect(await ordinals({ app: app.id })).toEqual([]);
    expect(await ordinals({ key: theirs.keyIds[0] ?? 0 })).toEqual([]);
  });
});
