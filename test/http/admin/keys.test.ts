import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ACME, type Acme, startAcme } from '../../support/acme.ts';
import {
  dataOf,
  inAcme,
  made,
  type QueryOf,
  refusalOf,
  type Schemas,
  statusOf,
} from '../../support/admin-client.ts';
import { damageKey } from '../../support/damage-key.ts';
import { expectSameNotFound } from '../../support/indistinguishable.ts';

const HOUR = 3_600_000;
const CANARY = 'sk-canary-5f2a91c07be34d68a1';
const SERVICES = '/admin/v1/tenants/{tenant}/services';
const SERVICE = '/admin/v1/tenants/{tenant}/services/{service}';
const ROTATE = '/admin/v1/tenants/{tenant}/services/{service}/rotate';
const KEYS = '/admin/v1/tenants/{tenant}/services/{service}/keys';
const KEY = '/admin/v1/tenants/{tenant}/services/{service}/keys/{id}';
const DISABLE = '/admin/v1/tenants/{tenant}/services/{service}/keys/{id}/disable';
const ENABLE = '/admin/v1/tenants/{tenant}/services/{service}/keys/{id}/enable';
/** For requests that the document forbids. */
const RAW = `${ACME}/services/s/keys`;
let acme: Acme;

beforeEach(async () => {
  acme = await startAcme();
});
afterEach(() => acme.vault.stop());

type Policy = Schemas['Service']['policy'];

const inS = (id: number) => inAcme({ service: 's', id });
const post = (body: Schemas['NewKey']) => acme.client.POST(KEYS, { ...inAcme({ service: 's' }), body });
const show = (id: number) => dataOf(acme.client.GET(KEY, inS(id)));
const change = (id: number, body: Schemas['KeyPatch']) => acme.client.PATCH(KEY, { ...inS(id), body });
const patch = (id: number, body: Schemas['KeyPatch']) => dataOf(change(id, body));
const disable = (id: number, more: Partial<Schemas['Disabling']> = {}) =>
  dataOf(acme.client.POST(DISABLE, { ...inS(id), body: { reason: 'leaked', ...more } }));
const enableCall = (id: number) => acme.client.POST(ENABLE, inS(id));
const enable = (id: number) => dataOf(enableCall(id));
const rotateCall = (body: Schemas['Rotate'] = {}) =>
  acme.client.POST(ROTATE, { ...inAcme({ service: 's' }), body });
const rotate = (body?: Schemas['Rotate']) => dataOf(rotateCall(body));

async function serviceWith(policy: Policy, labels: readonly string[]): Promise<number[]> {
  await acme.service({ slug: 's', policy, ...(policy === 'time' ? { rotate_every_minutes: 60 } : {}) });
  const ids = [];
  for (const label of labels) ids.push((await acme.key('s', label)).id);
  return ids;
}

const damage = (id: number) => damageKey(acme.vault.jobs.vault, id);

