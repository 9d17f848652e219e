import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maskKey } from '../../../src/domain/mask.ts';

const DOTS = '•'.repeat(24);

describe('a masked key', () => {
  test.each([
    [
      'sk-proj-0123456789abcdefghijzzZZ',
      `sk-${DOTS}zzZZ`,
      'keeps its vendor prefix and its last four characters',
    ],
    ['gsk_0123456789abcdefghij', `gsk${DOTS}ghij`, 'has its prefix cut at three characters'],
    ['re_0123-456789abcdefghij', `re_${DOTS}ghij`, 'has its prefix up to the first of - and _'],
    ['a-b_0123456789abcdefgh', `a-${DOTS}efgh`, 'has a prefix of two characters where that is all there is'],
    ['-0123456789abcdefghij', `-${DOTS}ghij`, 'has the separator alone where the key begins with it'],
    ['AIzaSyA0123456789abcdef', `${DOTS}cdef`, 'has no prefix without a separator'],
    ['sk-0123456789abcdefgh', `sk-${DOTS}efgh`, 'of 21 characters shows seven'],
    ['sk-0123456789abcdefg', `${DOTS}defg`, 'of 20 characters loses its prefix first'],
    ['sk-012345678', `${DOTS}5678`, 'of 12 characters still shows its last four'],
    ['sk-01234567', `${DOTS}567`, 'of 11 characters shows three'],
    ['sk-012', `${DOTS}12`, 'of 6 characters shows two'],
    ['abc', `${DOTS}c`, 'of 3 characters shows one'],
    ['ab', DOTS, 'of 2 characters shows none'],
    ['', DOTS, 'of no characters is bullets only'],
    [`🔑-${'x'.repeat(15)}🔒🔒🔒🔒`, `🔑-${DOTS}🔒🔒🔒🔒`, 'counts an emoji as one character'],
    [`🔑🔑🔑🔑-${'x'.repeat(20)}`, `🔑🔑🔑${DOTS}xxxx`, 'cuts its prefix between emojis, never within one'],
  ])('%s → %s: %s', (key, masked) => {
    expect(maskKey(key)).toBe(masked);
  });
});

/** Keys with and without prefixes, astral characters and lone surrogates among them, but no bullets. */
const anyKey = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'ab-_Z9'), maxLength: 40 }),
  fc.string({ unit: fc.constantFrom('a', '-', '_', '🔑', '𝒜', '\ud83d', '\udd11'), maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 60 }).filter((key) => !key.includes('•')),
);

/** The same contract over an array of code points, in the order in which the contract states it. */
function expectedMask(key: string): string {
  const points = [...key];
  const separator = points.findIndex((point) => point === '-' || point === '_');
  const prefix = points.slice(0, Math.min(separator + 1, 3));
  const tail = points.slice(-4);
  const mayShow = Math.floor(points.length / 3);
  if (prefix.length + tail.length > mayShow) prefix.length = 0;
  while (tail.length > mayShow) tail.shift();
  return prefix.join('') + DOTS + tail.join('');
}

test('a mask never shows more than a third of the key, and nothing that is not at its ends', () => {
  fc.assert(
    fc.property(anyKey, (key) => {
      const [prefix, tail, ...more] = maskKey(key).split(DOTS) as [string, string];
      expect(more).toEqual([]);
      expect(prefix + tail).not.toContain('•');
      expect([...prefix].length + [...tail].length).toBeLessThanOrEqual(Math.floor([...key].length / 3));
      expect([...prefix]).toEqual([...key].slice(0, [...prefix].length));
      expect([...tail]).toEqual([...key].slice([...key].length - [...tail].length));
    }),
    { numRuns: 2000 },
  );
});

test('a mask is what the contract says, whatever the key', () => {
  fc.assert(
    fc.property(anyKey, (key) => {
      expect(maskKey(key)).toBe(expectedMask(key));
    }),
    { numRuns: 2000 },
  );
});
