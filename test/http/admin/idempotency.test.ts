/** A POST with an Idempotency-Key is carried out once, however often it is sent. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prune } from '../../../src/operations/prune.ts';
import { findSecrets, secret } from '../../support/secret-search.ts';
import { type Reply, startVault, type TestVault } from '../../support/start-vault.ts';
import { tempFolder } from '../../support/storage-room.ts';

const HOUR = 3_600_000;
const APPS = '/tenants/acme/apps';
let vault: TestVault;

beforeEach(async () => {
  vault = await startVault();
  await vault.admin('POST', '/tenants', { slug: 'acme' });
  await vault.admin('POST', '/tenants/acme/services', { slug: 'openai' });
});

afterEach(() => vault.stop());

interface Sent {
  readonly key?: string;
  readonly token?: string;
  readonly type?: string;
}

function post(path: string, body: unknown, { key = 'once', token, type }: Sent = {}): Promise<Reply> {
  return vault.request(`/admin/v1${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token ?? vault.rootToken}`,
      'content-type': type ?? 'application/json',
      'idempotency-key': key,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

const replayed = ({ headers }: Reply) => headers.get('idempotent-replayed');

async function appNames(): Promise<string[]> {
  const { body } = await vault.admin('GET', APPS);
  return body.data.map(({ name }: { name: string }) => name);
}

describe('a request that is sent again', () => {
  it('is answered as the first time, with the token, the place and the tag, and changes nothing', async () => {
    const first = await post(APPS, { name: 'Checkout', services: 'all' });
    expect([first.status, replayed(first)]).toEqual([201, null]);
    const again = await post(APPS, { name: 'Checkout', services: 'all' });
    expect([again.status, replayed(again), again.text]).toEqual([201, 'true', first.text]);
    for (const name of ['location', 'etag']) expect(again.headers.get(name)).toBe(first.headers.get(name));
    expect(await appNames()).toEqual(['Checkout']);
    const { status } = await vault.next('service=openai', { token: again.body.app_token });
    expect(status, 'no key yet, but the token is known').toBe(503);
  });

  it('is answered so on every kind of POST', async () => {
    const { body: app } = await vault.admin('POST', APPS, { name: 'a' });
    const key = { label: 'one', key: 'sk-one-0123456789abcdefghij' };
    const requests: [string, unknown, string?][] = [
      ['/tenants', { slug: 'new' }],
      ['/admin-tokens', { name: 'root too' }],
      ['/tenants/acme/admin-tokens', { name: 'Ada', role: 'owner' }],
      ['/tenants/acme/client-token/rotate', {}],
      ['/tenants/acme/services', { slug: 'mail', policy: 'failover' }],
      ['/tenants/acme/services/openai/keys', key],
      ['/tenants/acme/services/openai/keys/import', 'label,key\na,sk-a-0123456789abcdefghij', 'text/csv'],
      ['/tenants/acme/services/openai/rotate', {}],
      [`${APPS}/${app.id}/rotate-token`, { grace_seconds: 60 }],
      [`${APPS}/${app.id}/disable`, { reason: 'why not' }],
      ['/tenants/acme/webhooks', { url: 'https://example.com/', events: ['*'] }],
    ];
    for (const [path, body, type] of requests) {
      const sent = type === undefined ? {} : { type };
      const first = await post(path, body, sent);
      expect(first.status, `${path}: ${first.text}`).toBeLessThan(300);
      const before = await vault.admin('GET', '/tenants/acme/audit?limit=200');
      const again = await post(path, body, sent);
      expect([again.status, again.text, replayed(again)], path).toEqual([first.status, first.text, 'true']);
      expect((await vault.admin('GET', '/tenants/acme/audit?limit=200')).text).toBe(before.text);
    }
  });

  it('also when what it made is gone, and for 24 hours', async () => {
    const first = await post(APPS, { name: 'Checkout' });
    await vault.admin('DELETE', `${APPS}/${first.body.id}`);
    vault.advance(24 * HOUR - 1);
    expect((await post(APPS, { name: 'Checkout' })).text).toBe(first.text);
    vault.advance(1);
    const later = await post(APPS, { name: 'Checkout' });
    expect([later.status, replayed(later)]).toEqual([201, null]);
    expect(later.body.id).not.toBe(first.body.id);
    expect((await post(APPS, { name: 'Checkout' })).text).toBe(later.text);
  });

  it('is answered so after a restart', async () => {
    const options = { folder: tempFolder(), env: { KEYROTATOR_ROOT_TOKEN: vault.rootToken } };
    await vault.stop();
    vault = await startVault(options);
    const first = await post('/tenants', { slug: 'new' });
    await vault.stop();
    vault = await startVault(options);
    const again = await post('/tenants', { slug: 'new' });
    expect([again.text, replayed(again)]).toEqual([first.text, 'true']);
  });

  it('is another one with another token, another path or another key', async () => {
    const { body: owner } = await vault.admin('POST', '/tenants/acme/admin-tokens', {
      name: 'o',
      role: 'owner',
    });
    await post(APPS, { name: 'one' });
    expect(replayed(await post(APPS, { name: 'one' }, { token: owner.admin_token }))).toBeNull();
    expect(replayed(await post(APPS, { name: 'one' }, { key: 'another' }))).toBeNull();
    expect(replayed(await post('/tenants/acme/services', { slug: 'one' }))).toBeNull();
    expect(await appNames()).toEqual(['one', 'one', 'one']);
  });

  it('is refused with another body', async () => {
    await post(APPS, { name: 'one' });
    const reply = await post(APPS, { name: 'two' });
    expect([reply.status, reply.body.error]).toEqual([422, 'unprocessable']);
    expect(await appNames()).toEqual(['one']);
  });

  it('is carried out where the first failed', async () => {
    expect((await post('/tenants/acme/services', { slug: 'openai' })).status).toBe(409);
    await vault.admin('DELETE', '/tenants/acme/services/openai?confirm=openai');
    expect((await post('/tenants/acme/services', { slug: 'openai' })).status).toBe(201);
  });

  it('many at a time is carried out once', async () => {
    const all = await Promise.all(Array.from({ length: 30 }, () => post(APPS, { name: 'one' })));
    const statuses = new Set(all.map(({ status }) => status));
    expect([...statuses].toSorted()).toEqual([201, 409]);
    expect(await appNames()).toEqual(['one']);
    expect((await post(APPS, { name: 'one' })).status).toBe(201);
  });

  it('is refused for a key that is none', async () => {
    for (const key of ['two words', 'a'.repeat(256), 'ü']) {
      const reply = await post(APPS, { name: 'one' }, { key });
      expect([reply.status, reply.body.error], key).toEqual([400, 'invalid request']);
    }
    expect((await post(APPS, { name: 'one' }, { key: 'a'.repeat(255) })).status).toBe(201);
  });
});

describe('what is kept for it', () => {
  it('is sealed, and says nothing of the body', async () => {
    const body = { name: 'Checkout', description: 'a-description-to-be-found' };
    const { app_token } = (await post(APPS, body)).body;
    const { client_token } = (await post('/tenants', { slug: 'new' })).body;
    const rows = await vault.engine.read.selectFrom('idempotent_replies').selectAll().execute();
    expect(rows).toHaveLength(2);
    const places = rows.flatMap(({ name, fingerprint, reply }) => [
      { name: 'name', content: name },
      { name: 'fingerprint', content: fingerprint },
      { name: 'reply', content: reply },
    ]);
    const secrets = [
      secret('app token', app_token),
      secret('client token', client_token),
      secret('description', body.description),
      secret('key', 'once'),
    ];
    expect(findSecrets(secrets, places)).toEqual([]);
  });

  it('opens nowhere else', async () => {
    await post(APPS, { name: 'one' }, { key: 'one' });
    await post(APPS, { name: 'two' }, { key: 'two' });
    const [one, two] = await vault.engine.read
      .selectFrom('idempotent_replies')
      .selectAll()
      .orderBy('id')
      .execute();
    await vault.engine.write('nothing', async (unit) => {
      await unit
        .updateTable('idempotent_replies')
        .set({ reply: two?.reply ?? Buffer.alloc(0) })
        .where('id', '=', one?.id ?? 0)
        .execute();
    });
    const reply = await post(APPS, { name: 'one' }, { key: 'one' });
    expect([reply.status, reply.body.error]).toEqual([409, 'conflict']);
    expect(await appNames()).toEqual(['one', 'two']);
  });

  it('goes with the tenant, and after a day', async () => {
    await post(APPS, { name: 'one' });
    await post('/tenants', { slug: 'new' });
    const count = async () =>
      (await vault.engine.read.selectFrom('idempotent_replies').select('id').execute()).length;
    expect(await count()).toBe(2);
    await vault.admin('DELETE', '/tenants/acme?confirm=acme');
    expect(await count()).toBe(1);
    vault.advance(25 * HOUR);
    const { vault: own } = vault.jobs;
    await prune(own, { days: 30, deliveries: null }, own.engine.time(), new AbortController().signal);
    expect(await count()).toBe(0);
  });
});