describe('a key', () => {
  it('goes in and is shown masked, with the defaults of the contract', async () => {
    await acme.service({ slug: 's' });
    const call = post({ label: 'Primary', key: CANARY });
    const key = await made(call);
    expect((await call).response.headers.get('location')).toBe(`/admin/v1${RAW}/${key.id}`);
    expect(key).toEqual({
      id: expect.any(Number),
      label: 'Primary',
      masked_key: `sk-${'•'.repeat(24)}68a1`,
      state: 'active',
      current: true,
      weight: 1,
      position: 1,
      max_daily_requests: null,
      expires_at: null,
      bucket: null,
      tags: {},
      usage_today: 0,
      activated_at: '2026-03-01T12:00:00.000Z',
      last_delivered_at: null,
      retires_at: null,
      drained_at: null,
      disabled_reason: null,
      auto_enable_at: null,
      decrypt_failed: false,
      cooling_until: null,
      created_at: '2026-03-01T12:00:00.000Z',
      updated_at: '2026-03-01T12:00:00.000Z',
    });
    expect(await show(key.id)).toEqual(key);
    const delivered = await acme.vault.next('service=s', { token: acme.token });
    expect(delivered.body.key).toBe(CANARY);
  });

  it('comes out of no answer and no audit entry in clear', async () => {
    await acme.service({ slug: 's' });
    const { id } = await made(post({ label: 'Primary', key: CANARY }));
    const { admin } = acme.vault;
    const answers = [
      await admin('GET', RAW),
      await admin('GET', `${RAW}/${id}`),
      await admin('PATCH', `${RAW}/${id}`, { label: 'x' }),
      await admin('POST', RAW, { label: 'Again', key: CANARY }),
      await admin('POST', RAW, { label: 'Bad', key: ` ${CANARY}` }),
      await admin('POST', RAW, { label: 'Bad', key: CANARY, pool: CANARY }),
      await admin('POST', `${RAW}/${id}/disable`, { reason: 'leaked' }),
      await admin('POST', `${RAW}/${id}/enable`),
    ];
    for (const { text } of answers) expect(text).not.toContain(CANARY);
    const { read } = acme.vault.engine;
    const entries = await read.selectFrom('audit_entries').selectAll().execute();
    expect(entries.length).toBeGreaterThan(4);
    expect(JSON.stringify(entries)).not.toContain('canary');
    const rows = await read.selectFrom('provider_keys').selectAll().execute();
    expect(Buffer.concat(rows.map((row) => Buffer.from(row.sealed_key))).includes('canary')).toBe(false);
  });

  it('is kept to the last byte, whatever script it is written in', async () => {
    await acme.service({ slug: 's' });
    const key = 'clé-ключ-鍵🔑 with "quotes", commas and = + - @';
    await made(post({ label: 'x', key }));
    expect((await acme.vault.next('service=s', { token: acme.token })).body.key).toBe(key);
  });

  it('is in a service once, and the answer to the second says which it is; in another service it may be too', async () => {
    const [id = 0] = await serviceWith('manual', ['a']);
    await acme.service({ slug: 'other' });
    const key = 'sk-a-0123456789abcdefghij';
    await disable(id);
    const { status, detail } = await refusalOf(post({ label: 'b', key }));
    expect([status, detail]).toEqual([409, `This is the same key as key ${id} of the service.`]);
    await acme.key('other', 'b', { key });
  });

  it('takes the place behind the last one unless it is given another', async () => {
    await serviceWith('manual', ['a', 'b']);
    await acme.key('s', 'far', { position: 40 });
    await acme.key('s', 'last');
    expect((await acme.keys('s')).map(({ label, position }) => `${label}${position}`)).toEqual([
      'a1',
      'b2',
      'far40',
      'last41',
    ]);
  });

  it.each(['manual', 'time'] as const)(
    'under %s is current when it is the first, and stands by after that',
    async (policy) => {
      await serviceWith(policy, ['a', 'b', 'c']);
      expect(await acme.states('s')).toBe('a*active, b standby, c standby');
      expect((await acme.show('s')).current_key_id).toBe((await acme.keys('s'))[0]?.id);
    },
  );

  it.each(['usage', 'failover'] as const)(
    'under %s is active at once, and none is current',
    async (policy) => {
      await serviceWith(policy, ['a', 'b']);
      expect(await acme.states('s')).toBe('a active, b active');
    },
  );

  it('becomes current when the service has no current key that could serve', async () => {
    const [a] = await serviceWith('manual', ['a']);
    await disable(a ?? 0);
    expect(await acme.deliver('s')).toBe('no active keys');
    await acme.key('s', 'b');
    expect(await acme.states('s')).toBe('a disabled, b*active');
    expect(await acme.deliver('s')).toBe('b');
  });

  it('that cannot be decrypted says so, shows nothing of itself, and makes room for another', async () => {
    const [a] = await serviceWith('manual', ['a']);
    await damage(a ?? 0);
    expect(await acme.deliver('s')).toBe('key decrypt failed');
    expect((await acme.keys('s'))[0]).toMatchObject({ masked_key: null, decrypt_failed: true });
    await acme.key('s', 'b');
    expect(await acme.states('s')).toBe('a standby, b*active');
  });

  it('of another service or tenant is answered like none', async () => {
    const [own] = await serviceWith('manual', ['a']);
    await acme.service({ slug: 'other' });
    await acme.key('other', 'b');
    const inRival = { params: { path: { tenant: 'rival' } } };
    await made(acme.client.POST(SERVICES, { ...inRival, body: { slug: 's' } }));
    const rivals = { tenant: 'rival', service: 's' };
    const body = { label: 'x', key: 'sk-rival-1234' };
    const theirs = await made(acme.client.POST(KEYS, { params: { path: rivals }, body }));
    for (const id of [theirs.id, (await acme.keys('other'))[0]?.id ?? 0]) {
      for (const [method, tail, body] of [
        ['GET', ''],
        ['PATCH', '', { label: 'x' }],
        ['DELETE', ''],
        ['POST', '/enable'],
        ['POST', '/disable', { reason: 'x' }],
      ] as const) {
        await expectSameNotFound(acme.vault, method, `${RAW}/${id}${tail}`, `${RAW}/99999${tail}`, body);
        expect((await acme.vault.admin(method, `${RAW}/0${own}${tail}`, body)).status).toBe(404);
      }
      const rotated = await refusalOf(rotateCall({ to_key_id: id }));
      const missing = await refusalOf(rotateCall({ to_key_id: 99999 }));
      expect([rotated.status, rotated.errors]).toEqual([422, missing.errors]);
    }
    const path = { ...rivals, id: theirs.id };
    expect(await dataOf(acme.client.GET(KEY, { params: { path } }))).toEqual(theirs);
  });

  it('is listed in pages', async () => {
    const ids = await serviceWith('manual', ['a', 'b', 'c']);
    const page = (query: QueryOf<'listKeys'>) =>
      dataOf(acme.client.GET(KEYS, { params: { path: { tenant: 'acme', service: 's' }, query } }));
    const first = await page({ limit: 2 });
    const second = await page({ limit: 2, cursor: first.next_cursor ?? '' });
    const listed = [...first.data, ...second.data].map(({ id }) => id);
    expect([listed, second.next_cursor]).toEqual([ids, null]);
  });
});

