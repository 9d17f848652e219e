import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ACME, type Acme, startAcme } from '../../support/acme.ts';
import { dataOf, inAcme, made, type QueryOf, type Schemas, statusOf } from '../../support/admin-client.ts';
import { expectSameNotFound } from '../../support/indistinguishable.ts';

const HOUR = 3_600_000;
const SERVICES = '/admin/v1/tenants/{tenant}/services';
const SERVICE = '/admin/v1/tenants/{tenant}/services/{service}';
const DISABLE_KEY = '/admin/v1/tenants/{tenant}/services/{service}/keys/{id}/disable';
let acme: Acme;

beforeEach(async () => {
  acme = await startAcme();
});
afterEach(() => acme.vault.stop());

const patch = (service: string, body: Schemas['ServicePatch']) =>
  dataOf(acme.client.PATCH(SERVICE, { ...inAcme({ service }), body }));
const disableKey = (id: number, reason: string) =>
  dataOf(acme.client.POST(DISABLE_KEY, { ...inAcme({ service: 's', id }), body: { reason } }));
const makeRivals = (slug: string) =>
  made(acme.client.POST(SERVICES, { params: { path: { tenant: 'rival' } }, body: { slug } }));
/** For requests that the document forbids. */
const rawPatch = (slug: string, members: unknown) =>
  acme.vault.admin('PATCH', `${ACME}/services/${slug}`, members);
const pointers = (reply: { body: { errors: { pointer: string }[] } }) =>
  reply.body.errors.map((each) => each.pointer);

async function limitEvents() {
  const rows = await acme.vault.engine.read.selectFrom('outbox').selectAll().orderBy('seq').execute();
  const limits = rows.filter(({ type }) => type.includes('limit'));
  return limits.map(({ type, data, event_id }) => ({ type, event_id, ...JSON.parse(data) }));
}

describe('a service', () => {
  it('is made with the defaults of the contract, and shown as it was made', async () => {
    const call = acme.client.POST(SERVICES, { ...inAcme(), body: { slug: 'openai' } });
    const service = await made(call);
    const { headers } = (await call).response;
    expect(headers.get('location')).toBe(`/admin/v1${ACME}/services/openai`);
    expect(service).toEqual({
      id: expect.any(Number),
      slug: 'openai',
      name: 'openai',
      policy: 'manual',
      rotate_every_minutes: null,
      on_expiry: 'retire',
      rotation_schedule: null,
      timezone: 'UTC',
      day_resets_at: '00:00',
      max_daily_requests: null,
      warn_at_percent: 80,
      max_age_seconds: 0,
      enabled: true,
      current_key_id: null,
      usage_today: 0,
      keys: 0,
      created_at: '2026-03-01T12:00:00.000Z',
      updated_at: '2026-03-01T12:00:00.000Z',
    });
    expect(await acme.show('openai')).toEqual(service);
  });

  it('takes every member that can be set', async () => {
    const members: Schemas['NewService'] = {
      slug: 'mail',
      name: 'Mail, out',
      policy: 'time',
      rotate_every_minutes: 525_600,
      on_expiry: 'cycle',
      rotation_schedule: '30 2 1,15 * MON-FRI',
      timezone: 'Europe/Berlin',
      day_resets_at: '06:30',
      max_daily_requests: 7,
      max_age_seconds: 86_400,
      enabled: false,
    };
    expect(await acme.service(members)).toMatchObject(members);
  });

  it('has a slug that nobody else in its tenant has', async () => {
    await acme.service({ slug: 'openai' });
    const body = { slug: 'openai' };
    expect(await statusOf(acme.client.POST(SERVICES, { ...inAcme(), body }))).toBe(409);
    await makeRivals('openai');
  });

  it('is listed in pages', async () => {
    for (const slug of ['a', 'b', 'c']) await acme.service({ slug });
    const page = (query: QueryOf<'listServices'>) =>
      dataOf(acme.client.GET(SERVICES, { params: { path: { tenant: 'acme' }, query } }));
    const first = await page({ limit: 2 });
    const second = await page({ limit: 2, cursor: first.next_cursor ?? '' });
    const slugs = [...first.data, ...second.data].map(({ slug }) => slug);
    expect(slugs).toEqual(['a', 'b', 'c']);
    expect(second.next_cursor).toBeNull();
  });

  it('shows what it served in the limit day that is running, and nothing of a day that is over', async () => {
    await acme.service({ slug: 'openai' });
    await acme.key('openai', 'one');
    for (let n = 0; n < 3; n++) await acme.deliver('openai');
    expect(await acme.show('openai')).toMatchObject({ usage_today: 3, keys: 1 });
    expect((await acme.keys('openai'))[0]).toMatchObject({
      usage_today: 3,
      last_delivered_at: '2026-03-01T12:00:00.000Z',
    });
    acme.vault.advance(12 * HOUR);
    expect((await acme.show('openai')).usage_today).toBe(0);
    expect((await acme.keys('openai'))[0]).toMatchObject({
      usage_today: 0,
      last_delivered_at: '2026-03-01T12:00:00.000Z',
    });
  });

  it('of another tenant is answered like none', async () => {
    await makeRivals('theirs');
    for (const [method, body] of [['GET'], ['PATCH', { name: 'x' }], ['DELETE']] as const) {
      await expectSameNotFound(acme.vault, method, `${ACME}/services/theirs`, `${ACME}/services/none`, body);
    }
    const rotate = (slug: string) => `${ACME}/services/${slug}/rotate`;
    await expectSameNotFound(acme.vault, 'POST', rotate('theirs'), rotate('none'), {});
    const missing = ['/tenants/nobody/services/theirs', '/tenants/nobody/services/none'] as const;
    await expectSameNotFound(acme.vault, 'GET', ...missing);
  });
});

