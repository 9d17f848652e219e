import { describe, expect, it } from 'vitest';
import { openCrowd } from '../../support/crowd.ts';
import { addKey, call, keyIdsOf, openFurnishedVault, refusalOf } from '../../support/furnish.ts';
import { getKey } from '../../support/raw-http.ts';
import type { TestVault } from '../../support/start-vault.ts';

const CALLERS = 64;
const MAX_ROUNDS = 40;

/** What 64 callers at once get until `count` deliveries are made: the ids of the keys in the order of the ordinals. */
async function deliverAtOnce(vault: TestVault, token: string, count: number): Promise<number[]> {
  const { usage_today } = await call(vault, 'GET', '/tenants/acme/services/openai');
  await call(vault, 'PATCH', '/tenants/acme/services/openai', { max_daily_requests: usage_today + count });
  const crowd = await openCrowd(vault.url, CALLERS);
  const delivered: { ordinal: number; keyId: number }[] = [];
  for (let round = 0; round < MAX_ROUNDS && delivered.length < count; round++) {
    for (const { status, body } of await crowd.ask(getKey('openai', token))) {
      if (status === 200) delivered.push({ ordinal: body.meta.usage_today, keyId: body.meta.key_id });
    }
  }
  crowd.close();
  expect(delivered).toHaveLength(count);
  return delivered.sort((one, other) => one.ordinal - other.ordinal).map(({ keyId }) => keyId);
}

/** By how much the most used of `keyIds` is ahead of the least used, at worst while `sequence` was delivered. */
function widestSpread(sequence: readonly number[], keyIds: readonly number[]): number {
  const counts = new Map(keyIds.map((id) => [id, 0]));
  let widest = 0;
  for (const id of sequence) {
    counts.set(id, (counts.get(id) ?? 0) + 1);
    widest = Math.max(widest, Math.max(...counts.values()) - Math.min(...counts.values()));
  }
  return widest;
}

function countOf(sequence: readonly number[], keyId: number | undefined): number {
  return sequence.filter((id) => id === keyId).length;
}