describe('changing a key', () => {
  it('changes what is named, merges tags, and never the key itself', async () => {
    const [id = 0] = await serviceWith('manual', ['a']);
    await patch(id, { tags: { team: 'core', tier: '1' } });
    const changed = await patch(id, {
      label: 'new',
      weight: 5,
      position: 3,
      max_daily_requests: 2,
      expires_at: '2026-03-02T00:00:00+01:00',
      tags: { tier: null, eu: 'yes' },
    });
    expect(changed).toMatchObject({
      label: 'new',
      weight: 5,
      position: 3,
      max_daily_requests: 2,
      expires_at: '2026-03-01T23:00:00.000Z',
      tags: { team: 'core', eu: 'yes' },
    });
    const refused = await acme.vault.admin('PATCH', `${RAW}/${id}`, { key: CANARY });
    expect(refused.body.errors).toEqual([
      { pointer: '/key', detail: 'cannot be changed: add the new key as another one and rotate to it' },
    ]);
    expect(await patch(id, { tags: null, expires_at: null })).toMatchObject({
      tags: {},
      expires_at: null,
    });
  });

  it('to expire in the past, or to more than 50 tags, is refused', async () => {
    const [id = 0] = await serviceWith('manual', ['a']);
    const past = await refusalOf(change(id, { expires_at: '2026-03-01T11:59:59Z' }));
    expect(past.pointers[0]).toBe('/expires_at');
    const tags = (from: number) =>
      Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`t${from + n}`, 'x']));
    expect(await statusOf(change(id, { tags: tags(0) }))).toBe(200);
    expect((await refusalOf(change(id, { tags: tags(30) }))).pointers[0]).toBe('/tags');
  });

  it('lets a new limit bind the next request', async () => {
    const [id = 0] = await serviceWith('manual', ['a']);
    await acme.deliver('s');
    await patch(id, { max_daily_requests: 1 });
    expect(await acme.deliver('s')).toBe('key daily limit reached');
    await patch(id, { max_daily_requests: null });
    expect(await acme.deliver('s')).toBe('a');
  });

  it('in weight shifts the share from now on and makes up for nothing', async () => {
    const [a = 0] = await serviceWith('usage', ['a', 'b']);
    for (let n = 0; n < 20; n++) await acme.deliver('s');
    await patch(a, { weight: 3 });
    const served = [];
    for (let n = 0; n < 40; n++) served.push(await acme.deliver('s'));
    expect(Math.abs(served.filter((label) => label === 'a').length - 30)).toBeLessThanOrEqual(2);
  });

  it('in weight lets a key that is added then begin level', async () => {
    await serviceWith('usage', []);
    await acme.key('s', 'a', { weight: 20 });
    const b = await acme.key('s', 'b', { weight: 20 });
    for (let n = 0; n < 40; n++) await acme.deliver('s');
    await patch(b.id, { weight: 1 });
    await acme.key('s', 'c', { weight: 20 });
    const served = [];
    for (let n = 0; n < 10; n++) served.push(await acme.deliver('s'));
    expect(served.filter((label) => label === 'c')).toHaveLength(5);
  });
});

