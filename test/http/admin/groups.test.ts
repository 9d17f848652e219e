import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const ACME = '/tenants/acme';
let vault: TestVault;

beforeEach(async () => {
  vault = await startVault();
  for (const slug of ['acme', 'rival']) await vault.admin('POST', '/tenants', { slug });
  for (const slug of ['openai', 'mail', 'maps']) {
    await vault.admin('POST', `${ACME}/services`, { slug });
    const key = { label: slug, key: `sk-${slug}-0123456789abcdefghij` };
    await vault.admin('POST', `${ACME}/services/${slug}/keys`, key);
  }
  await vault.admin('POST', '/tenants/rival/services', { slug: 'rivals' });
  await vault.admin('POST', '/tenants/rival/groups', { slug: 'rivals' });
});

afterEach(() => vault.stop());

async function made(path: string, body: object) {
  const reply = await vault.admin('POST', ACME + path, body);
  expect(reply.status, reply.text).toBe(201);
  return reply.body;
}

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

const pointers = (reply: { body: { errors: { pointer: string }[] } }) =>
  reply.body.errors.map(({ pointer }) => pointer);

describe('a group', () => {
  it('is made, shown, listed, changed and deleted, and each is in the audit trail', async () => {
    const group = await made('/groups', { slug: 'llm', services: ['openai', 'mail', 'openai'] });
    expect(group).toEqual({
      id: expect.any(Number),
      slug: 'llm',
      name: 'llm',
      services: ['mail', 'openai'],
      apps: 0,
      created_at: '2026-03-01T12:00:00.000Z',
      updated_at: '2026-03-01T12:00:00.000Z',
    });
    expect((await vault.admin('GET', `${ACME}/groups/llm`)).body).toEqual(group);
    expect((await vault.admin('GET', `${ACME}/groups?q=LL`)).body).toEqual({
      data: [group],
      next_cursor: null,
    });
    const patched = await vault.admin('PATCH', `${ACME}/groups/llm`, { name: 'Models', services: ['maps'] });
    expect(patched.body).toMatchObject({ name: 'Models', services: ['maps'] });
    await vault.admin('PATCH', `${ACME}/groups/llm`, { services: ['maps', 'maps'] });
    expect((await vault.admin('DELETE', `${ACME}/groups/llm?reason=over`)).status).toBe(204);
    expect((await vault.admin('GET', `${ACME}/groups/llm`)).status).toBe(404);
    const { body } = await vault.admin('GET', `${ACME}/audit`);
    expect(body.data.slice(0, 3)).toMatchObject([
      { type: 'group.deleted', target: 'group:llm', reason: 'over', before: { services: ['maps'] } },
      { type: 'group.updated', before: { services: ['mail', 'openai'] }, after: { services: ['maps'] } },
      { type: 'group.created' },
    ]);
  });

  it('is refused where it names what is not there, and where there is one already', async () => {
    await made('/groups', { slug: 'llm' });
    const again = await vault.admin('POST', `${ACME}/groups`, { slug: 'llm' });
    expect([again.status, again.body.error]).toEqual([409, 'conflict']);
    for (const services of [
      ['openai', 'none'],
      ['openai', 'rivals'],
    ]) {
      const reply = await vault.admin('POST', `${ACME}/groups`, { slug: 'new', services });
      expect([reply.status, pointers(reply)]).toEqual([422, ['/services/1']]);
    }
    expect((await vault.admin('GET', `${ACME}/groups`)).body.data).toHaveLength(1);
  });
});

describe('an app in groups', () => {
  it('reaches their services beside its own, and shows by what', async () => {
    await made('/groups', { slug: 'llm', services: ['openai', 'mail'] });
    await made('/groups', { slug: 'all-mail', services: ['mail'] });
    await made('/groups', { slug: 'empty' });
    const app = await made('/apps', {
      name: 'a',
      services: ['openai'],
      groups: ['llm', 'empty', 'all-mail'],
    });
    expect(app).toMatchObject({
      services: ['openai'],
      groups: ['all-mail', 'empty', 'llm'],
      reach: [
        { service: 'mail', direct: false, groups: ['all-mail', 'llm'] },
        { service: 'openai', direct: true, groups: ['llm'] },
      ],
    });
    expect(await reached(app.app_token)).toEqual(['openai', 'mail']);
    expect((await vault.admin('GET', `${ACME}/groups/llm`)).body.apps).toBe(1);
    const all = await made('/apps', { name: 'b', services: 'all', groups: ['llm'] });
    expect(all.reach).toBe('all');
  });

  it('is bound by a change of theirs with the next request', async () => {
    await made('/groups', { slug: 'llm', services: ['openai'] });
    const { id, app_token } = await made('/apps', { name: 'a', groups: ['llm'] });
    expect(await reached(app_token)).toEqual(['openai']);
    await vault.admin('PATCH', `${ACME}/groups/llm`, { services: ['mail'] });
    expect(await reached(app_token)).toEqual(['mail']);
    await vault.admin('PATCH', `${ACME}/apps/${id}`, { groups: [] });
    expect(await reached(app_token)).toEqual([]);
    await vault.admin('PATCH', `${ACME}/apps/${id}`, { groups: ['llm'] });
    expect(await reached(app_token)).toEqual(['mail']);
    await vault.admin('DELETE', `${ACME}/groups/llm`);
    expect(await reached(app_token)).toEqual([]);
    expect((await vault.admin('GET', `${ACME}/apps/${id}`)).body).toMatchObject({ groups: [], reach: [] });
  });

  it('cannot be in one that is not there', async () => {
    for (const groups of [['none'], ['rivals']]) {
      const reply = await vault.admin('POST', `${ACME}/apps`, { name: 'a', groups });
      expect([reply.status, pointers(reply)]).toEqual([422, ['/groups/0']]);
    }
  });
});
