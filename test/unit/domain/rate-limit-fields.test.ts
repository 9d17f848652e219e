import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type RateLimitName, rateLimitFields } from '../../../src/domain/rate-limit-fields.ts';

const names = fc.constantFrom<RateLimitName>('service-day', 'app-day', 'key-day', 'demo', 'auth');

test('a client reads the quota, its window, what remains and when it is restored', () => {
  expect(
    rateLimitFields({ name: 'app-day', quota: 100, windowSeconds: 86400, remaining: 58, resetSeconds: 3600 }),
  ).toEqual({
    'RateLimit-Policy': '"app-day";q=100;w=86400',
    RateLimit: '"app-day";r=58;t=3600',
  });
});

test('a client with nothing left is also told when to come back', () => {
  expect(
    rateLimitFields({
      name: 'service-day',
      quota: 1,
      windowSeconds: 86400,
      remaining: 0,
      resetSeconds: 3600,
    }),
  ).toEqual({
    'RateLimit-Policy': '"service-day";q=1;w=86400',
    RateLimit: '"service-day";r=0;t=3600',
    'Retry-After': '3600',
  });
});

test('a fraction of a second still to wait is a whole one, so that nobody comes back too early', () => {
  const fields = rateLimitFields({
    name: 'demo',
    quota: 5,
    windowSeconds: 60,
    remaining: 0.9,
    resetSeconds: 0.001,
  });
  expect(fields.RateLimit).toBe('"demo";r=0;t=1');
  expect(fields['Retry-After']).toBe('1');
});

test('a refusal never says to come back at once', () => {
  const fields = rateLimitFields({
    name: 'auth',
    quota: 200,
    windowSeconds: 60,
    remaining: 0,
    resetSeconds: 0,
  });
  expect(fields['Retry-After']).toBe('1');
});

test('an overdrawn quota has nothing left rather than less than nothing', () => {
  const fields = rateLimitFields({
    name: 'key-day',
    quota: 10,
    windowSeconds: 1,
    remaining: -3,
    resetSeconds: -1,
  });
  expect(fields.RateLimit).toBe('"key-day";r=0;t=0');
});

test('every value is an Integer that a structured-field parser accepts, and Retry-After is not before t', () => {
  const anyNumber = fc.double({ noNaN: true, min: -1e20, max: 1e20 });
  fc.assert(
    fc.property(
      names,
      anyNumber,
      anyNumber,
      anyNumber,
      anyNumber,
      (name, quota, windowSeconds, remaining, resetSeconds) => {
        const fields = rateLimitFields({ name, quota, windowSeconds, remaining, resetSeconds });
        const policy = /^"([a-z-]+)";q=([0-9]{1,15});w=([1-9][0-9]{0,14})$/.exec(fields['RateLimit-Policy']);
        const limit = /^"([a-z-]+)";r=([0-9]{1,15});t=([0-9]{1,15})$/.exec(fields.RateLimit);
        expect([policy?.[1], limit?.[1]]).toEqual([name, name]);
        expect('Retry-After' in fields).toBe(limit?.[2] === '0');
        if ('Retry-After' in fields) {
          expect(fields['Retry-After']).toMatch(/^[1-9][0-9]{0,14}$/);
          expect(Number(fields['Retry-After'])).toBeGreaterThanOrEqual(Number(limit?.[3]));
        }
      },
    ),
  );
});