describe('disabling a key', () => {
  it('takes it out from the next delivery on; the next by position becomes current, round and round', async () => {
    const [, b = 0, c = 0] = await serviceWith('manual', ['a', 'b', 'c']);
    await rotate({ to_key_id: b });
    acme.vault.advance(HOUR);
    expect(await disable(b)).toMatchObject({
      state: 'disabled',
      disabled_reason: 'leaked',
      current: false,
      auto_enable_at: null,
    });
    expect(await acme.states('s')).toBe('a standby, b disabled, c*active');
    expect((await acme.keys('s'))[2]?.activated_at).toBe('2026-03-01T13:00:00.000Z');
    expect(await acme.deliver('s')).toBe('c');
    await disable(c);
    expect(await acme.states('s')).toBe('a*active, b disabled, c disabled');
  });

  it('leaves the current key alone where it was another', async () => {
    const [, b = 0] = await serviceWith('manual', ['a', 'b', 'c']);
    await disable(b);
    expect(await acme.states('s')).toBe('a*active, b disabled, c standby');
  });

  it('wants a reason, and notes it with who follows in the audit trail', async () => {
    const [a = 0, b = 0] = await serviceWith('manual', ['a', 'b']);
    const refused = await acme.vault.admin('POST', `${RAW}/${a}/disable`, {});
    expect([refused.status, refused.body.errors[0].pointer]).toEqual([422, '/reason']);
    const after = await acme.lastAuditId();
    await disable(a);
    expect(await acme.audit(after)).toMatchObject([
      { type: 'key.disabled', target: `service:s/key:${a}`, reason: 'leaked', actor: 'admin_token' },
      { type: 'key.rotated', target: `service:s/key:${b}`, reason: 'became current', actor: 'admin_token' },
    ]);
  });
});

describe('enabling a key', () => {
  it('lets it stand by where another is current, and changes nothing where it is enabled already', async () => {
    const [a = 0] = await serviceWith('manual', ['a', 'b']);
    await disable(a, { auto_enable_after_seconds: 60 });
    expect(await enable(a)).toMatchObject({
      state: 'standby',
      disabled_reason: null,
      auto_enable_at: null,
    });
    expect(await acme.states('s')).toBe('a standby, b*active');
    const [before, after] = [await acme.keys('s'), await acme.lastAuditId()];
    acme.vault.advance(1000);
    expect(await statusOf(enableCall(a))).toBe(200);
    expect([await acme.keys('s'), await acme.audit(after)]).toEqual([before, []]);
  });

  it('makes it current where none was, and active where keys serve side by side', async () => {
    const [a = 0] = await serviceWith('manual', ['a']);
    await disable(a);
    acme.vault.advance(HOUR);
    expect(await enable(a)).toMatchObject({
      state: 'active',
      current: true,
      activated_at: '2026-03-01T13:00:00.000Z',
    });
    const body = { policy: 'usage' } as const;
    await dataOf(acme.client.PATCH(SERVICE, { ...inAcme({ service: 's' }), body }));
    await disable(a);
    expect(await enable(a)).toMatchObject({ state: 'active', current: false });
  });

  it('is refused while its own end has passed', async () => {
    const [, b = 0] = await serviceWith('manual', ['a', 'b']);
    await patch(b, { expires_at: '2026-03-01T13:00:00Z' });
    await disable(b);
    acme.vault.advance(HOUR);
    expect(await statusOf(enableCall(b))).toBe(409);
    await patch(b, { expires_at: '2026-03-01T14:00:00Z' });
    expect((await enable(b)).state).toBe('standby');
  });

  it('brings back a retiring, a retired and a broken key', async () => {
    const [a = 0, b = 0] = await serviceWith('manual', ['a', 'b']);
    await rotate({ retire_old: true, grace_seconds: 60 });
    expect(await enable(a)).toMatchObject({ state: 'standby', retires_at: null });
    await rotate({ retire_old: true });
    expect(await acme.states('s')).toBe('a*active, b retired');
    expect(await enable(b)).toMatchObject({ state: 'standby', retires_at: null });
    const sealed = await acme.vault.engine.read
      .selectFrom('provider_keys')
      .select('sealed_key')
      .where('id', '=', a)
      .executeTakeFirstOrThrow();
    await damage(a);
    expect(await acme.deliver('s')).toBe('b');
    expect((await acme.keys('s'))[0]).toMatchObject({ decrypt_failed: true, current: true });
    await acme.vault.engine.write({ tenantId: 1 }, (unit) =>
      unit.updateTable('provider_keys').set(sealed).where('id', '=', a).execute(),
    );
    expect(await enable(a)).toMatchObject({ decrypt_failed: false, state: 'active', current: true });
    expect(await acme.deliver('s')).toBe('a');
  });

  it('does not let a key catch up on what it missed', async () => {
    const [a = 0] = await serviceWith('usage', ['a', 'b']);
    await disable(a);
    for (let n = 0; n < 50; n++) await acme.deliver('s');
    await enable(a);
    const served = [];
    for (let n = 0; n < 10; n++) served.push(await acme.deliver('s'));
    expect(served.filter((label) => label === 'a')).toHaveLength(5);
  });
});

