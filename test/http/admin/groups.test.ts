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

const GROUPS = '/admin/v1/tenants/{tenant}/groups';
const GROUP = '/admin/v1/tenants/{tenant}/groups/{group}';
const APPS = '/admin/v1/tenants/{tenant}/apps';
const APP = '/admin/v1/tenants/{tenant}/apps/{id}';
const SERVICES = '/admin/v1/tenants/{tenant}/services';
const KEYS = '/admin/v1/tenants/{tenant}/services/{service}/keys';
let vault: TestVault;
let client: AdminClient;

beforeEach(async () => {
  vault = await startVault();
  client = adminClient(vault);
  for (const slug of ['acme', 'rival']) await made(client.POST('/admin/v1/tenants', { body: { slug } }));
  for (const slug of ['openai', 'mail', 'maps']) {
    await made(client.POST(SERVICES, { ...inAcme(), body: { slug } }));
    const key = { label: slug, key: `sk-${slug}-0123456789abcdefghij` };
    await made(client.POST(KEYS, { ...inAcme({ service: slug }), body: key }));
  }
  const inRival = { params: { path: { tenant: 'rival' } } };
  await made(client.POST(SERVICES, { ...inRival, body: { slug: 'rivals' } }));
  await made(client.POST(GROUPS, { ...inRival, body: { slug: 'rivals' } }));
});

afterEach(() => vault.stop());

const makeGroup = (body: Schemas['NewGroup']) => client.POST(GROUPS, { ...inAcme(), body });
const makeApp = (body: Schemas['NewApp']) => client.POST(APPS, { ...inAcme(), body });
const showGroup = () => client.GET(GROUP, inAcme({ group: 'llm' }));
const changeGroup = (body: Schemas['GroupPatch']) =>
  dataOf(client.PATCH(GROUP, { ...inAcme({ group: 'llm' }), body }));
const changeApp = (id: number, body: Schemas['AppPatch']) =>
  dataOf(client.PATCH(APP, { ...inAcme({ id }), body }));

/** Which of the three services a token opens. */
async function reached(token: string): Promise<string[]> {
  const open: string[] = [];
  for (const service of ['openai', 'mail', 'maps']) {
    const { status, body } = await vault.next(`service=${service}`, { token });
    if (status === 200) open.push(service);
    else expect(body.error).toBe('service not allowed');
  }
  return open;
}

describe('a group', () => {
  it('is made, shown, listed, changed and deleted, and each is in the audit trail', async () => {
    const group = await made(makeGroup({ slug: 'llm', services: ['openai', 'mail', 'openai'] }));
    expect(group).toEqual({
      id: expect.any(Number),
      slug: 'llm',
      name: 'llm',
      services: ['mail', 'openai'],
      apps: 0,
      created_at: '2026-03-01T12:00:00.000Z',
      updated_at: '2026-03-01T12:00:00.000Z',
    });
    expect(await dataOf(showGroup())).toEqual(group);
    const inList = { params: { path: { tenant: 'acme' }, query: { q: 'LL' } } };
    expect(await dataOf(client.GET(GROUPS, inList))).toEqual({ data: [group], next_cursor: null });
    const changed = await changeGroup({ name: 'Models', services: ['maps'] });
    expect(changed).toMatchObject({ name: 'Models', services: ['maps'] });
    await changeGroup({ services: ['maps', 'maps'] });
    const because = { params: { path: { tenant: 'acme', group: 'llm' }, query: { reason: 'over' } } };
    expect(await statusOf(client.DELETE(GROUP, because))).toBe(204);
    expect(await statusOf(showGroup())).toBe(404);
    const { data } = await dataOf(client.GET('/admin/v1/tenants/{tenant}/audit', inAcme()));
    expect(data.slice(0, 3)).toMatchObject([
      { type: 'group.deleted', target: 'group:llm', reason: 'over', before: { services: ['maps'] } },
      { type: 'group.updated', before: { services: ['mail', 'openai'] }, after: { services: ['maps'] } },
      { type: 'group.created' },
    ]);
  });

  it('is refused where it names what is not there, and where there is one already', async () => {
    await made(makeGroup({ slug: 'llm' }));
    const again = await refusalOf(makeGroup({ slug: 'llm' }));
    expect([again.status, again.error]).toEqual([409, 'conflict']);
    for (const services of [
      ['openai', 'none'],
      ['openai', 'rivals'],
    ]) {
      const { status, pointers } = await refusalOf(makeGroup({ slug: 'new', services }));
      expect([status, pointers]).toEqual([422, ['/services/1']]);
    }
    expect((await dataOf(client.GET(GROUPS, inAcme()))).data).toHaveLength(1);
  });
});

describe('an app in groups', () => {
  it('reaches their services beside its own, and shows by what', async () => {
    await made(makeGroup({ slug: 'llm', services: ['openai', 'mail'] }));
    await made(makeGroup({ slug: 'all-mail', services: ['mail'] }));
    await made(makeGroup({ slug: 'empty' }));
    const app = await made(
      makeApp({
        name: 'a',
        services: ['openai'],
        groups: ['llm', 'empty', 'all-mail'],
      }),
    );
    expect(app).toMatchObject({
      services: ['openai'],
      groups: ['all-mail', 'empty', 'llm'],
      reach: [
        { service: 'mail', direct: false, groups: ['all-mail', 'llm'] },
        { service: 'openai', direct: true, groups: ['llm'] },
      ],
    });
    expect(await reached(app.app_token)).toEqual(['openai', 'mail']);
    expect((await dataOf(showGroup())).apps).toBe(1);
    const all = await made(makeApp({ name: 'b', services: 'all', groups: ['llm'] }));
    expect(all.reach).toBe('all');
  });

  it('is bound by a change of theirs with the next request', async () => {
    await made(makeGroup({ slug: 'llm', services: ['openai'] }));
    const { id, app_token } = await made(makeApp({ name: 'a', groups: ['llm'] }));
    expect(await reached(app_token)).toEqual(['openai']);
    await changeGroup({ services: ['mail'] });
    expect(await reached(app_token)).toEqual(['mail']);
    await changeApp(id, { groups: [] });
    expect(await reached(app_token)).toEqual([]);
    await changeApp(id, { groups: ['llm'] });
    expect(await reached(app_token)).toEqual(['mail']);
    expect(await statusOf(client.DELETE(GROUP, inAcme({ group: 'llm' })))).toBe(204);
    expect(await reached(app_token)).toEqual([]);
    expect(await dataOf(client.GET(APP, inAcme({ id })))).toMatchObject({ groups: [], reach: [] });
  });

  it('cannot be in one that is not there', async () => {
    for (const groups of [['none'], ['rivals']]) {
      const { status, pointers } = await refusalOf(makeApp({ name: 'a', groups }));
      expect([status, pointers]).toEqual([422, ['/groups/0']]);
    }
  });
});
