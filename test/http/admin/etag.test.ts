/** Whoever changes what they have read can make sure that nobody else has changed it since. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Reply, startVault, type TestVault } from '../../support/start-vault.ts';

const ACME = '/tenants/acme';
let vault: TestVault;
let clientToken: string;

beforeAll(async () => {
  vault = await startVault();
  const { body } = await vault.admin('POST', '/tenants', { slug: 'acme' });
  clientToken = body.client_token;
  await vault.admin('POST', `${ACME}/services`, { slug: 'openai' });
  const key = { label: 'one', key: 'sk-0123456789abcdefghij' };
  await vault.admin('POST', `${ACME}/services/openai/keys`, key);
});

afterAll(() => vault.stop());

/** What is made below which path, and a change of it. */
const RESOURCES = [
  ['a tenant', '/tenants', { slug: 'tagged' }, { name: 'Other' }],
  ['a service', `${ACME}/services`, { slug: 'tagged' }, { name: 'Other' }],
  ['a key', `${ACME}/services/openai/keys`, { label: 'two', key: 'sk-2-0123456789abcdef' }, { weight: 7 }],
  ['an app', `${ACME}/apps`, { name: 'tagged', services: 'all' }, { services: [] }],
  ['a group', `${ACME}/groups`, { slug: 'tagged' }, { services: ['openai'] }],
  ['a webhook', `${ACME}/webhooks`, { url: 'https://example.com/', events: ['*'] }, { enabled: false }],
] as const;

async function patch(path: string, body: object, ifMatch: string): Promise<Reply> {
  return vault.request(`/admin/v1${path}`, {
    method: 'PATCH',
    headers: {
      authorization: `Bearer ${vault.rootToken}`,
      'content-type': 'application/json',
      'if-match': ifMatch,
    },
    body: JSON.stringify(body),
  });
}

const tagOf = ({ headers }: Reply) => headers.get('etag') ?? '';

describe.each(RESOURCES)('the entity tag of %s', (_what, list, members, change) => {
  it('admits a change of what was read, and refuses one of what has been changed since', async () => {
    const made = await vault.admin('POST', list, members);
    const path = made.headers.get('location')?.slice('/admin/v1'.length) ?? '';
    const tag = tagOf(made);
    expect(tag).toMatch(/^"[\w-]{22}"$/);
    expect(tagOf(await vault.admin('GET', path))).toBe(tag);

    const changed = await patch(path, change, tag);
    expect(changed.status, changed.text).toBe(200);
    expect(tagOf(changed)).not.toBe(tag);
    expect(tagOf(await vault.admin('GET', path))).toBe(tagOf(changed));

    const before = await vault.admin('GET', path);
    const late = await patch(path, change, tag);
    expect([late.status, late.body.error]).toEqual([412, 'precondition failed']);
    expect((await vault.admin('GET', path)).text).toBe(before.text);

    for (const [header, status] of [
      ['*', 200],
      [`"of-another-thing", ${tagOf(changed)}`, 200],
      [`W/${tagOf(changed)}`, 412],
      ['""', 412],
      [tagOf(changed).slice(1, -1), 400],
      [`${tagOf(changed)} "`, 400],
      [',', 400],
    ] as const) {
      expect((await patch(path, change, header)).status, header).toBe(status);
    }
  });
});

it('of many who read the same, one changes it', async () => {
  const path = `${ACME}/services/openai`;
  const tag = tagOf(await vault.admin('GET', path));
  const all = await Promise.all(
    Array.from({ length: 20 }, (_, at) => patch(path, { name: `by ${at}` }, tag)),
  );
  expect(all.map(({ status }) => status).toSorted()).toEqual([200, ...Array(19).fill(412)]);
  const winner = all.find(({ status }) => status === 200);
  expect((await vault.admin('GET', path)).body.name).toBe(winner?.body.name);
});

it('a delivery moves none', async () => {
  const { body: app } = await vault.admin('POST', `${ACME}/apps`, { name: 'asking', services: 'all' });
  const { body: keys } = await vault.admin('GET', `${ACME}/services/openai/keys`);
  const paths = [
    ACME,
    `${ACME}/services/openai`,
    `${ACME}/services/openai/keys/${keys.data[0].id}`,
    `${ACME}/apps/${app.id}`,
  ];
  const tags = () => Promise.all(paths.map(async (path) => tagOf(await vault.admin('GET', path))));
  const before = await tags();
  for (const token of [app.app_token, clientToken]) {
    expect((await vault.next('service=openai', { token })).status).toBe(200);
  }
  expect(await tags()).toEqual(before);
});
