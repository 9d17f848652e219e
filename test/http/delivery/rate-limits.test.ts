import { describe, expect, it } from 'vitest';
import { openCrowd } from '../../support/crowd.ts';
import { addApp, addService, call, openFurnishedVault, refusalOf } from '../../support/furnish.ts';
import { getKey } from '../../support/raw-http.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const LIMITED = [429, 'rate limit exceeded'];
const AT = '2026-03-01T12:10:20.500Z';

const ask = (vault: TestVault, token: string, service = 'openai') =>
  vault.next(`service=${service}`, { token });

/** Asks until refused, one after the other; how many were delivered, and the refusal. */
async function spend(vault: TestVault, token: string, service?: string) {
  for (let delivered = 0; ; delivered++) {
    const reply = await ask(vault, token, service);
    if (reply.status === 200) continue;
    return { delivered, refusal: refusalOf(reply), wait: Number(reply.headers.get('retry-after')), reply };
  }
}

async function change(vault: TestVault, id: number, rate_limit: object | null) {
  return (await call(vault, 'PATCH', `/tenants/acme/apps/${id}`, { rate_limit })).rate_limit;
}

describe('an app with a limit per minute', () => {
  it('gets that many in each minute of UTC and not one more, and is told to the second when the next begins', async () => {
    const { vault } = await openFurnishedVault({ at: AT });
    const { token } = await addApp(vault, 'acme', { rate_limit: { per_minute: 5 } });
    const first = await spend(vault, token);
    expect(first).toMatchObject({ delivered: 5, refusal: LIMITED, wait: 40 });
    expect(first.reply.headers.get('ratelimit-policy')).toBe('"app-minute";q=5;w=60');
    expect(first.reply.headers.get('ratelimit')).toBe('"app-minute";r=0;t=40');
    vault.advance(39_499);
    expect(await spend(vault, token)).toMatchObject({ delivered: 0, wait: 1 });
    vault.advance(1);
    expect(await spend(vault, token)).toMatchObject({ delivered: 5, wait: 60 });
    vault.advance(10 * MINUTE);
    expect(await spend(vault, token)).toMatchObject({ delivered: 5, wait: 60 });
  });

  it('gets exactly that many when 64 ask at once, minute after minute', async () => {
    const { vault } = await openFurnishedVault({ at: AT });
    const { token } = await addApp(vault, 'acme', { rate_limit: { per_minute: 20, per_hour: 50 } });
    const crowd = await openCrowd(vault.url, 64);
    for (const expected of [20, 20, 10, 0]) {
      const answers = await crowd.ask(getKey('openai', token));
      const delivered = answers.filter(({ status }) => status === 200);
      expect(delivered).toHaveLength(expected);
      vault.advance(MINUTE);
    }
    crowd.close();
    const counted = vault.engine.read.selectFrom('app_windows').select(['minute_count', 'hour_count']);
    expect(await counted.execute()).toEqual([{ minute_count: 10, hour_count: 50 }]);
  });

  it('shares it over all services, with no other app and not with the client token', async () => {
    const { vault, token: client } = await openFurnishedVault({ at: AT });
    await addService(vault, 'acme', { slug: 'mail' });
    const [one, other] = [
      await addApp(vault, 'acme', { rate_limit: { per_minute: 3 } }),
      await addApp(vault, 'acme', { rate_limit: { per_minute: 3 } }),
    ];
    expect((await ask(vault, one.token, 'mail')).status).toBe(200);
    expect(await spend(vault, one.token)).toMatchObject({ delivered: 2 });
    expect(refusalOf(await ask(vault, one.token, 'mail'))).toEqual(LIMITED);
    expect(await spend(vault, other.token)).toMatchObject({ delivered: 3 });
    for (let each = 0; each < 10; each++) expect((await ask(vault, client)).status).toBe(200);
  });

  it('finds it spent after a restart', async () => {
    const { vault } = await openFurnishedVault({ at: AT });
    const { token } = await addApp(vault, 'acme', { rate_limit: { per_minute: 3, per_hour: 4 } });
    expect(await spend(vault, token)).toMatchObject({ delivered: 3 });
    await vault.service.stop();
    const env = { KEYROTATOR_ROOT_TOKEN: vault.rootToken };
    const again = await startVault({ folder: vault.folder, at: AT, env });
    expect(await spend(again, token)).toMatchObject({ delivered: 0, refusal: LIMITED });
    again.advance(MINUTE);
    expect(await spend(again, token)).toMatchObject({ delivered: 1, wait: 49 * 60 - 20 });
    await again.stop();
  });

  it('does not get it again from a wall clock that is set back, nor the next from one that leaps ahead', async () => {
    const { vault } = await openFurnishedVault({ at: AT });
    const { token } = await addApp(vault, 'acme', { rate_limit: { per_minute: 3, per_hour: 8 } });
    expect(await spend(vault, token)).toMatchObject({ delivered: 3, wait: 40 });
    for (const step of [-MINUTE, -HOUR, -24 * HOUR, 50 * HOUR]) {
      vault.stepWall(step);
      expect(await spend(vault, token)).toMatchObject({ delivered: 0, wait: 40 });
    }
    vault.advance(39_499);
    expect(await spend(vault, token)).toMatchObject({ delivered: 0, wait: 1 });
    vault.advance(1);
    expect(await spend(vault, token)).toMatchObject({ delivered: 3, wait: 60 });
    vault.stepWall(-100 * HOUR);
    vault.advance(MINUTE);
    expect(await spend(vault, token)).toMatchObject({ delivered: 2, wait: 48 * 60 });
    vault.stepWall(-HOUR);
    expect(await spend(vault, token)).toMatchObject({ delivered: 0, wait: 48 * 60 });
  });
});