describe('deleting a key', () => {
  it('moves the service on to the key behind it, and takes its counters along', async () => {
    const [, b = 0, c = 0] = await serviceWith('manual', ['a', 'b', 'c']);
    await rotate({ to_key_id: b });
    await acme.deliver('s');
    const after = await acme.lastAuditId();
    const params = { path: { tenant: 'acme', service: 's', id: b }, query: { reason: 'gone' } };
    expect(await statusOf(acme.client.DELETE(KEY, { params }))).toBe(204);
    expect(await acme.states('s')).toBe('a standby, c*active');
    expect(await acme.deliver('s')).toBe('c');
    expect(await acme.audit(after)).toMatchObject([
      { type: 'key.deleted', target: `service:s/key:${b}`, reason: 'gone' },
      { type: 'key.rotated', target: `service:s/key:${c}` },
    ]);
    const { read } = acme.vault.engine;
    const counters = await read
      .selectFrom('counters')
      .select('subject_id')
      .where('subject', '=', 'key')
      .execute();
    expect(counters).toEqual([{ subject_id: c }]);
    expect(await read.selectFrom('key_balances').select('key_id').execute()).toEqual([{ key_id: c }]);
  });

  it('of the last one leaves the service without, and its id is never given again', async () => {
    const [a = 0] = await serviceWith('manual', ['a']);
    expect(await statusOf(acme.client.DELETE(KEY, inS(a)))).toBe(204);
    expect((await acme.show('s')).current_key_id).toBeNull();
    expect(await acme.deliver('s')).toBe('no active keys');
    const again = await acme.key('s', 'a');
    expect(again.id).toBeGreaterThan(a);
    expect(again.current).toBe(true);
  });
});

