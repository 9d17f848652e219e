import { describe, expect, it } from 'vitest';
import {
  addApp,
  addKey,
  addService,
  addTenant,
  call,
  openFurnishedVault,
  openVault,
} from '../../support/furnish.ts';

const KEY = 'sk-proj-abcdefghijklmnopqrstuvwxyz0123zzZZ';
const BULLETS = '\u2022'.repeat(24);
const MASKED = `sk-${BULLETS}zzZZ`;
const MINUTE = 60_000;

describe('the answer to a delivery', () => {
  it('has exactly the members of the contract, each of its type', async () => {
    const { vault, token, keys } = await openFurnishedVault({
      service: { max_daily_requests: 10_000 },
      keys: [{ label: 'Primary', key: KEY }],
    });
    await vault.next('service=openai', { token });
    const { status, body } = await vault.next('service=openai', { token });
    expect(status).toBe(200);
    expect(body).toStrictEqual({
      service: 'openai',
      key_label: 'Primary',
      key: KEY,
      masked: false,
      policy: 'manual',
      limits: { max_daily_requests: 10_000 },
      meta: {
        key_id: keys[0]?.id,
        usage_today: 2,
        key_usage_today: 2,
        delivery_id: expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/),
        expires_at: null,
        max_age_seconds: 0,
      },
    });
  });

  it('says null where a service has no limit', async () => {
    const { vault, token } = await openFurnishedVault();
    const { body } = await vault.next('service=openai', { token });
    expect(body.limits).toStrictEqual({ max_daily_requests: null });
  });

  it('is JSON that no cache keeps and no browser sniffs, with an id of its own', async () => {
    const { vault, token } = await openFurnishedVault();
    const one = await vault.next('service=openai', { token });
    const other = await vault.next('service=openai', { token });
    expect(one.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(one.headers.get('cache-control')).toBe('no-store');
    expect(one.headers.get('x-content-type-options')).toBe('nosniff');
    expect(one.headers.get('x-request-id')).toMatch(/^req_[\w-]+$/);
    expect(one.headers.get('x-request-id')).not.toBe(other.headers.get('x-request-id'));
    expect(one.headers.get('retry-after')).toBeNull();
    expect(one.headers.get('x-powered-by')).toBeNull();
    expect(one.body.meta.delivery_id < other.body.meta.delivery_id).toBe(true);
  });

  it('is the same at the path of the original guide, in one count with the other', async () => {
    const { vault, token } = await openFurnishedVault({ keys: [{ key: KEY }] });
    await vault.next('service=openai', { token });
    const { status, body } = await vault.request(`/api/next.php?service=openai&token=${token}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ service: 'openai', key: KEY, masked: false, meta: { usage_today: 2 } });
  });

  it('takes the token in the header, as token and as app_token', async () => {
    const { vault, token } = await openFurnishedVault();
    const app = await call(vault, 'POST', '/tenants/acme/apps', { name: 'An app', services: ['openai'] });
    const statuses = [
      await vault.next('service=openai', { token }),
      await vault.next('service=openai', { headers: { authorization: `bearer ${token}` } }),
      await vault.next('service=openai', { token: app.app_token }),
      await vault.next(`service=openai&token=${token}`),
      await vault.next(`service=openai&app_token=${app.app_token}`),
    ].map(({ status, body }) => [status, body.meta?.usage_today]);
    expect(statuses).toEqual([1, 2, 3, 4, 5].map((ordinal) => [200, ordinal]));
  });

  it('counts each key of a service apart', async () => {
    const { vault, token } = await openFurnishedVault({ service: { policy: 'usage' }, keys: [{}, {}] });
    const counts: unknown[] = [];
    for (let at = 0; at < 4; at++) {
      const { meta } = (await vault.next('service=openai', { token })).body;
      counts.push([meta.usage_today, meta.key_usage_today]);
    }
    expect(counts).toEqual([
      [1, 1],
      [2, 1],
      [3, 2],
      [4, 2],
    ]);
  });
});

describe('a masked key', () => {
  it('is what mask asks for, with the vendor prefix and four characters', async () => {
    const { vault, token } = await openFurnishedVault({ keys: [{ key: KEY }] });
    const asked: unknown[] = [];
    for (const mask of ['', '&mask=0', '&mask=false', '&mask=1', '&mask=true']) {
      const { body } = await vault.next(`service=openai${mask}`, { token });
      asked.push([body.key, body.masked]);
    }
    expect(asked).toEqual([
      [KEY, false],
      [KEY, false],
      [KEY, false],
      [MASKED, true],
      [MASKED, true],
    ]);
  });

  it('is all that a demo tenant gets, whatever it asks for', async () => {
    const { vault, token } = await openFurnishedVault({ tenant: { demo: true }, keys: [{ key: KEY }] });
    const { token: appToken } = await addApp(vault, 'acme');
    for (const mask of ['', '&mask=0', '&mask=false', '&mask=1']) {
      for (const each of [token, appToken]) {
        const { text, body } = await vault.next(`service=openai${mask}`, { token: each });
        expect(body).toMatchObject({ key: MASKED, masked: true });
        expect(text).not.toContain(KEY.slice(4, -4));
      }
    }
  });

  it('never shows more than a third of the key', async () => {
    const masks: Record<string, string> = {
      gh_aaaaaaaaaaaaaaaaaaaaaaaaWXYZ: `gh_${BULLETS}WXYZ`,
      abcdefghijklmnopqrstuvwxyz0123456789: `${BULLETS}6789`,
      'longprefix-aaaaaaaaaaaaaaaaaaaaWXYZ': `lon${BULLETS}WXYZ`,
      'sk-abcdefghWXYZ': `${BULLETS}WXYZ`,
      'sk-abc': `${BULLETS}bc`,
      ab: BULLETS,
    };
    const keys = Object.keys(masks).map((key) => ({ key, max_daily_requests: 1 }));
    const { vault, token } = await openFurnishedVault({ service: { policy: 'failover' }, keys });
    const shown: string[] = [];
    for (const _key of keys) shown.push((await vault.next('service=openai&mask=1', { token })).body.key);
    expect(shown).toEqual(Object.values(masks));
  });

  it('is recorded as one', async () => {
    const { vault, token } = await openFurnishedVault();
    await vault.next('service=openai', { token });
    await vault.next('service=openai&mask=1', { token });
    const { data } = await call(vault, 'GET', '/tenants/acme/services/openai/deliveries');
    expect(
      data.map(({ masked, usage_today }: { masked: boolean; usage_today: number }) => [masked, usage_today]),
    ).toEqual([
      [true, 2],
      [false, 1],
    ]);
  });
});

describe('how long a key may be used', () => {
  it('ends with the turn of the current key under the policy time', async () => {
    const { vault, token } = await openFurnishedVault({
      at: '2026-03-01T12:00:00Z',
      service: { policy: 'time', rotate_every_minutes: 60, max_age_seconds: 900 },
    });
    vault.advance(10 * MINUTE);
    const early = (await vault.next('service=openai', { token })).body;
    expect(early).toMatchObject({
      policy: 'time',
      meta: { expires_at: '2026-03-01T13:00:00.000Z', max_age_seconds: 900 },
    });
    vault.advance(45 * MINUTE + 500);
    const late = (await vault.next('service=openai', { token })).body;
    expect(late.meta).toMatchObject({ expires_at: '2026-03-01T13:00:00.000Z', max_age_seconds: 299 });
  });

  it("ends with the key's own expiry where that comes first", async () => {
    const { vault, token } = await openFurnishedVault({
      at: '2026-03-01T12:00:00Z',
      service: { policy: 'time', rotate_every_minutes: 60, max_age_seconds: 86_400 },
      keys: [{ expires_at: '2026-03-01T14:20:00+02:00' }],
    });
    const { meta } = (await vault.next('service=openai', { token })).body;
    expect(meta).toMatchObject({ expires_at: '2026-03-01T12:20:00.000Z', max_age_seconds: 1200 });
  });

  it("is the service's setting where nothing ends sooner, and nothing where the setting is 0", async () => {
    const vault = await openVault({ at: '2026-03-01T12:00:00Z' });
    const token = await addTenant(vault, 'acme');
    await addService(vault, 'acme', { slug: 'lasting', max_age_seconds: 600 });
    await addService(vault, 'acme', { slug: 'asking' }, []);
    await addKey(vault, 'acme', 'asking', { label: 'A', expires_at: '2026-03-02T12:00:00Z' });
    const lasting = (await vault.next('service=lasting', { token })).body;
    expect(lasting.meta).toMatchObject({ expires_at: null, max_age_seconds: 600 });
    const asking = (await vault.next('service=asking', { token })).body;
    expect(asking.meta).toMatchObject({ expires_at: '2026-03-02T12:00:00.000Z', max_age_seconds: 0 });
  });
});