describe('an app with a limit per hour', () => {
  it('gets that many in each hour of UTC, and of two spent limits is told the one that takes longest', async () => {
    const { vault } = await openFurnishedVault({ at: AT });
    const { token } = await addApp(vault, 'acme', { rate_limit: { per_minute: 4, per_hour: 8 } });
    expect(await spend(vault, token)).toMatchObject({ delivered: 4, wait: 40 });
    vault.advance(MINUTE);
    const spent = await spend(vault, token);
    expect(spent).toMatchObject({ delivered: 4, wait: 48 * 60 + 40 });
    expect(spent.reply.headers.get('ratelimit')).toBe('"app-hour";r=0;t=2920');
    vault.advance(spent.wait * SECOND - 501);
    expect(await spend(vault, token)).toMatchObject({ delivered: 0, wait: 1 });
    vault.advance(1);
    expect(await spend(vault, token)).toMatchObject({ delivered: 4, wait: 60 });
  });
});

describe('an app with a limit per second', () => {
  it('gets its burst at once, then one at a time, and is told how long the next one takes', async () => {
    const { vault } = await openFurnishedVault({ at: AT });
    const { token } = await addApp(vault, 'acme', { rate_limit: { per_second: 2, burst: 6 } });
    const first = await spend(vault, token);
    expect(first).toMatchObject({ delivered: 6, refusal: LIMITED, wait: 1 });
    expect(first.reply.headers.get('ratelimit-policy')).toBe('"app-second";q=6;w=3');
    expect(first.reply.headers.get('ratelimit')).toBe('"app-second";r=0;t=1');
    vault.advance(499);
    expect(await spend(vault, token)).toMatchObject({ delivered: 0, wait: 1 });
    vault.advance(1);
    expect(await spend(vault, token)).toMatchObject({ delivered: 1 });
    vault.advance(3 * SECOND);
    expect(await spend(vault, token)).toMatchObject({ delivered: 6 });
    expect(await vault.engine.read.selectFrom('app_windows').selectAll().execute()).toEqual([]);
  });

  it('gets exactly its burst when 64 ask at once, and as much as in a second where it has none', async () => {
    const { vault } = await openFurnishedVault({ at: AT });
    const crowd = await openCrowd(vault.url, 64);
    for (const [rate_limit, expected] of [
      [{ per_second: 5, burst: 30 }, 30],
      [{ per_second: 20 }, 20],
    ] as const) {
      const { token } = await addApp(vault, 'acme', { rate_limit });
      for (let second = 0; second < 2; second++) {
        const answers = await crowd.ask(getKey('openai', token));
        expect(answers.filter(({ status }) => status === 200)).toHaveLength(expected);
        vault.advance(MINUTE);
      }
    }
    crowd.close();
  });

  it('is not given a new burst by a change of configuration, nor by a wall clock that is set', async () => {
    const { vault } = await openFurnishedVault({ at: AT });
    const { id, token } = await addApp(vault, 'acme', { rate_limit: { per_second: 1, burst: 4 } });
    expect(await spend(vault, token)).toMatchObject({ delivered: 4 });
    await call(vault, 'PATCH', `/tenants/acme/apps/${id}`, { description: 'changed' });
    expect(await spend(vault, token)).toMatchObject({ delivered: 0 });
    for (const step of [-HOUR, 50 * HOUR, -HOUR]) {
      vault.stepWall(step);
      expect(await spend(vault, token)).toMatchObject({ delivered: 0, wait: 1 });
    }
  });
});

