/** Lists: narrowed by what is asked for, and read through without a gap or a repeat, whatever is added meanwhile. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const ACME = '/tenants/acme';
let vault: TestVault;

beforeAll(async () => {
  vault = await startVault();
  for (const slug of ['acme', 'rival', 'acme-old']) await vault.admin('POST', '/tenants', { slug });
  await vault.admin('PATCH', '/tenants/acme-old', { status: 'suspended', name: 'The OLD one' });
  await make('/services', { slug: 'openai', name: 'Chat 100%' });
  await make('/services', { slug: 'mail', enabled: false });
  const key = (label: string, tags: object) =>
    make('/services/openai/keys', { label, key: `sk-${label}-0123456789abcdefghij`, tags });
  await key('Primary', { env: 'prod', team: 'a' });
  await key('spare', { env: 'test' });
  await key('spare two', { environment: 'prod', 'env"': 'prod', 'a"env': 'prod', note: ',"env":"prod"' });
  await make('/apps', { name: 'Checkout', tags: { env: 'prod' } });
  await make('/apps', { name: 'Cron', description: 'nightly', environment: 'staging', enabled: false });
  await make('/apps', { name: 'Trial', expires_at: '2026-03-01T13:00:00Z', tags: { env: 'test' } });
  await make('/webhooks', { url: 'https://example.com/a', events: ['*'] });
  await make('/webhooks', { url: 'https://example.org/b', events: ['*'], enabled: false });
  await make('/admin-tokens', { name: 'Ada', role: 'owner' });
  await make('/admin-tokens', { name: 'Bob', role: 'viewer', expires_at: '2026-03-01T13:00:00Z' });
  vault.advance(2 * 3_600_000);
});

afterAll(() => vault.stop());

async function make(path: string, body: object): Promise<void> {
  const reply = await vault.admin('POST', ACME + path, body);
  expect(reply.status, reply.text).toBe(201);
}

async function found(path: string, query: Record<string, string>): Promise<string[]> {
  const reply = await vault.admin('GET', `${path}?${new URLSearchParams(query)}`);
  expect(reply.status, reply.text).toBe(200);
  return reply.body.data.map(
    (row: Record<string, string>) => row.label ?? row.url ?? (path === '/tenants' ? row.slug : row.name),
  );
}

describe('a list is narrowed', () => {
  it.each([
    ['/tenants', { status: 'suspended' }, ['acme-old']],
    ['/tenants', { status: 'active', q: 'ACM' }, ['acme']],
    ['/tenants', { q: 'the old' }, ['acme-old']],
    [`${ACME}/services`, { status: 'enabled' }, ['Chat 100%']],
    [`${ACME}/services`, { status: 'disabled' }, ['mail']],
    [`${ACME}/services`, { q: '0%' }, ['Chat 100%']],
    [`${ACME}/services`, { q: '_' }, []],
    [`${ACME}/services/openai/keys`, { status: 'active' }, ['Primary']],
    [`${ACME}/services/openai/keys`, { status: 'standby', q: 'SPARE T' }, ['spare two']],
    [`${ACME}/services/openai/keys`, { tag: 'env' }, ['Primary', 'spare']],
    [`${ACME}/services/openai/keys`, { tag: 'env:prod' }, ['Primary']],
    [`${ACME}/services/openai/keys`, { tag: 'team:a' }, ['Primary']],
    [`${ACME}/services/openai/keys`, { tag: 'env":prod' }, ['spare two']],
    [`${ACME}/services/openai/keys`, { tag: 'env:pro' }, []],
    [`${ACME}/services/openai/keys`, { tag: 'ENV:prod' }, []],
    [`${ACME}/apps`, { status: 'active' }, ['Checkout']],
    [`${ACME}/apps`, { status: 'disabled' }, ['Cron']],
    [`${ACME}/apps`, { status: 'expired' }, ['Trial']],
    [`${ACME}/apps`, { q: 'NIGHT' }, ['Cron']],
    [`${ACME}/apps`, { q: 'staging' }, ['Cron']],
    [`${ACME}/apps`, { tag: 'env:test', status: 'expired' }, ['Trial']],
    [`${ACME}/webhooks`, { status: 'enabled' }, ['https://example.com/a']],
    [`${ACME}/webhooks`, { q: 'example.org' }, ['https://example.org/b']],
    [`${ACME}/admin-tokens`, { status: 'expired' }, ['Bob']],
    [`${ACME}/admin-tokens`, { status: 'active' }, ['Ada']],
    ['/admin-tokens', { q: 'ROO' }, ['root']],
  ])('%s by %j: %j', async (path, query, expected) => {
    expect(await found(path, query as Record<string, string>)).toEqual(expected);
  });

  it.each([
    ['/tenants', { status: 'gone' }],
    [`${ACME}/apps`, { q: '' }],
    [`${ACME}/apps`, { tag: '' }],
    [`${ACME}/apps`, { q: 'a'.repeat(201) }],
  ])('%s not by %j, which is a mistake', async (path, query) => {
    const reply = await vault.admin('GET', `${path}?${new URLSearchParams(query as Record<string, string>)}`);
    expect([reply.status, reply.body.error]).toEqual([400, 'invalid request']);
  });

  it('over its pages, too', async () => {
    const path = '/tenants/rival/apps';
    for (let at = 0; at < 25; at++) {
      await vault.admin('POST', path, { name: `app ${at}`, tags: at % 2 === 0 ? { even: 'yes' } : {} });
    }
    const names: string[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await vault.admin('GET', `${path}?limit=5&tag=even${cursor}`);
      names.push(...body.data.map(({ name }: { name: string }) => name));
      if (body.next_cursor === null) break;
      cursor = `&cursor=${body.next_cursor}`;
    }
    expect(names).toEqual(Array.from({ length: 13 }, (_, at) => `app ${2 * at}`));
  });
});

it('a list of many is read through without a gap or a repeat while others are added and removed', async () => {
  await vault.admin('POST', '/tenants', { slug: 'many' });
  const path = '/tenants/many/apps';
  const first: number[] = [];
  for (let at = 0; at < 300; at++) first.push((await vault.admin('POST', path, { name: 'a' })).body.id);
  const removed = new Set<number>();
  const seen: number[] = [];
  let pages = 0;
  for (let cursor = ''; ; pages++) {
    const { body } = await vault.admin('GET', `${path}?limit=20${cursor}`);
    seen.push(...body.data.map(({ id }: { id: number }) => id));
    if (body.next_cursor === null) break;
    cursor = `&cursor=${body.next_cursor}`;
    await vault.admin('POST', path, { name: 'added' });
    const gone = first[pages * 17] ?? 0;
    removed.add(gone);
    await vault.admin('DELETE', `${path}/${gone}`);
  }
  expect(pages).toBeGreaterThan(14);
  expect(new Set(seen).size).toBe(seen.length);
  expect(first.filter((id) => !removed.has(id) && !seen.includes(id))).toEqual([]);
});
