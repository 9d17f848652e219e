import { describe, expect, it } from 'vitest';
import { isTimely, parseSignedRequest, rememberedUntil } from '../../../src/domain/signed-request.ts';
import { isSignedWith } from '../../../src/vault/request-signature.ts';

const NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const MAC = 'eacf6f20b8f0a125a6b255f3e7d9ed6c50d0ee65361005bde33a81605b495257';
const FIELDS = { timestamp: '1772366400', nonce: '0123456789abcdef', signature: `v1=${MAC}` };
const NOW = 1_772_366_400_000;

describe('what is signed', () => {
  it('are five lines, and the signature that Python makes of them is taken', () => {
    const signed = parseSignedRequest('GET', '/api/next?service=openai', FIELDS, NOTHING);
    expect(signed?.text).toBe(`GET\n/api/next?service=openai\n1772366400\n0123456789abcdef\n${NOTHING}`);
    expect(isSignedWith('krs_example', signed?.text ?? '', signed?.mac ?? '')).toBe(true);
    expect(isSignedWith('krs_example2', signed?.text ?? '', signed?.mac ?? '')).toBe(false);
  });

  it.each(['/api/next', '/api/next?', '/api/next?service=%6Fpenai', '//api/next?a?b#c'])(
    'is the target %s as it was sent',
    (target) => {
      expect(parseSignedRequest('GET', target, FIELDS, NOTHING)?.text.split('\n')[1]).toBe(target);
    },
  );

  it.each(['timestamp', 'nonce', 'signature'])('is nothing without its %s', (field) => {
    expect(parseSignedRequest('GET', '/', { ...FIELDS, [field]: null }, NOTHING)).toBeNull();
  });
});

it('a nonce is remembered until its request can never be timely again', () => {
  for (const off of [-300_000, 0, 300_000]) {
    const timestamp = String((NOW + off) / 1000);
    const signed = parseSignedRequest('GET', '/', { ...FIELDS, timestamp }, NOTHING);
    if (signed === null) throw new Error('not parsed');
    expect(isTimely(signed, NOW)).toBe(true);
    const until = rememberedUntil(signed, NOW);
    expect(until).toBeGreaterThanOrEqual(NOW + 600_000);
    expect(isTimely(signed, until)).toBe(false);
  }
});
