import { memoryUsage } from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { growingCache } from '../../../src/storage/growing-cache.ts';

it('a cache forgets what was used longest ago where it is full', () => {
  const cache = growingCache<string, number>(3);
  for (const [at, name] of ['a', 'b', 'c'].entries()) cache.set(name, at);
  cache.get('a');
  cache.set('d', 3);
  expect(['a', 'b', 'c', 'd'].filter((name) => cache.has(name))).toEqual(['a', 'c', 'd']);
});

it('a cache keeps an entry for as long as it is told', async () => {
  const [brief, lasting] = [growingCache<string, number>(3, 20), growingCache<string, number>(3)];
  for (const cache of [brief, lasting]) cache.set('a', 1);
  await setTimeout(60);
  expect([brief.has('a'), lasting.has('a')]).toEqual([false, true]);
});

it('a cache of a million takes no room before there is something in it', () => {
  const before = memoryUsage();
  const cache = growingCache<string, number>(1_000_000);
  const after = memoryUsage();
  const taken = after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers;
  expect([cache.size, taken < 1_000_000]).toEqual([0, true]);
});
