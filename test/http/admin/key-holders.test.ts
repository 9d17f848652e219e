/** Who was handed a key, who has been given another one since, and what that does to a key with a grace. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DrainWatch } from '../../../src/operations/keys/drain-keys.ts';
import { retireDueKeys } from '../../../src/operations/keys/retire-keys.ts';
import { type Acme, startAcme } from '../../support/acme.ts';
import { dataOf, inAcme, made, refusalOf, type Schemas } from '../../support/admin-client.ts';

const MINUTE = 60_000;
const SERVICE = '/admin/v1/tenants/{tenant}/services/{service}';
const KEY = `${SERVICE}/keys/{id}`;
let acme: Acme;
/** Of each test its own, with two keys. */
let service: string;
let a: number;
let b: number;
let watch: DrainWatch;
let services = 0;
let seqBefore = 0;

beforeAll(async () => {
  acme = await startAcme();
});
afterAll(() => acme.vault.stop());
beforeEach(async () => {
  watch = new DrainWatch();
  acme.vault.advance(MINUTE);
  service = `s${++services}`;
  await acme.service({ slug: service });
  a = (await acme.key(service, 'a')).id;
  b = (await acme.key(service, 'b')).id;
  const { read } = acme.vault.engine;
  const last = await read
    .selectFrom('outbox')
    .select('seq')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  seqBefore = last?.seq ?? 0;
});

const showNow = () => new Date(acme.vault.clock.wall()).toISOString();
const holders = (id: number, query: { limit?: number; cursor?: string } = {}) =>
  dataOf(acme.client.GET(`${KEY}/holders`, { params: { path: { tenant: 'acme', service, id }, query } }));
/** And a moment later. */
async function rotate(body: Schemas['Rotate'] = { retire_old: true, grace_seconds: 3_600 }): Promise<void> {
  await dataOf(acme.client.POST(`${SERVICE}/rotate`, { ...inAcme({ service }), body }));
  acme.vault.advance(1);
}
async function burn(id: number, reason = 'leaked'): Promise<Schemas['BurnedKey']> {
  const call = acme.client.POST(`${KEY}/burn`, { ...inAcme({ service, id }), body: { reason } });
  const burned = await dataOf(call);
  acme.vault.advance(1);
  return burned;
}
const next = (token = acme.token) => acme.vault.next(`service=${service}`, { token });
const drain = () => watch.run(acme.vault.jobs.vault, acme.vault.engine.time());
const app = async (name: string) =>
  made(acme.client.POST('/admin/v1/tenants/{tenant}/apps', { ...inAcme(), body: { name, services: 'all' } }));

/** Those of the test. */
async function events(): Promise<{ type: string; data: Record<string, unknown> }[]> {
  const { read } = acme.vault.engine;
  const rows = await read
    .selectFrom('outbox')
    .selectAll()
    .where('seq', '>', seqBefore)
    .orderBy('seq')
    .execute();
  return rows.map(({ type, data }) => ({ type, data: JSON.parse(data) }));
}

