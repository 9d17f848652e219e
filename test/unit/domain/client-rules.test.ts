import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ClientFacts,
  compileClientRules,
  judgeClient,
  matches,
  parseOriginRule,
  parseReferrerRule,
  type StoredClientRules,
} from '../../../src/domain/client-rules.ts';

const NOTHING: StoredClientRules = {
  allowed_origins: [],
  allowed_referrers: [],
  allowed_user_agents: [],
  blocked_countries: [],
  require_https: false,
};
const NOBODY: ClientFacts = {
  origin: null,
  referrer: null,
  userAgent: null,
  country: () => 'ZZ',
  https: false,
};

function judged(rules: Partial<StoredClientRules>, facts: Partial<ClientFacts>): string | null {
  const compiled = compileClientRules({ ...NOTHING, ...rules });
  return compiled === null ? null : judgeClient(compiled, { ...NOBODY, ...facts });
}

test('an app that asks for nothing has no rules, and one that asks for anything has', () => {
  expect(compileClientRules(NOTHING)).toBeNull();
  expect(compileClientRules({ ...NOTHING, require_https: true })).not.toBeNull();
});

test('what was sent before changes nothing in the answer to what is sent now', () => {
  const rules = { ...NOTHING, allowed_origins: ['https://*.example.com'], allowed_user_agents: ['curl/*'] };
  const origin = fc.constantFrom('https://a.example.com', 'https://b.example.com', 'https://evil.test', null);
  const userAgent = fc.constantFrom('curl/8', 'wget/1', `curl/${'8'.repeat(300)}`, 'w'.repeat(300), null);
  const sent = fc.array(fc.record({ origin, userAgent }), { maxLength: 20 });
  fc.assert(
    fc.property(sent, (requests) => {
      const compiled = compileClientRules(rules);
      for (const facts of requests) {
        const answer = compiled === null ? null : judgeClient(compiled, { ...NOBODY, ...facts });
        expect(answer).toBe(judged(rules, facts));
      }
    }),
  );
});

