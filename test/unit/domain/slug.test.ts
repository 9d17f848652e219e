import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSlug } from '../../../src/domain/slug.ts';

const CONTRACT = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const slugLike = fc.string({ unit: fc.constantFrom(...'az09-', 'A', '_', 'é', '\n'), maxLength: 70 });
const almostSlug = fc.string({ unit: fc.constantFrom(...'az09-'), minLength: 58, maxLength: 66 });

test.each(['a', '0', 'openai', 'open-ai-2', 'a--b', 'a'.repeat(63)])('%j is a slug', (text) => {
  expect(isSlug(text)).toBe(true);
});

test.each(['', '-', '-a', 'a-', 'A', 'a_b', 'a b', 'a\n', 'é', '\0', 'a'.repeat(64)])(
  '%j is no slug',
  (text) => {
    expect(isSlug(text)).toBe(false);
  },
);

test('a text is a slug exactly when it matches the pattern of the contract', () => {
  fc.assert(
    fc.property(fc.oneof(slugLike, almostSlug, fc.string()), (text) => {
      expect(isSlug(text)).toBe(CONTRACT.test(text));
    }),
    { numRuns: 2000 },
  );
});