describe('changing a service', () => {
  it('changes what is named and nothing else, from the next delivery on', async () => {
    const before = await acme.service({ slug: 'openai', max_daily_requests: 100 });
    await acme.key('openai', 'one');
    expect(await acme.deliver('openai')).toBe('one');
    acme.vault.advance(1000);
    expect(await patch('openai', { enabled: false })).toEqual({
      ...before,
      enabled: false,
      keys: 1,
      usage_today: 1,
      current_key_id: expect.any(Number),
      updated_at: '2026-03-01T12:00:01.000Z',
    });
    expect(await acme.deliver('openai')).toBe('service disabled');
  });

  it('keeps its slug, and is told so', async () => {
    await acme.service({ slug: 'openai' });
    const replies = [
      await rawPatch('openai', { slug: 'other' }),
      await acme.vault.admin('PATCH', ACME, { slug: 'other' }),
    ];
    for (const { status, body } of replies) {
      expect([status, body.errors]).toEqual([422, [{ pointer: '/slug', detail: 'cannot be changed' }]]);
    }
  });

  it('leaves an audit entry with the settings before and after', async () => {
    await acme.service({ slug: 'openai' });
    await patch('openai', { max_daily_requests: 5 });
    const entry = await acme.vault.engine.read
      .selectFrom('audit_entries')
      .selectAll()
      .where('type', '=', 'service.updated')
      .executeTakeFirstOrThrow();
    expect(entry).toMatchObject({ target: 'service:openai', actor_kind: 'admin_token' });
    expect(JSON.parse(entry.before ?? '')).toMatchObject({ max_daily_requests: null });
    expect(JSON.parse(entry.after ?? '')).toMatchObject({ max_daily_requests: 5 });
  });

  it('raises its version each time, so that no decision of before is kept', async () => {
    const { id } = await acme.service({ slug: 'openai' });
    const version = async () =>
      (
        await acme.vault.engine.read
          .selectFrom('services')
          .select('version')
          .where('id', '=', id)
          .executeTakeFirst()
      )?.version ?? 0;
    const first = await version();
    await patch('openai', { name: 'x' });
    const second = await version();
    expect(second).toBeGreaterThan(first);
    await acme.key('openai', 'one');
    expect(await version()).toBeGreaterThan(second);
  });
});

