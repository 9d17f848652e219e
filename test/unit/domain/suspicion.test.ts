import { describe, expect, it } from 'vitest';
import {
  isUnusualRate,
  judgeNetworks,
  type KnownNetwork,
  MOST_NETWORKS,
  mergeSuspicion,
  USUAL_SUSPICION,
} from '../../../src/domain/suspicion.ts';

const DAY = 86_400_000;
const NOW = 1_000 * DAY;
const known = (network: string, firstAgo: number, lastAgo = 0): KnownNetwork => ({
  network,
  first_at: NOW - firstAgo,
  last_at: NOW - lastAgo,
});
const NOTHING = { added: [], suspicious: false, seenAgain: [], forgotten: [] };

describe('the networks of an app', () => {
  it('are learnt without a word in its first day', () => {
    expect(judgeNetworks([], ['a', 'b'], NOW)).toEqual({ ...NOTHING, added: ['a', 'b'] });
    expect(judgeNetworks([known('a', DAY - 1)], ['b'], NOW)).toEqual({ ...NOTHING, added: ['b'] });
  });

  it('are suspicious from then on where they are new, and only there', () => {
    const before = [known('a', DAY), known('b', 1)];
    expect(judgeNetworks(before, ['b', 'c', 'a'], NOW)).toEqual({
      ...NOTHING,
      added: ['c'],
      suspicious: true,
    });
    expect(judgeNetworks(before, ['a', 'b'], NOW)).toEqual(NOTHING);
  });

  it('are noted again once a day', () => {
    expect(judgeNetworks([known('a', 9 * DAY, DAY), known('b', DAY, DAY - 1)], ['a', 'b'], NOW)).toEqual({
      ...NOTHING,
      seenAgain: ['a'],
    });
  });

  it('are no news where there are very many, until some were not used for a month', () => {
    const many = Array.from({ length: MOST_NETWORKS }, (_, at) => known(`n${at}`, 60 * DAY, 29 * DAY));
    expect(judgeNetworks(many, ['x'], NOW)).toEqual(NOTHING);
    const old = [...many.slice(2), known('older', 60 * DAY, 31 * DAY), known('old', 60 * DAY, 30 * DAY)];
    expect(judgeNetworks(old, ['x'], NOW)).toEqual({
      ...NOTHING,
      added: ['x'],
      suspicious: true,
      forgotten: ['older'],
    });
    expect(judgeNetworks(old, ['x', 'y', 'z'], NOW)).toMatchObject({
      added: ['x', 'y'],
      forgotten: ['older', 'old'],
    });
  });
});

describe('the rate of an app', () => {
  const activity = (hour_count: number, usual: number, since = NOW - DAY) => ({ hour_count, usual, since });

  it('is unusual at so many times the usual hour', () => {
    expect(isUnusualRate(activity(999, 100), 10, NOW)).toBe(false);
    expect(isUnusualRate(activity(1000, 100), 10, NOW)).toBe(true);
    expect(isUnusualRate(activity(1000, 100), null, NOW)).toBe(false);
  });

  it('is not unusual for being more than very few, or in its first day', () => {
    expect(isUnusualRate(activity(99, 1), 10, NOW)).toBe(false);
    expect(isUnusualRate(activity(100, 1), 10, NOW)).toBe(true);
    expect(isUnusualRate(activity(5000, 1, NOW - DAY + 1), 10, NOW)).toBe(false);
  });
});

it('thresholds are changed one by one', () => {
  expect(mergeSuspicion(USUAL_SUSPICION, undefined)).toEqual(USUAL_SUSPICION);
  expect(mergeSuspicion(USUAL_SUSPICION, { rate_factor: null, new_address: false })).toEqual({
    new_address: false,
    rate_factor: null,
    refusals_per_minute: 30,
  });
});
