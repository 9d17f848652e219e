import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hammer } from '../../support/crowd.ts';
import { addApp, addService, addTenant, call } from '../../support/furnish.ts';
import { getKey, type RawResponse } from '../../support/raw-http.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const CALLERS = 64;
const ELSEWHERE = ['203.0.113.0/24'];
/** So many failed authentications at once are throttled before long. */
const INVALID_TOKEN = ['invalid token', 'rate limit exceeded'];

let vault: TestVault;
beforeAll(async () => {
  vault = await startVault();
});
afterAll(() => vault.stop());

/** A tenant of its own, with a service of three keys that serve in turn, and an app. */
async function furnish(slug: string) {
  const token = await addTenant(vault, slug);
  const keys = await addService(vault, slug, { slug: 'openai', policy: 'usage' }, [{}, {}, {}]);
  const app = await addApp(vault, slug, { rate_limit: { per_hour: 1_000_000 } });
  const tenant = `/tenants/${slug}`;
  await call(vault, 'POST', `${tenant}/groups`, { slug: 'llm', services: ['openai'] });
  const member = await addApp(vault, slug, { services: [], groups: ['llm'] });
  const service = `${tenant}/services/openai`;
  return {
    token,
    app,
    member,
    groupPath: `${tenant}/groups/llm`,
    keyId: keys[1]?.id,
    tenant,
    service,
    appPath: `${tenant}/apps/${app.id}`,
    keyPath: `${service}/keys/${keys[1]?.id}`,
  };
}

type Furnished = Awaited<ReturnType<typeof furnish>>;
type Change = (given: Furnished) => [method: string, path: string, body?: object];

interface Revocation {
  readonly what: string;
  /** `member`: an app that reaches the service by a group. */
  readonly as: 'client' | 'app' | 'member';
  readonly change: Change;
  /** What a delivery begun later is refused with; absent where only one key must not be delivered any more. */
  readonly errors?: readonly string[];
  /** Takes the change back; absent where nothing does. */
  readonly undo?: Change;
}

const patch =
  (path: keyof Furnished, body: object): Change =>
  (given) => ['PATCH', String(given[path]), body];

