import { describe, expect, it } from 'vitest';
import { openCrowd } from '../../support/crowd.ts';
import { call, keyIdsOf, openFurnishedVault, refusalOf } from '../../support/furnish.ts';
import { getKey } from '../../support/raw-http.ts';
import type { Body, TestVault } from '../../support/start-vault.ts';

const AT = '2026-03-01T12:00:00Z';
const MINUTE = 60_000;
const KEYS = '/tenants/acme/services/openai/keys';

async function keysOf(vault: TestVault): Promise<Body[]> {
  return (await call(vault, 'GET', KEYS)).data;
}

async function statesOf(vault: TestVault): Promise<string[]> {
  return (await keysOf(vault)).map(({ state, current }) => (current ? `${state}, current` : state));
}

/** The changes of key that the vault itself has made, oldest first. */
async function changesOf(vault: TestVault): Promise<Body[]> {
  const { data } = await call(vault, 'GET', '/tenants/acme/audit?limit=200');
  return data.filter(({ actor }: Body) => actor.kind === 'system').reverse();
}

describe('the policy manual', () => {
  it('keeps to the current key, and refuses when that has had its limit', async () => {
    const { vault, token, keys } = await openFurnishedVault({ keys: [{ max_daily_requests: 2 }, {}] });
    expect(await keyIdsOf(vault, token, 'openai', 2)).toEqual([keys[0]?.id, keys[0]?.id]);
    for (let at = 0; at < 3; at++) {
      expect(refusalOf(await vault.next('service=openai', { token }))).toEqual([
        429,
        'key daily limit reached',
      ]);
    }
    expect((await call(vault, 'GET', '/tenants/acme/services/openai')).usage_today).toBe(2);
    expect(await statesOf(vault)).toEqual(['active, current', 'standby']);
  });

  it('serves the next key from the first delivery after a rotation', async () => {
    const { vault, token, keys } = await openFurnishedVault({ keys: [{}, {}, {}] });
    const [first, second, third] = keys.map(({ id }) => id);
    const rotate = (body: object = {}) => call(vault, 'POST', '/tenants/acme/services/openai/rotate', body);
    expect(await rotate()).toEqual({ from_key_id: first, to_key_id: second });
    expect(await keyIdsOf(vault, token, 'openai', 1)).toEqual([second]);
    await rotate();
    expect(await keyIdsOf(vault, token, 'openai', 1)).toEqual([third]);
    await rotate();
    expect(await keyIdsOf(vault, token, 'openai', 1)).toEqual([first]);
  });

  it('makes the next key current when the current one is disabled, and stays with it', async () => {
    const { vault, token, keys } = await openFurnishedVault({ keys: [{}, {}] });
    await call(vault, 'POST', `${KEYS}/${keys[0]?.id}/disable`, { reason: 'test' });
    expect(await keyIdsOf(vault, token, 'openai', 1)).toEqual([keys[1]?.id]);
    await call(vault, 'POST', `${KEYS}/${keys[0]?.id}/enable`);
    expect(await keyIdsOf(vault, token, 'openai', 1)).toEqual([keys[1]?.id]);
  });

  it('makes the next key current when the current one expires, with the first delivery after', async () => {
    const { vault, token, keys } = await openFurnishedVault({
      at: AT,
      keys: [{ expires_at: '2026-03-01T13:00:00Z' }, {}],
    });
    vault.advance(60 * MINUTE - 1);
    expect(await keyIdsOf(vault, token, 'openai', 1)).toEqual([keys[0]?.id]);
    vault.advance(1);
    expect(await keyIdsOf(vault, token, 'openai', 2)).toEqual([keys[1]?.id, keys[1]?.id]);
    expect(await statesOf(vault)).toEqual(['expired', 'active, current']);
    expect(await changesOf(vault)).toMatchObject([
      { type: 'key.expired', after: { state: 'expired', activated_at: '2026-03-01T12:00:00.000Z' } },
      {
        type: 'key.rotated',
        before: { state: 'standby', activated_at: null },
        after: { state: 'active', activated_at: '2026-03-01T13:00:00.000Z' },
      },
    ]);
  });

  it('never serves an expired key, be it the only one', async () => {
    const { vault, token } = await openFurnishedVault({
      at: AT,
      keys: [{ expires_at: '2026-03-01T13:00:00Z' }],
    });
    vault.advance(60 * MINUTE);
    expect(refusalOf(await vault.next('service=openai', { token }))).toEqual([503, 'no active keys']);
    vault.stepWall(-120 * MINUTE);
    expect(refusalOf(await vault.next('service=openai', { token }))).toEqual([503, 'no active keys']);
  });

  it('serves the next key where the current one does not decrypt, and flags it', async () => {
    const { vault, token, keys } = await openFurnishedVault({ keys: [{}, {}] });
    await vault.engine.write({ tenantId: 1 }, (unit) =>
      unit
        .updateTable('provider_keys')
        .set({ sealed_key: Buffer.alloc(64, 1) })
        .where('id', '=', keys[0]?.id as number)
        .execute(),
    );
    expect(await keyIdsOf(vault, token, 'openai', 2)).toEqual([keys[1]?.id, keys[1]?.id]);
    expect((await keysOf(vault)).map(({ decrypt_failed }) => decrypt_failed)).toEqual([true, false]);
  });
});