describe('a new policy', () => {
  it('that serves keys side by side makes those that stood by active, and none current', async () => {
    await acme.service({ slug: 's' });
    for (const label of ['a', 'b', 'c']) await acme.key('s', label);
    const [, , c] = await acme.keys('s');
    await disableKey(c?.id ?? 0, 'leaked');
    expect(await acme.states('s')).toBe('a*active, b standby, c disabled');
    expect((await patch('s', { policy: 'usage' })).current_key_id).toBeNull();
    expect(await acme.states('s')).toBe('a active, b active, c disabled');
    expect([await acme.deliver('s'), await acme.deliver('s')].sort()).toEqual(['a', 'b']);
  });

  it('that has a current key takes the first usable one by position, activated now', async () => {
    await acme.service({ slug: 's', policy: 'failover' });
    await acme.key('s', 'late', { position: 9 });
    await acme.key('s', 'off', { position: 1 });
    await acme.key('s', 'early', { position: 2 });
    const [off, early] = await acme.keys('s');
    await disableKey(off?.id ?? 0, 'x');
    acme.vault.advance(HOUR);
    const changed = await patch('s', { policy: 'time', rotate_every_minutes: 60 });
    expect(changed.current_key_id).toBe(early?.id);
    expect(await acme.states('s')).toBe('off disabled, early*active, late standby');
    expect((await acme.keys('s'))[1]?.activated_at).toBe('2026-03-01T13:00:00.000Z');
    expect(await acme.deliver('s')).toBe('early');
  });

  it('by time begins the turn of the current key now, however long it was current', async () => {
    await acme.service({ slug: 's' });
    await acme.key('s', 'a');
    await acme.key('s', 'b');
    acme.vault.advance(10 * HOUR);
    await patch('s', { policy: 'time', rotate_every_minutes: 60 });
    expect(await acme.states('s')).toBe('a*active, b standby');
    expect((await acme.keys('s'))[0]?.activated_at).toBe('2026-03-01T22:00:00.000Z');
    acme.vault.advance(HOUR - 1);
    expect(await acme.deliver('s')).toBe('a');
    acme.vault.advance(1);
    expect(await acme.deliver('s')).toBe('b');
  });

  it('that is not by time forgets the period', async () => {
    await acme.service({ slug: 's', policy: 'time', rotate_every_minutes: 60 });
    await acme.key('s', 'a');
    expect(await patch('s', { policy: 'manual' })).toMatchObject({
      policy: 'manual',
      rotate_every_minutes: null,
    });
    expect(await acme.states('s')).toBe('a*active');
  });
});

describe('a daily limit', () => {
  beforeEach(async () => {
    await acme.service({ slug: 's', max_daily_requests: 10 });
    await acme.key('s', 'a');
    for (let n = 0; n < 3; n++) await acme.deliver('s');
  });

  it('that is lowered to what was served today binds the next request and is told of once', async () => {
    await patch('s', { max_daily_requests: 3 });
    expect(await acme.deliver('s')).toBe('service daily limit reached');
    expect(await limitEvents()).toEqual([
      {
        type: 'service.limit_reached',
        event_id: expect.stringMatching(/^msg_[0-9A-HJKMNP-TV-Z]{26}$/),
        tenant: 'acme',
        service: 's',
        max_daily_requests: 3,
        usage_today: 3,
        resets_at: '2026-03-02T00:00:00.000Z',
      },
    ]);
    await patch('s', { max_daily_requests: 2 });
    await patch('s', { name: 'the same' });
    expect(await limitEvents()).toHaveLength(1);
  });

  it('that leaves room, or that is gone, is told of to nobody', async () => {
    await patch('s', { max_daily_requests: 4 });
    await patch('s', { max_daily_requests: null });
    expect(await limitEvents()).toEqual([]);
    await patch('s', { max_daily_requests: 1 });
    expect(await limitEvents()).toMatchObject([{ max_daily_requests: 1, usage_today: 3 }]);
  });

  it('knows nothing of a day that is over', async () => {
    acme.vault.advance(24 * HOUR);
    await patch('s', { max_daily_requests: 1 });
    expect(await limitEvents()).toEqual([]);
    expect(await acme.deliver('s')).toBe('a');
  });
});

describe('deleting a service', () => {
  it('wants its slug once more, and leaves it alone without', async () => {
    await acme.service({ slug: 's' });
    for (const query of ['', '?confirm=', '?confirm=t']) {
      const reply = await acme.vault.admin('DELETE', `${ACME}/services/s${query}`);
      expect([reply.status, pointers(reply)]).toEqual([422, ['/confirm']]);
      expect(reply.body.detail).toBe('The query parameter confirm is not the slug of what is to be deleted.');
    }
    expect((await acme.show('s')).slug).toBe('s');
  });

  it('takes its keys and all counters with it, and says why in the audit trail', async () => {
    const { id } = await acme.service({ slug: 's' });
    await acme.key('s', 'a');
    await acme.deliver('s');
    const query = { confirm: 's', reason: 'moved away' };
    const params = { path: { tenant: 'acme', service: 's' }, query };
    const { response } = await acme.client.DELETE(SERVICE, { params });
    expect([response.status, await response.text()]).toEqual([204, '']);
    const { read } = acme.vault.engine;
    for (const table of ['services', 'provider_keys', 'key_balances', 'counters'] as const) {
      expect(await read.selectFrom(table).selectAll().execute(), table).toEqual([]);
    }
    expect((await acme.audit()).at(-1)).toMatchObject({ type: 'service.deleted', reason: 'moved away' });
    expect(await acme.deliver('s')).toBe('unknown service');
    expect((await acme.service({ slug: 's' })).id).toBeGreaterThan(id);
  });
});