const REVOCATIONS: readonly Revocation[] = [
  {
    what: 'a client token is rotated',
    as: 'client',
    change: (of) => ['POST', `${of.tenant}/client-token/rotate`, {}],
    errors: INVALID_TOKEN,
  },
  {
    what: "an app's token is rotated",
    as: 'app',
    change: (of) => ['POST', `${of.appPath}/rotate-token`, {}],
    errors: INVALID_TOKEN,
  },
  {
    what: 'an app is disabled',
    as: 'app',
    change: (of) => ['POST', `${of.appPath}/disable`, { reason: 'test' }],
    errors: ['token disabled'],
    undo: (of) => ['POST', `${of.appPath}/enable`],
  },
  { what: 'an app is deleted', as: 'app', change: (of) => ['DELETE', of.appPath], errors: INVALID_TOKEN },
  {
    what: 'an app loses a service',
    as: 'app',
    change: patch('appPath', { services: [] }),
    errors: ['service not allowed'],
    undo: patch('appPath', { services: ['openai'] }),
  },
  {
    what: 'a group loses a service',
    as: 'member',
    change: patch('groupPath', { services: [] }),
    errors: ['service not allowed'],
    undo: patch('groupPath', { services: ['openai'] }),
  },
  {
    what: 'a group is deleted',
    as: 'member',
    change: (of) => ['DELETE', of.groupPath],
    errors: ['service not allowed'],
  },
  {
    what: 'an app is for https only',
    as: 'app',
    change: patch('appPath', { require_https: true }),
    errors: ['https required'],
    undo: patch('appPath', { require_https: false }),
  },
  {
    what: 'an app is for signed requests only',
    as: 'app',
    change: patch('appPath', { require_signature: true }),
    errors: ['invalid signature'],
    undo: patch('appPath', { require_signature: false }),
  },
  {
    what: 'the country of a client is blocked',
    as: 'app',
    change: patch('appPath', { blocked_countries: ['ZZ'] }),
    errors: ['country not allowed'],
    undo: patch('appPath', { blocked_countries: [] }),
  },
  {
    what: 'an app is for one origin only',
    as: 'app',
    change: patch('appPath', { allowed_origins: ['https://app.example.com'] }),
    errors: ['origin not allowed'],
    undo: patch('appPath', { allowed_origins: [] }),
  },
  {
    what: 'the addresses of a tenant are narrowed',
    as: 'client',
    change: patch('tenant', { allowed_ips: ELSEWHERE }),
    errors: ['ip not allowed'],
    undo: patch('tenant', { allowed_ips: [] }),
  },
  {
    what: 'an address is denied to an app',
    as: 'app',
    change: patch('appPath', { denied_ips: ['127.0.0.1'] }),
    errors: ['ip not allowed'],
    undo: patch('appPath', { denied_ips: [] }),
  },
  {
    what: 'a tenant is suspended',
    as: 'app',
    change: patch('tenant', { status: 'suspended' }),
    errors: ['token disabled'],
    undo: patch('tenant', { status: 'active' }),
  },
  {
    what: 'a tenant is deleted',
    as: 'client',
    change: ({ tenant }) => ['DELETE', `${tenant}?confirm=${tenant.split('/')[2]}`],
    errors: INVALID_TOKEN,
  },
  {
    what: "a service's limit is lowered",
    as: 'client',
    change: patch('service', { max_daily_requests: 1 }),
    errors: ['service daily limit reached'],
    undo: patch('service', { max_daily_requests: null }),
  },
  {
    what: "an app's limit is lowered",
    as: 'app',
    change: patch('appPath', { max_daily_requests: 1 }),
    errors: ['app daily limit reached'],
    undo: patch('appPath', { max_daily_requests: null }),
  },
  {
    what: "an app's rate limit is lowered",
    as: 'app',
    change: patch('appPath', { rate_limit: { per_hour: 1 } }),
    errors: ['rate limit exceeded'],
    undo: patch('appPath', { rate_limit: null }),
  },
  {
    what: 'a service is switched off',
    as: 'client',
    change: patch('service', { enabled: false }),
    errors: ['service disabled'],
    undo: patch('service', { enabled: true }),
  },
  {
    what: 'a service is deleted',
    as: 'client',
    change: (of) => ['DELETE', `${of.service}?confirm=openai`],
    errors: ['unknown service'],
  },
  {
    what: 'a key is disabled',
    as: 'client',
    change: (of) => ['POST', `${of.keyPath}/disable`, { reason: 'test' }],
    undo: (of) => ['POST', `${of.keyPath}/enable`],
  },
  { what: 'a key is deleted', as: 'client', change: (of) => ['DELETE', of.keyPath] },
  {
    what: "a key's limit is lowered",
    as: 'client',
    change: patch('keyPath', { max_daily_requests: 1 }),
    undo: patch('keyPath', { max_daily_requests: null }),
  },
];

describe('no delivery begun after the answer goes by what was, with 64 callers asking, when', () => {
  it.each(REVOCATIONS)('$what', async ({ as, change, errors, undo }) => {
    const given = await furnish(`tenant-${crypto.randomUUID()}`);
    const request = getKey('openai', as === 'client' ? given.token : given[as].token);
    const revoked = ({ status, body }: RawResponse) =>
      status === 200 && (errors !== undefined || body.meta.key_id === given.keyId);
    const hammering = await hammer(vault.url, CALLERS, request);
    await hammering.more(4 * CALLERS);
    await call(vault, ...change(given));
    const answeredAt = performance.now();
    await hammering.more(4 * CALLERS);
    const before = hammering.answers.filter(({ startedAt }) => startedAt < answeredAt);
    const after = hammering.answers
      .filter(({ startedAt }) => startedAt >= answeredAt)
      .map(({ response }) => response);
    expect(before.some(({ response }) => revoked(response))).toBe(true);
    expect(after.length).toBeGreaterThanOrEqual(CALLERS);
    expect(after.filter(revoked)).toEqual([]);
    if (errors !== undefined) expect(after.filter(({ body }) => !errors.includes(body.error))).toEqual([]);
    if (undo !== undefined) {
      await call(vault, ...undo(given));
      const undoneAt = performance.now();
      await hammering.more(4 * CALLERS);
      const again = hammering.answers
        .filter(({ startedAt }) => startedAt >= undoneAt)
        .map(({ response }) => response);
      expect(new Set(again.map(({ status }) => status))).toEqual(new Set([200]));
      expect(again.some(revoked)).toBe(true);
    }
    await hammering.stop();
  });
});