describe('rotating a service', () => {
  it('goes through the keys by position, round and round, leaving out those that cannot serve', async () => {
    const [a, b = 0, c] = await serviceWith('manual', ['a', 'b', 'c']);
    await disable(b);
    acme.vault.advance(HOUR);
    const bodyless = acme.client.POST(ROTATE, inAcme({ service: 's' }));
    expect(await dataOf(bodyless)).toEqual({ from_key_id: a, to_key_id: c });
    expect(await acme.states('s')).toBe('a standby, b disabled, c*active');
    expect((await acme.keys('s'))[2]?.activated_at).toBe('2026-03-01T13:00:00.000Z');
    expect(await rotate()).toEqual({ from_key_id: c, to_key_id: a });
    expect(await acme.deliver('s')).toBe('a');
  });

  it('passes over keys that cannot be decrypted or whose end has passed', async () => {
    const [, b = 0, c = 0, d] = await serviceWith('manual', ['a', 'b', 'c', 'd']);
    await damage(b);
    await patch(c, { expires_at: '2026-03-01T13:00:00Z' });
    await rotate();
    expect(await acme.deliver('s'), 'b turns out to be broken').toBe('c');
    await rotate({ to_key_id: (await acme.keys('s'))[0]?.id ?? 0 });
    acme.vault.advance(HOUR);
    expect((await rotate()).to_key_id).toBe(d);
    expect((await refusalOf(rotateCall({ to_key_id: b }))).detail).toBe(
      `Key ${b} cannot serve: it could not be decrypted.`,
    );
    expect((await refusalOf(rotateCall({ to_key_id: c }))).detail).toBe(
      `Key ${c} cannot serve: its expires_at has passed.`,
    );
  });

  it('to a key that is named makes that one current', async () => {
    const [a, , c = 0] = await serviceWith('time', ['a', 'b', 'c']);
    expect(await rotate({ to_key_id: c, reason: 'drill' })).toEqual({ from_key_id: a, to_key_id: c });
    expect(await acme.deliver('s')).toBe('c');
  });

  it('is audited as every change of the current key, with the reason that was given or one of its own', async () => {
    const [a, b, c] = await serviceWith('manual', ['a', 'b', 'c']);
    await rotate({ reason: 'drill' });
    await rotate({ retire_old: true, grace_seconds: 90 });
    const params = { path: { tenant: 'acme' }, query: { type: 'key.rotated' } };
    const { data } = await dataOf(acme.client.GET('/admin/v1/tenants/{tenant}/audit', { params }));
    const standby = { state: 'standby', activated_at: null };
    const active = { state: 'active', activated_at: '2026-03-01T12:00:00.000Z' };
    expect(data.reverse()).toMatchObject([
      { target: `service:s/key:${a}`, reason: 'became current' },
      { target: `service:s/key:${a}`, reason: 'drill', before: active, after: { state: 'standby' } },
      { target: `service:s/key:${b}`, reason: 'drill', before: standby, after: active },
      {
        target: `service:s/key:${b}`,
        reason: 'rotated by hand',
        before: active,
        after: { state: 'retiring', retires_at: '2026-03-01T12:01:30.000Z' },
      },
      { target: `service:s/key:${c}`, reason: 'became current', actor: { kind: 'admin_token' } },
    ]);
  });

  it('retires the old key when its grace is over, or at once without one', async () => {
    await serviceWith('manual', ['a', 'b', 'c']);
    await rotate({ retire_old: true, grace_seconds: 90 });
    expect(await acme.states('s')).toBe('a retiring, b*active, c standby');
    expect((await acme.keys('s'))[0]?.retires_at).toBe('2026-03-01T12:01:30.000Z');
    await rotate({ retire_old: true });
    expect(await acme.states('s')).toBe('a retiring, b retired, c*active');
    expect(await statusOf(rotateCall())).toBe(409);
  });

  it('takes a grace with retire_old alone, which it belongs to, and changes nothing otherwise', async () => {
    const [a, b] = await serviceWith('manual', ['a', 'b']);
    for (const body of [{ grace_seconds: 90 }, { grace_seconds: 90, retire_old: false }]) {
      const { status, errors } = await refusalOf(rotateCall(body));
      const detail = 'belongs to retire_old: send "retire_old": true as well, or no grace';
      expect([status, errors]).toEqual([422, [{ pointer: '/grace_seconds', detail }]]);
      expect(await acme.states('s')).toBe('a*active, b standby');
    }
    expect(await rotate({ grace_seconds: 0 })).toEqual({ from_key_id: a, to_key_id: b });
  });

  it('is refused where no key can follow, and changes nothing then', async () => {
    const [a = 0, b = 0] = await serviceWith('manual', ['a', 'b']);
    await disable(b);
    expect(await statusOf(rotateCall())).toBe(409);
    expect(await statusOf(rotateCall({ to_key_id: b }))).toBe(409);
    expect(await statusOf(rotateCall({ to_key_id: a }))).toBe(409);
    const missing = await refusalOf(rotateCall({ to_key_id: 4711 }));
    expect([missing.status, missing.pointers[0]]).toEqual([422, '/to_key_id']);
    expect(await acme.states('s')).toBe('a*active, b disabled');
  });

  it.each(['usage', 'failover'] as const)('is refused under %s, which has no current key', async (policy) => {
    await serviceWith(policy, ['a', 'b']);
    expect(await statusOf(rotateCall())).toBe(409);
  });
});
