/** What is told before it hurts: limits that are nearly used up, keys and apps that end, services with one key left. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expireKeys } from '../../src/operations/keys/expire-keys.ts';
import { tellExpiring } from '../../src/operations/keys/tell-expiring.ts';
import { listAppsToWarn } from '../../src/storage/tables/apps.ts';
import { listKeysToWarn } from '../../src/storage/tables/due-keys.ts';
import { ACME, type Acme, startAcme } from '../support/acme.ts';
import { planOf } from '../support/query-plan.ts';
import { testedEngine } from '../support/start-vault.ts';
import { eventReader, type ToldEvent } from '../support/told-events.ts';

const SECOND = 1000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let acme: Acme;
let told: (...types: readonly string[]) => Promise<ToldEvent[]>;

beforeAll(async () => {
  acme = await startAcme();
  told = eventReader(acme.vault.engine);
});
afterAll(() => acme.vault.stop());

const patch = (path: string, body: object) => acme.vault.admin('PATCH', `${ACME}${path}`, body);
const post = async (path: string, body: object = {}) =>
  (await acme.vault.admin('POST', `${ACME}${path}`, body)).body;
const inDays = (days: number) => new Date(acme.vault.clock.wall() + days * DAY).toISOString();
const deliver = async (service: string, count: number) => {
  for (let n = 0; n < count; n++) await acme.deliver(service);
};
const run = <T>(
  operation: (vault: Acme['vault']['jobs']['vault'], time: { now: number; settled: number }) => T,
) => operation(acme.vault.jobs.vault, acme.vault.engine.time());

describe('a daily limit', () => {
  const LIMITS = ['service.limit_warning', 'service.limit_reached', 'app.limit_reached'];

  it('is warned of with the delivery that uses the percentage, rounded up, and once a day', async () => {
    await acme.service({ slug: 'warned', max_daily_requests: 9, warn_at_percent: 50 });
    await acme.key('warned', 'a');
    await told();
    await deliver('warned', 4);
    expect(await told()).toEqual([]);
    await deliver('warned', 4);
    const warning = {
      type: 'service.limit_warning',
      tenant: 'acme',
      service: 'warned',
      max_daily_requests: 9,
      usage_today: 5,
      percent: 50,
      resets_at: '2026-03-02T00:00:00.000Z',
    };
    expect(await told()).toEqual([warning]);
    await deliver('warned', 2);
    expect(await told()).toMatchObject([{ type: 'service.limit_reached', usage_today: 9 }]);
    acme.vault.advance(DAY);
    await deliver('warned', 6);
    expect(await told()).toEqual([{ ...warning, resets_at: '2026-03-03T00:00:00.000Z' }]);
  });

  it('of which the last delivery would be the warning is told of as reached alone', async () => {
    for (const [slug, percent] of [
      ['full', 100],
      ['never', null],
    ] as const) {
      await acme.service({ slug, max_daily_requests: 3, warn_at_percent: percent });
      await acme.key(slug, 'a');
      await deliver(slug, 4);
      expect(await told(...LIMITS)).toMatchObject([{ type: 'service.limit_reached', usage_today: 3 }]);
    }
  });

  it('that is changed so that today has used the percentage is warned of at once, and not again', async () => {
    await acme.service({ slug: 'moved', max_daily_requests: 100 });
    await acme.key('moved', 'a');
    await deliver('moved', 10);
    await told();
    await patch('/services/moved', { max_daily_requests: 12 });
    expect(await told(...LIMITS)).toMatchObject([
      { type: 'service.limit_warning', max_daily_requests: 12, usage_today: 10, percent: 80 },
    ]);
    await patch('/services/moved', { warn_at_percent: 70 });
    await patch('/services/moved', { name: 'the same' });
    await deliver('moved', 1);
    expect(await told(...LIMITS)).toEqual([]);
    await patch('/services/moved', { max_daily_requests: 11 });
    expect(await told(...LIMITS)).toMatchObject([{ type: 'service.limit_reached' }]);
  });

  it('that is raised is warned of anew, where today has used the percentage of the new one already, too', async () => {
    await acme.service({ slug: 'raised', max_daily_requests: 10 });
    await acme.key('raised', 'a');
    await deliver('raised', 10);
    await told();
    await patch('/services/raised', { max_daily_requests: 12 });
    const warning = { type: 'service.limit_warning', usage_today: 10, percent: 80 };
    expect(await told(...LIMITS)).toMatchObject([{ ...warning, max_daily_requests: 12 }]);
    await patch('/services/raised', { max_daily_requests: 12, name: 'the same limit' });
    await patch('/services/raised', { warn_at_percent: 75 });
    expect(await told(...LIMITS)).toEqual([]);
    await patch('/services/raised', { max_daily_requests: 14, warn_at_percent: 80 });
    expect(await told(...LIMITS)).toEqual([]);
    await deliver('raised', 4);
    expect(await told(...LIMITS)).toMatchObject([
      { ...warning, max_daily_requests: 14, usage_today: 12 },
      { type: 'service.limit_reached', max_daily_requests: 14, usage_today: 14 },
    ]);
  });

  it('of an app is told of with the last delivery within it, and when a change makes it reached', async () => {
    await acme.service({ slug: 'apps' });
    await acme.key('apps', 'a');
    const { id, app_token: token } = await post('/apps', {
      name: 'A',
      services: 'all',
      max_daily_requests: 2,
    });
    const ask = () => acme.vault.next('service=apps', { token });
    await told();
    await ask();
    expect(await told(...LIMITS)).toEqual([]);
    await ask();
    const reached = {
      type: 'app.limit_reached',
      tenant: 'acme',
      app_id: id,
      max_daily_requests: 2,
      usage_today: 2,
      resets_at: '2026-03-03T00:00:00.000Z',
    };
    expect(await told(...LIMITS)).toEqual([reached]);
    expect((await ask()).status).toBe(429);
    await patch(`/apps/${id}`, { max_daily_requests: 10 });
    await ask();
    expect(await told(...LIMITS)).toEqual([]);
    await patch(`/apps/${id}`, { max_daily_requests: 3 });
    await patch(`/apps/${id}`, { max_daily_requests: 1 });
    expect(await told(...LIMITS)).toEqual([{ ...reached, max_daily_requests: 3, usage_today: 3 }]);
  });
});

describe('an app', () => {
  it('that gets a new token, or is switched off by whatever way, is told of once', async () => {
    const { id } = await post('/apps', { name: 'B' });
    await told();
    const { previous_valid_until } = await post(`/apps/${id}/rotate-token`, { grace_seconds: 60 });
    await post(`/apps/${id}/disable`, { reason: 'runs away', auto_enable_after_seconds: 60 });
    await post(`/apps/${id}/disable`, { reason: 'runs away still' });
    await post(`/apps/${id}/enable`);
    await patch(`/apps/${id}`, { enabled: false });
    const app = { tenant: 'acme', app_id: id };
    expect(await told()).toEqual([
      { type: 'app.token_rotated', ...app, previous_valid_until },
      { type: 'app.disabled', ...app, reason: 'runs away', auto_enable_at: expect.stringMatching(/T.*Z$/) },
      { type: 'app.disabled', ...app, reason: null, auto_enable_at: null },
    ]);
  });
});

describe('what ends', () => {
  const ENDS = ['key.expiring', 'app.token_expiring'];

  it('is told of a week and a day before, each once, and anew where its end is changed', async () => {
    await acme.service({ slug: 'ends' });
    const expires_at = inDays(8);
    const key = await acme.key('ends', 'a', { expires_at });
    await acme.key('ends', 'b');
    const app = await post('/apps', { name: 'C', expires_at });
    const ofKey = { type: 'key.expiring', tenant: 'acme', service: 'ends', key_id: key.id, expires_at };
    const ofApp = { type: 'app.token_expiring', tenant: 'acme', app_id: app.id, expires_at };
    await told();
    acme.vault.advance(DAY - 1);
    expect(await run(tellExpiring)).toBe(0);
    acme.vault.advance(1);
    expect(await run(tellExpiring)).toBe(2);
    expect(await run(tellExpiring)).toBe(0);
    expect(await told()).toEqual([
      { ...ofKey, within_days: 7 },
      { ...ofApp, within_days: 7 },
    ]);
    acme.vault.advance(6 * DAY);
    expect(await run(tellExpiring)).toBe(2);
    expect(await run(tellExpiring)).toBe(0);
    expect(await told()).toEqual([
      { ...ofKey, within_days: 1 },
      { ...ofApp, within_days: 1 },
    ]);

    const later = inDays(3);
    await patch(`/services/ends/keys/${key.id}`, { expires_at: later });
    await patch(`/apps/${app.id}`, { expires_at: later });
    await patch(`/services/ends/keys/${key.id}`, { label: 'renamed' });
    expect(await run(tellExpiring)).toBe(2);
    expect(await told(...ENDS)).toEqual([
      { ...ofKey, expires_at: later, within_days: 7 },
      { ...ofApp, expires_at: later, within_days: 7 },
    ]);
  });

  it('within the day is told of once, by the warning that fits', async () => {
    await acme.service({ slug: 'soon' });
    await acme.key('soon', 'a', { expires_at: inDays(0.5) });
    await told();
    expect(await run(tellExpiring)).toBe(1);
    expect(await run(tellExpiring)).toBe(0);
    expect(await told()).toMatchObject([{ type: 'key.expiring', within_days: 1 }]);
  });

  it('is told of to nobody while it is off, or once it has ended', async () => {
    await acme.service({ slug: 'over', policy: 'usage' });
    const key = await acme.key('over', 'a', { expires_at: inDays(0.5) });
    await post(`/services/over/keys/${key.id}/disable`, { reason: 'x' });
    const app = await post('/apps', { name: 'D', expires_at: inDays(0.5), enabled: false });
    expect(await run(tellExpiring)).toBe(0);
    await post(`/services/over/keys/${key.id}/enable`);
    expect(await run(tellExpiring)).toBe(1);
    acme.vault.advance(DAY);
    await patch(`/apps/${app.id}`, { enabled: true });
    expect(await run(tellExpiring)).toBe(0);
  });

  it('goes by no step of the wall clock until it has lasted an hour', async () => {
    await acme.service({ slug: 'steps' });
    await acme.key('steps', 'a', { expires_at: inDays(30) });
    acme.vault.stepWall(25 * DAY);
    expect(await run(tellExpiring)).toBe(0);
    acme.vault.stepWall(-25 * DAY);
    expect(await run(tellExpiring)).toBe(0);
  });

  it.skipIf(testedEngine !== 'sqlite').each([
    ['keys', listKeysToWarn, 'provider_keys_by_expiry_told'],
    ['apps', listAppsToWarn, 'apps_by_expiry_told'],
  ] as const)('is looked up among %s by an index that holds nothing else', async (_what, list, index) => {
    const plan = await planOf(acme.vault.engine.read, (db) =>
      list(db, { told: 0, settled: 1, until: 2 }, 10),
    );
    expect(plan).toMatch(new RegExp(`SEARCH .* USING .*INDEX ${index} `));
  });
});

describe('a service that is left with one key', () => {
  const lastKeys = () => told('service.last_key');

  it('by whatever took the others away is told of, at most once a day', async () => {
    await acme.service({ slug: 'left', policy: 'usage' });
    const ids = [];
    for (const label of ['a', 'b', 'c', 'd']) ids.push((await acme.key('left', label)).id);
    const [a, b, c, d] = ids;
    await told();
    await acme.vault.admin('DELETE', `${ACME}/services/left/keys/${a}`);
    await post(`/services/left/keys/${b}/disable`, { reason: 'x' });
    expect(await lastKeys()).toEqual([]);
    await post(`/services/left/keys/${c}/disable`, { reason: 'x' });
    const one = { type: 'service.last_key', tenant: 'acme', service: 'left', key_id: d, cause: 'left alone' };
    expect(await lastKeys()).toEqual([one]);
    await post(`/services/left/keys/${c}/disable`, { reason: 'for another reason' });
    await post(`/services/left/keys/${c}/enable`);
    await acme.vault.admin('DELETE', `${ACME}/services/left/keys/${c}`);
    expect(await lastKeys()).toEqual([]);
    await post(`/services/left/keys/${b}/enable`);
    acme.vault.advance(DAY);
    await post(`/services/left/keys/${b}/disable`, { reason: 'x' });
    expect(await lastKeys()).toEqual([one]);
    acme.vault.advance(DAY);
    await post(`/services/left/keys/${b}/disable`, { reason: 'it was off already' });
    await post(`/services/left/keys/${d}/disable`, { reason: 'x' });
    expect(await lastKeys()).toEqual([]);
  });

  it('by a delivery that found the others ended is told of with it, and not by the job once more', async () => {
    await acme.service({ slug: 'turns', policy: 'time', rotate_every_minutes: 60 });
    const ids = [];
    for (const label of ['a', 'b', 'c']) ids.push((await acme.key('turns', label)).id);
    await told();
    acme.vault.advance(HOUR + SECOND);
    expect(await acme.deliver('turns')).toBe('b');
    expect(await lastKeys()).toEqual([]);
    acme.vault.advance(HOUR + SECOND);
    expect(await acme.deliver('turns')).toBe('c');
    expect(await lastKeys()).toMatchObject([{ service: 'turns', key_id: ids[2] }]);
    await post(`/services/turns/keys/${ids[0]}/enable`);
    acme.vault.advance(HOUR + SECOND);
    expect(await acme.deliver('turns')).toBe('a');
    expect(await lastKeys()).toEqual([]);
  });

  it('by the job that ends keys, or by a rotation that retires the old one, is told of', async () => {
    await acme.service({ slug: 'job' });
    await acme.key('job', 'a', { expires_at: inDays(1) });
    const b = await acme.key('job', 'b');
    await acme.service({ slug: 'retire' });
    await acme.key('retire', 'a');
    const next = await acme.key('retire', 'b');
    await told();
    acme.vault.advance(DAY + SECOND);
    await run(expireKeys);
    const ofJob = (await lastKeys()).filter(({ service }) => service === 'job');
    expect(ofJob).toMatchObject([{ key_id: b.id }]);
    await post('/services/retire/rotate', { retire_old: true });
    expect(await lastKeys()).toMatchObject([{ service: 'retire', key_id: next.id }]);
  });
});