describe('the holders of a key', () => {
  it('are listed with the first and the last time, and once it is handed out no more with what they were given since', async () => {
    const one = await app('one');
    const start = showNow();
    await next();
    await next(one.app_token);
    await acme.vault.next(`service=${service}&mask=1`, { token: (await app('masked')).app_token });
    acme.vault.advance(MINUTE);
    const later = showNow();
    await next();
    const ofA = { ip: '127.0.0.1', newer_key_id: null, newer_at: null };
    expect(await holders(a)).toEqual({
      data: [
        { app_id: null, ...ofA, first_at: start, last_at: later },
        { app_id: one.id, ...ofA, first_at: start, last_at: start },
      ],
      next_cursor: null,
      drained: false,
      drained_at: null,
    });
    await rotate();
    expect(await next(one.app_token)).toMatchObject({ body: { key_label: 'b' } });
    const { data, drained } = await holders(a);
    expect(data.map(({ newer_key_id, newer_at }) => [newer_key_id, newer_at])).toEqual([
      [null, null],
      [b, showNow()],
    ]);
    expect(drained).toBe(false);
  });

  it('come page by page, each once', async () => {
    const apps = [];
    for (const name of ['one', 'two', 'three']) apps.push(await app(name));
    for (const { app_token } of apps) await next(app_token);
    await next();
    const pages = [];
    let cursor: string | null = null;
    do {
      const page: Schemas['HolderList'] = await holders(a, {
        limit: 2,
        ...(cursor === null ? {} : { cursor }),
      });
      pages.push(page.data.map(({ app_id }) => app_id));
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(pages).toEqual([
      [null, apps[0]?.id],
      [apps[1]?.id, apps[2]?.id],
    ]);
    const path = { tenant: 'acme', service, id: a };
    for (const wrong of ['x', Buffer.from('v2:abcdefgh:1/').toString('base64url')]) {
      const call = acme.client.GET(`${KEY}/holders`, { params: { path, query: { cursor: wrong } } });
      expect(await refusalOf(call)).toMatchObject({ status: 400 });
    }
  });

  it('do not count what they were given before the key was withdrawn, even if it stood in for it', async () => {
    const one = await app('one');
    await rotate({});
    await next();
    await rotate({});
    await next();
    await rotate();
    await next(one.app_token);
    expect((await holders(a)).data[0]).toMatchObject({ newer_key_id: null });
    expect(await drain()).toBe(0);
    // Within a minute of the time before: it is written down all the same.
    await next();
    expect((await holders(a)).data[0]).toMatchObject({ newer_key_id: b });
    expect(await drain()).toBe(1);
  });
});

describe('a key with a grace', () => {
  it('is drained once everybody who held it was given another one, and not before', async () => {
    const [one, two] = [await app('one'), await app('two')];
    for (const token of [acme.token, one.app_token, two.app_token]) await next(token);
    const retires_at = new Date(acme.vault.clock.wall() + 3_600_000).toISOString();
    await rotate();
    const after = await acme.lastAuditId();
    for (const token of [acme.token, two.app_token]) {
      await next(token);
      expect(await drain()).toBe(0);
    }
    acme.vault.advance(MINUTE);
    await next(one.app_token);
    expect(await drain()).toBe(1);
    expect(await drain()).toBe(0);
    expect(await new DrainWatch().run(acme.vault.jobs.vault, acme.vault.engine.time())).toBe(0);
    expect(await holders(a)).toMatchObject({ drained: true, drained_at: showNow() });
    expect(await acme.states(service)).toBe('a retiring, b*active');
    expect(await acme.audit(after)).toMatchObject([
      { type: 'key.drained', target: `service:${service}/key:${a}`, actor: 'system' },
    ]);
    const data = { tenant: 'acme', service, key_id: a };
    expect((await events()).filter(({ type }) => type === 'key.drained')).toEqual([
      { type: 'key.drained', data: { ...data, state: 'retiring', retires_at } },
    ]);
  });

  it('is drained at once where nobody ever held it', async () => {
    await rotate();
    expect(await drain()).toBe(1);
    expect((await holders(a)).drained).toBe(true);
  });

  it('that is enabled again has holders again', async () => {
    await next();
    await rotate();
    await next();
    expect(await drain()).toBe(1);
    await dataOf(acme.client.POST(`${KEY}/enable`, inAcme({ service, id: a })));
    expect(await holders(a)).toMatchObject({
      drained: false,
      drained_at: null,
      data: [{ newer_key_id: null }],
    });
    await rotate({ to_key_id: a });
    await next();
    await rotate();
    expect(await drain()).toBe(0);
  });

  it('is retired when the grace is over, drained or not', async () => {
    await next();
    await rotate();
    acme.vault.advance(3_600_000);
    const { vault } = acme.vault.jobs;
    await retireDueKeys(vault, vault.engine.time());
    expect(await drain()).toBe(0);
    expect(await acme.states(service)).toBe('a retired, b*active');
  });
});

describe('burning a key', () => {
  it('moves the service on, and tells everybody who ever had it', async () => {
    const one = await app('one');
    const start = showNow();
    await next();
    await next(one.app_token);
    const after = await acme.lastAuditId();
    const burned = await burn(a);
    expect(burned).toMatchObject({
      id: a,
      state: 'burned',
      current: false,
      disabled_reason: 'leaked',
      more_holders: false,
      holders: [
        { app_id: null, ip: '127.0.0.1', first_at: start, last_at: start },
        { app_id: one.id, ip: '127.0.0.1', first_at: start, last_at: start },
      ],
    });
    expect((await next()).body.key_label).toBe('b');
    expect(await acme.audit(after)).toMatchObject([
      { type: 'key.burned', target: `service:${service}/key:${a}`, reason: 'leaked', actor: 'admin_token' },
      { type: 'key.rotated', target: `service:${service}/key:${b}`, reason: 'became current' },
    ]);
    const data = { tenant: 'acme', service };
    expect((await events()).slice(-3)).toEqual([
      { type: 'key.burned', data: { ...data, key_id: a, reason: 'leaked' } },
      {
        type: 'key.rotated',
        data: { ...data, from_key_id: a, to_key_id: b, why: 'out of service', reason: null },
      },
      { type: 'service.last_key', data: { ...data, key_id: b, cause: 'left alone' } },
    ]);
  });

  it('twice is burning once', async () => {
    await next();
    const first = await burn(a);
    const after = await acme.lastAuditId();
    acme.vault.advance(MINUTE);
    expect(await burn(a, 'again')).toEqual(first);
    expect(await acme.audit(after)).toEqual([]);
  });

  it('drains it when those who had it were given another one', async () => {
    await next();
    await burn(a);
    expect(await drain()).toBe(0);
    await next();
    expect(await drain()).toBe(1);
    expect((await holders(a)).drained).toBe(true);
    expect((await events()).at(-1)).toMatchObject({ type: 'key.drained', data: { state: 'burned' } });
  });

  it('wants a reason', async () => {
    const call = acme.client.POST(`${KEY}/burn`, {
      ...inAcme({ service, id: a }),
      body: {} as Schemas['Burning'],
    });
    expect(await refusalOf(call)).toMatchObject({ status: 422, pointers: ['/reason'] });
    expect(await acme.states(service)).toBe('a*active, b standby');
  });
});