describe('the policy time', () => {
  const HOURLY = { policy: 'time', rotate_every_minutes: 60 };

  it('changes the key with the first delivery after it is due, though no job has run', async () => {
    const { vault, token, keys } = await openFurnishedVault({ at: AT, service: HOURLY, keys: [{}, {}] });
    vault.advance(60 * MINUTE - 1);
    expect(await keyIdsOf(vault, token, 'openai', 1)).toEqual([keys[0]?.id]);
    vault.advance(1);
    expect(await statesOf(vault)).toEqual(['active, current', 'standby']);
    vault.advance(7 * MINUTE);
    expect(await keyIdsOf(vault, token, 'openai', 2)).toEqual([keys[1]?.id, keys[1]?.id]);
    const [, second] = await keysOf(vault);
    expect(second.activated_at).toBe('2026-03-01T13:07:00.000Z');
    const answer = await vault.next('service=openai', { token });
    expect(answer.body.meta.expires_at).toBe('2026-03-01T14:07:00.000Z');
  });

  it('changes it once, and audits that once, whoever asks in the same instant', async () => {
    const { vault, token, keys } = await openFurnishedVault({ at: AT, service: HOURLY, keys: [{}, {}, {}] });
    vault.advance(61 * MINUTE);
    const crowd = await openCrowd(vault.url, 64);
    const answers = await crowd.ask(getKey('openai', token));
    crowd.close();
    expect(new Set(answers.map(({ body }) => body.meta.key_id))).toEqual(new Set([keys[1]?.id]));
    await vault.jobs.vault.engine.check();
    const changes = (await changesOf(vault)).map(({ type, target, reason }) => [type, target, reason]);
    expect(changes).toEqual([
      ['key.expired', `service:openai/key:${keys[0]?.id}`, 'rotation due'],
      ['key.rotated', `service:openai/key:${keys[1]?.id}`, 'became current'],
    ]);
  });

  it('retires each key after its turn, and has none left when the last is over', async () => {
    const { vault, token, keys } = await openFurnishedVault({
      at: AT,
      service: { ...HOURLY, on_expiry: 'retire' },
      keys: [{}, {}],
    });
    vault.advance(60 * MINUTE);
    expect(await keyIdsOf(vault, token, 'openai', 1)).toEqual([keys[1]?.id]);
    expect(await statesOf(vault)).toEqual(['expired', 'active, current']);
    vault.advance(60 * MINUTE);
    expect(refusalOf(await vault.next('service=openai', { token }))).toEqual([503, 'no active keys']);
  });

  it('goes round and round where it cycles, and a cycle of one begins again', async () => {
    const { vault, token, keys } = await openFurnishedVault({
      at: AT,
      service: { ...HOURLY, on_expiry: 'cycle' },
      keys: [{}, {}],
    });
    const [first, second] = keys.map(({ id }) => id);
    const seen: (number | undefined)[] = [];
    for (let turn = 0; turn < 4; turn++) {
      seen.push(...(await keyIdsOf(vault, token, 'openai', 1)));
      vault.advance(60 * MINUTE);
    }
    expect(seen).toEqual([first, second, first, second]);
    await call(vault, 'DELETE', `${KEYS}/${first}`);
    expect(await keyIdsOf(vault, token, 'openai', 1)).toEqual([second]);
    vault.advance(61 * MINUTE);
    const { body } = await vault.next('service=openai', { token });
    expect([body.meta.key_id, body.meta.expires_at]).toEqual([second, '2026-03-01T18:01:00.000Z']);
  });

  it('hands out nothing for longer than it lasts, when the wall clock leaps ahead, and ends nothing for good', async () => {
    const { vault, token, keys } = await openFurnishedVault({ at: AT, service: HOURLY, keys: [{}, {}] });
    vault.stepWall(90 * MINUTE);
    await vault.next('service=openai', { token });
    expect(await statesOf(vault)).toEqual(['active, current', 'standby']);
    vault.stepWall(-90 * MINUTE);
    expect(await keyIdsOf(vault, token, 'openai', 1)).toEqual([keys[0]?.id]);
  });
});