describe('an origin', () => {
  const allowed = (rule: string, origin: string | null) =>
    judged({ allowed_origins: [rule] }, { origin }) === null;

  test.each([
    ['https://app.example.com', 'https://app.example.com'],
    ['https://app.example.com', 'HTTPS://APP.example.COM'],
    ['https://app.example.com', 'https://app.example.com:443'],
    ['https://app.example.com:443', 'https://app.example.com'],
    ['http://localhost:3000', 'http://localhost:3000'],
    ['https://*.example.com', 'https://app.example.com'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['https://xn--bcher-kva.example', 'https://BÜCHER.example'],
    ['https://[2001:db8::1]:8443', 'https://[2001:DB8:0::1]:8443'],
  ])('by the rule %s admits %s', (rule, origin) => {
    expect(allowed(rule, origin)).toBe(true);
  });

  test.each([
    ['https://app.example.com', 'https://app.example.com.evil.test'],
    ['https://app.example.com', 'https://evil.test/https://app.example.com'],
    ['https://app.example.com', 'https://app.example.com@evil.test'],
    ['https://app.example.com', 'http://app.example.com'],
    ['https://app.example.com', 'https://app.example.com:8443'],
    ['https://app.example.com', 'https://app.example.com/'],
    ['https://app.example.com', 'https://app.example.com.'],
    ['https://app.example.com', 'https://xapp.example.com'],
    ['https://app.example.com', 'https://app-example.com'],
    ['https://app.example.com', 'null'],
    ['https://app.example.com', ''],
    ['https://app.example.com', null],
    ['https://*.example.com', 'https://example.com'],
    ['https://*.example.com', 'https://.example.com'],
    ['https://*.example.com', 'https://a.b.example.com'],
    ['https://*.example.com', 'https://app.example.com.evil.test'],
    ['https://*.example.com', 'https://evilexample.com'],
    ['https://*.example.com', 'https://evil.test#.example.com'],
    ['https://*.example.com', 'https://evil.test\\.example.com'],
  ])('by the rule %s refuses %s', (rule, origin) => {
    expect(allowed(rule, origin)).toBe(false);
  });

  test.each([
    'app.example.com',
    'ftp://app.example.com',
    'https://app.example.com/',
    'https://app.example.com/path',
    'https://user@app.example.com',
    'https://app.*.com',
    'https://a*.example.com',
    'https://*',
    'https://*.*.com',
    'https:// app.example.com',
    'https://app.example.com:99999',
    '*',
    '',
  ])('has no rule %s', (rule) => {
    expect(parseOriginRule(rule)).toBeNull();
  });
});

describe('a referrer', () => {
  const allowed = (rule: string, referrer: string | null) =>
    judged({ allowed_referrers: [rule] }, { referrer }) === null;

  test.each(['/a/..*', '/a/.*', '/a/%2e%2e*'])('by a rule for %s admits nothing above it', (path) => {
    expect(allowed(`https://app.example.com${path}`, 'https://app.example.com/evil')).toBe(false);
  });

  test.each([
    ['https://app.example.com/', 'https://app.example.com'],
    ['https://app.example.com/*', 'https://app.example.com/'],
    ['https://app.example.com/*', 'https://app.example.com/a/b?c=d'],
    ['https://app.example.com/shop/*', 'https://APP.example.com:443/shop/cart'],
    ['https://app.example.com/shop*', 'https://app.example.com/shopping'],
    ['https://app.example.com/a', 'https://app.example.com/b/../a'],
  ])('by the rule %s admits %s', (rule, referrer) => {
    expect(allowed(rule, referrer)).toBe(true);
  });

  test.each([
    ['https://app.example.com/*', 'https://app.example.com.evil.test/'],
    ['https://app.example.com/*', 'https://evil.test/https://app.example.com/'],
    ['https://app.example.com/*', 'https://app.example.com@evil.test/'],
    ['https://app.example.com/*', 'https://user:secret@app.example.com/'],
    ['https://app.example.com/*', 'http://app.example.com/'],
    ['https://app.example.com/*', 'https://app.example.com:8443/'],
    ['https://app.example.com/shop/*', 'https://app.example.com/shop/../admin'],
    ['https://app.example.com/shop/*', 'https://app.example.com/shop/%2e%2e/admin'],
    ['https://app.example.com/shop/*', 'https://app.example.com/shop'],
    ['https://app.example.com/shop', 'https://app.example.com/shop/'],
    ['https://app.example.com/shop', 'https://app.example.com/shop?x'],
    ['https://app.example.com/*', 'about:blank'],
    ['https://app.example.com/*', null],
  ])('by the rule %s refuses %s', (rule, referrer) => {
    expect(allowed(rule, referrer)).toBe(false);
  });

  test.each([
    'https://app.example.com*',
    'https://*.example.com/',
    'https://app.example.com/*/a',
    'https://app.example.com/#a',
    'https://user@app.example.com/',
    '/shop',
    '*',
  ])('has no rule %s', (rule) => {
    expect(parseReferrerRule(rule)).toBeNull();
  });
});

describe('a user agent', () => {
  test.each([
    ['checkout/*', 'checkout/1.2', true],
    ['checkout/*', 'checkout/', true],
    ['checkout/*', 'xcheckout/1', false],
    ['checkout', 'checkout/1', false],
    ['*', '', true],
    ['a*b*c', 'a--b--b--c', true],
    ['a*b*c', 'a--b--c-', false],
    ['a.c', 'abc', false],
    ['(a+)+$', '(a+)+$', true],
    ['**a', 'ba', true],
  ])('by the pattern %s: %s is %s', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
    expect(judged({ allowed_user_agents: [pattern] }, { userAgent: text }) === null).toBe(expected);
  });

  test('that is missing is refused', () => {
    expect(judged({ allowed_user_agents: ['*'] }, {})).toBe('user agent not allowed');
  });

  test('matches what the same pattern would as a regular expression', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.', '('), maxLength: 12 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '(', '*'), maxLength: 8 });
    fc.assert(
      fc.property(pattern, letters, (rule, text) => {
        const source = rule.replaceAll(/[.(]/g, '\\$&').replaceAll('*', '.*');
        expect(matches(rule, text)).toBe(new RegExp(`^${source}$`, 's').test(text));
      }),
      { numRuns: 2_000 },
    );
  });

  test('of more characters than any program sends is refused, so that no rule is matched with it', () => {
    const rules = { allowed_user_agents: ['*'] };
    expect(judged(rules, { userAgent: 'a'.repeat(500) })).toBeNull();
    expect(judged(rules, { userAgent: 'a'.repeat(501) })).toBe('user agent not allowed');
  });
});

test('a country that is blocked does not pass, nor one that cannot be found out', () => {
  const blocked = { blocked_countries: ['KP', 'ZZ'] };
  expect(judged(blocked, { country: () => 'DE' })).toBeNull();
  expect(judged(blocked, { country: () => 'KP' })).toBe('country not allowed');
  expect(judged(blocked, { country: () => 'ZZ' })).toBe('country not allowed');
  expect(judged({ blocked_countries: ['KP'] }, { country: () => 'ZZ' })).toBeNull();
  expect(judged({ blocked_countries: ['KP'] }, { country: () => null })).toBe('country not allowed');
});

test('a list of countries that cannot be read lets nobody pass', () => {
  const unreadable = { blocked_countries: ['unreadable\0'] };
  expect(judged(unreadable, { country: () => 'DE' })).toBe('country not allowed');
});

test('a country is asked for only where one is blocked', () => {
  const asked = () => {
    throw new Error('asked');
  };
  expect(judged({ require_https: true }, { country: asked, https: true })).toBeNull();
  const all = { blocked_countries: ['KP'], allowed_user_agents: ['shop/*'] };
  expect(judged(all, { country: asked, userAgent: 'curl/8' })).toBe('user agent not allowed');
});

test('https is required where the app says so', () => {
  expect(judged({ require_https: true }, { https: false })).toBe('https required');
  expect(judged({ require_https: true }, { https: true })).toBeNull();
});

test('one of several rules is enough, and each kind of rule has to admit', () => {
  const rules = {
    allowed_origins: ['https://one.example', 'https://two.example'],
    allowed_referrers: ['https://two.example/*'],
    allowed_user_agents: ['shop/*'],
    blocked_countries: ['KP'],
    require_https: true,
  };
  const facts = {
    origin: 'https://two.example',
    referrer: 'https://two.example/cart',
    userAgent: 'shop/1',
    https: true,
  };
  expect(judged(rules, facts)).toBeNull();
  expect(judged(rules, { ...facts, referrer: null, origin: null })).toBe('referrer not allowed');
  expect(judged(rules, { ...facts, origin: null, userAgent: null })).toBe('origin not allowed');
  expect(judged(rules, { ...facts, userAgent: null, https: false })).toBe('user agent not allowed');
  const elsewhere = { country: () => 'KP', https: false };
  expect(judged(rules, { ...facts, ...elsewhere })).toBe('country not allowed');
  expect(judged(rules, { ...facts, https: false })).toBe('https required');
});

test('a rule that cannot be read admits nobody', () => {
  const facts = { origin: 'https://a.example', referrer: 'https://a.example/', userAgent: 'a', https: true };
  for (const rules of [
    { allowed_origins: ['https://a.example', 'broken'] },
    { allowed_referrers: ['https://a.example/', 'broken'] },
    { allowed_user_agents: ['a', 'broken\0'] },
  ]) {
    expect(judged(rules, facts)).toBe('origin not allowed');
  }
});