describe('a refused request', () => {
  it('consumes nothing of a rate limit, whatever it was refused for', async () => {
    const { vault } = await openFurnishedVault({ at: AT });
    await addService(vault, 'acme', { slug: 'spent', max_daily_requests: 1 });
    await addService(vault, 'acme', { slug: 'empty' }, []);
    const rate_limit = { per_second: 10, burst: 10, per_minute: 10, per_hour: 10 };
    const { token } = await addApp(vault, 'acme', { rate_limit });
    expect((await ask(vault, token, 'spent')).status).toBe(200);
    for (let each = 0; each < 12; each++) {
      expect(refusalOf(await ask(vault, token, 'spent'))).toEqual([429, 'service daily limit reached']);
      expect(refusalOf(await ask(vault, token, 'empty'))).toEqual([503, 'no active keys']);
      expect(refusalOf(await ask(vault, token, 'unknown'))).toEqual([404, 'unknown service']);
    }
    expect(await spend(vault, token)).toMatchObject({ delivered: 9 });
  });

  it('by one limit consumes nothing of another', async () => {
    const { vault } = await openFurnishedVault({ at: AT });
    const rate_limit = { per_second: 4, burst: 4, per_minute: 6, per_hour: 8 };
    const { token } = await addApp(vault, 'acme', { rate_limit, max_daily_requests: 9 });
    const told = async () => (await spend(vault, token)).reply.headers.get('ratelimit')?.split(';')[0];
    expect(await told()).toBe('"app-second"');
    for (let each = 0; each < 5; each++) await ask(vault, token);
    vault.advance(10 * SECOND);
    expect(await told()).toBe('"app-minute"');
    for (let each = 0; each < 5; each++) await ask(vault, token);
    vault.advance(MINUTE);
    expect(await told()).toBe('"app-hour"');
    for (let each = 0; each < 5; each++) await ask(vault, token);
    vault.advance(HOUR);
    expect(await spend(vault, token)).toMatchObject({
      delivered: 1,
      refusal: [429, 'app daily limit reached'],
    });
  });

  it('is told of the rate limit before the daily one', async () => {
    const { vault } = await openFurnishedVault({ at: AT, service: { max_daily_requests: 2 } });
    const limits = { rate_limit: { per_minute: 2 }, max_daily_requests: 2 };
    const { token } = await addApp(vault, 'acme', limits);
    expect(await spend(vault, token)).toMatchObject({ delivered: 2, refusal: LIMITED });
    vault.advance(MINUTE);
    expect(await spend(vault, token)).toMatchObject({ refusal: [429, 'service daily limit reached'] });
  });
});

describe('a rate limit that is changed', () => {
  it('binds the very next request, and a spent minute is not opened by taking the limit away for a while', async () => {
    const { vault } = await openFurnishedVault({ at: AT });
    const { id, token } = await addApp(vault, 'acme', { rate_limit: { per_minute: 10 } });
    for (let each = 0; each < 4; each++) expect((await ask(vault, token)).status).toBe(200);
    await change(vault, id, { per_minute: 4 });
    expect(await spend(vault, token)).toMatchObject({ delivered: 0, refusal: LIMITED, wait: 40 });
    await change(vault, id, { per_minute: 6 });
    expect(await spend(vault, token)).toMatchObject({ delivered: 2 });
    // The hour has been counted all along.
    await change(vault, id, { per_minute: null, per_hour: 7 });
    expect(await spend(vault, token)).toMatchObject({ delivered: 1, wait: 49 * 60 + 40 });
    await change(vault, id, null);
    expect((await ask(vault, token)).status).toBe(200);
    await change(vault, id, { per_minute: 6 });
    expect(await spend(vault, token)).toMatchObject({ delivered: 0, wait: 40 });
    await change(vault, id, { per_minute: null, per_second: 1, burst: 2 });
    expect(await spend(vault, token)).toMatchObject({ delivered: 2, wait: 1 });
    await change(vault, id, { burst: 1 });
    expect(await spend(vault, token)).toMatchObject({ delivered: 0 });
    vault.advance(5 * SECOND);
    expect(await spend(vault, token)).toMatchObject({ delivered: 1 });
  });

  it('goes with its app', async () => {
    const { vault } = await openFurnishedVault({ at: AT });
    const { id, token } = await addApp(vault, 'acme', { rate_limit: { per_minute: 10 } });
    expect((await ask(vault, token)).status).toBe(200);
    await call(vault, 'DELETE', `/tenants/acme/apps/${id}`);
    expect(await vault.engine.read.selectFrom('app_windows').selectAll().execute()).toEqual([]);
  });
});