describe('the policy usage', () => {
  it('never lets equal keys be more than one delivery apart, with 64 callers at once', async () => {
    const { vault, token, keys } = await openFurnishedVault({
      service: { policy: 'usage' },
      keys: [{}, {}, {}],
    });
    const ids = keys.map(({ id }) => id);
    const sequence = await deliverAtOnce(vault, token, 300);
    expect(widestSpread(sequence, ids)).toBe(1);
    expect(ids.map((id) => countOf(sequence, id))).toEqual([100, 100, 100]);
  });

  it('lets a key that joins later start level with the others instead of catching up', async () => {
    const { vault, token, keys } = await openFurnishedVault({
      service: { policy: 'usage' },
      keys: [{}, {}, {}],
    });
    await deliverAtOnce(vault, token, 300);
    const joined = await addKey(vault, 'acme', 'openai', { label: 'Late' });
    const ids = [...keys, joined].map(({ id }) => id);
    const sequence = await deliverAtOnce(vault, token, 200);
    expect(widestSpread(sequence, ids)).toBeLessThanOrEqual(2);
    for (const id of ids) expect(Math.abs(countOf(sequence, id) - 50)).toBeLessThanOrEqual(1);
  });

  it('lets a key that was away come back level with the others', async () => {
    const { vault, token, keys } = await openFurnishedVault({
      service: { policy: 'usage' },
      keys: [{}, {}, {}],
    });
    const away = `/tenants/acme/services/openai/keys/${keys[1]?.id}`;
    await deliverAtOnce(vault, token, 30);
    await call(vault, 'POST', `${away}/disable`, { reason: 'test' });
    const without = await deliverAtOnce(vault, token, 100);
    expect(countOf(without, keys[1]?.id)).toBe(0);
    expect(Math.abs(countOf(without, keys[0]?.id) - countOf(without, keys[2]?.id))).toBeLessThanOrEqual(1);
    await call(vault, 'POST', `${away}/enable`);
    const again = await deliverAtOnce(vault, token, 90);
    for (const { id } of keys) expect(Math.abs(countOf(again, id) - 30)).toBeLessThanOrEqual(1);
  });

  it('serves keys by their weights', async () => {
    const weights = [1, 2, 5];
    const { vault, token, keys } = await openFurnishedVault({
      service: { policy: 'usage' },
      keys: weights.map((weight) => ({ weight })),
    });
    const sequence = await deliverAtOnce(vault, token, 320);
    const shares = keys.map(({ id }) => countOf(sequence, id));
    for (const [at, weight] of weights.entries())
      expect(Math.abs((shares[at] as number) - weight * 40)).toBeLessThanOrEqual(1);
  });

  it('goes on with the others where a key has had its limit, and says so when none is left', async () => {
    const { vault, token, keys } = await openFurnishedVault({
      service: { policy: 'usage' },
      keys: [{ max_daily_requests: 2 }, { max_daily_requests: 5 }],
    });
    const sequence = await keyIdsOf(vault, token, 'openai', 7);
    expect(keys.map(({ id }) => countOf(sequence, id))).toEqual([2, 5]);
    expect(refusalOf(await vault.next('service=openai', { token }))).toEqual([
      429,
      'key daily limit reached',
    ]);
  });

  it('never serves a key past its expiry', async () => {
    const { vault, token, keys } = await openFurnishedVault({
      at: '2026-03-01T12:00:00Z',
      service: { policy: 'usage' },
      keys: [{ expires_at: '2026-03-01T12:00:10Z' }, {}],
    });
    vault.advance(9_999);
    expect(new Set(await keyIdsOf(vault, token, 'openai', 4))).toEqual(new Set(keys.map(({ id }) => id)));
    vault.advance(1);
    expect(new Set(await keyIdsOf(vault, token, 'openai', 4))).toEqual(new Set([keys[1]?.id]));
  });
});

describe('the policy failover', () => {
  it('moves on when a key has had its own limit, and comes back to it the next day', async () => {
    const { vault, token, keys } = await openFurnishedVault({
      at: '2026-03-01T12:00:00Z',
      service: { policy: 'failover' },
      keys: [{ max_daily_requests: 3 }, { max_daily_requests: 2 }, {}],
    });
    const [first, second, third] = keys.map(({ id }) => id);
    expect(await keyIdsOf(vault, token, 'openai', 7)).toEqual([
      first,
      first,
      first,
      second,
      second,
      third,
      third,
    ]);
    vault.advance(12 * 3_600_000);
    expect(await keyIdsOf(vault, token, 'openai', 4)).toEqual([first, first, first, second]);
  });

  it('comes back to the first key as soon as it may serve again', async () => {
    const { vault, token, keys } = await openFurnishedVault({
      service: { policy: 'failover' },
      keys: [{}, {}],
    });
    const [first, second] = keys.map(({ id }) => id);
    const path = `/tenants/acme/services/openai/keys/${first}`;
    await call(vault, 'POST', `${path}/disable`, { reason: 'test' });
    expect(await keyIdsOf(vault, token, 'openai', 2)).toEqual([second, second]);
    await call(vault, 'POST', `${path}/enable`);
    expect(await keyIdsOf(vault, token, 'openai', 2)).toEqual([first, first]);
  });

  it('goes by position, which may change', async () => {
    const { vault, token, keys } = await openFurnishedVault({
      service: { policy: 'failover' },
      keys: [{ position: 20 }, { position: 10 }],
    });
    const [first, second] = keys.map(({ id }) => id);
    expect(await keyIdsOf(vault, token, 'openai', 1)).toEqual([second]);
    await call(vault, 'PATCH', `/tenants/acme/services/openai/keys/${first}`, { position: 5 });
    expect(await keyIdsOf(vault, token, 'openai', 1)).toEqual([first]);
  });
});
