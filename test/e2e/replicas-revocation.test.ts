/**
 * P8 over replicas: what one replica's administration has taken back binds every delivery begun after the answer, on every
 * replica; what it has given back is served by every replica within a second.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TimedAnswer } from '../support/crowd.ts';
import { exchange, getKey, type RawResponse } from '../support/raw-http.ts';
import { hammerAll, type Replicas, startReplicas } from '../support/replicas.ts';

const REPLICAS = 3;
const CALLERS_EACH = 20;
const ANSWERS_EACH = 4 * CALLERS_EACH;
const SERVED_WITHIN_MS = 1_000;
const ELSEWHERE = ['203.0.113.0/24'];
/** So many failed authentications at once are throttled before long. */
const INVALID_TOKEN = ['invalid token', 'rate limit exceeded'];

let replicas: Replicas;
beforeAll(async () => {
  replicas = await startReplicas(REPLICAS);
}, 60_000);
afterAll(() => replicas?.stop());

/**
 * A tenant of its own, with an app and two services of three keys: `openai`, whose keys serve in turn, and `manual`.
 * Of each service there is a key that serves when the test begins.
 */
async function furnish() {
  const slug = `tenant-${crypto.randomUUID()}`;
  const token = await replicas.addTenant(slug);
  const { keyIds } = await replicas.addService(slug, { slug: 'openai', policy: 'usage' }, [{}, {}, {}]);
  const manual = await replicas.addService(slug, { slug: 'manual' }, [{}, {}, {}]);
  const app = await replicas.addApp(slug);
  const tenant = `/tenants/${slug}`;
  await replicas.call('POST', `${tenant}/groups`, { slug: 'llm', services: ['openai'] });
  const member = await replicas.addApp(slug, { services: [], groups: ['llm'] });
  const [, keyId] = keyIds;
  return {
    token,
    app,
    member,
    groupPath: `${tenant}/groups/llm`,
    servingKeys: [keyId, manual.keyIds[0]],
    currentKey: manual.keyIds[0],
    tenant,
    service: `${tenant}/services/openai`,
    manual: `${tenant}/services/manual`,
    appPath: `${tenant}/apps/${app.id}`,
    keyPath: `${tenant}/services/openai/keys/${keyId}`,
    currentKeyPath: `${tenant}/services/manual/keys/${manual.keyIds[0]}`,
  };
}

type Furnished = Awaited<ReturnType<typeof furnish>>;
type Change = (given: Furnished) => [method: string, path: string, body?: object];

interface Revocation {
  readonly what: string;
  /** `member`: an app that reaches the service by a group. */
  readonly as: 'client' | 'app' | 'member';
  /** The service that is asked for; `openai` where it does not matter. */
  readonly of?: 'openai' | 'manual';
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
    what: 'a service is rotated',
    as: 'client',
    of: 'manual',
    change: (of) => ['POST', `${of.manual}/rotate`, {}],
    undo: (of) => ['POST', `${of.manual}/rotate`, { to_key_id: of.currentKey }],
  },
  {
    what: 'a service is rotated and the old key retired',
    as: 'app',
    of: 'manual',
    change: (of) => ['POST', `${of.manual}/rotate`, { retire_old: true }],
  },
  {
    what: 'the current key is disabled',
    as: 'app',
    of: 'manual',
    change: (of) => ['POST', `${of.currentKeyPath}/disable`, { reason: 'test' }],
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

const responses = (answers: readonly TimedAnswer[]) => answers.map(({ response }) => response);

/** The request that a revocation is about, and whether an answer to it goes by what was. */
function askFor({ as, of = 'openai', errors }: Revocation, given: Furnished) {
  return {
    request: getKey(of, as === 'client' ? given.token : given[as].token),
    revoked: ({ status, body }: RawResponse) =>
      status === 200 && (errors !== undefined || given.servingKeys.includes(body.meta.key_id)),
  };
}

describe(`no delivery begun after the answer goes by what was, on ${REPLICAS} replicas under load, when`, () => {
  it.each(REVOCATIONS)('$what', async (revocation) => {
    const { change, errors, undo } = revocation;
    const given = await furnish();
    const { request, revoked } = askFor(revocation, given);
    const hammering = await hammerAll(replicas.urls, CALLERS_EACH, request);
    await hammering.more(ANSWERS_EACH);
    await replicas.call(...change(given));
    const answeredAt = performance.now();
    await hammering.more(ANSWERS_EACH);
    const changed = performance.now();
    for (const before of hammering.begun(0, answeredAt)) expect(responses(before).some(revoked)).toBe(true);
    for (const after of hammering.begun(answeredAt, changed)) {
      expect(after.length).toBeGreaterThanOrEqual(CALLERS_EACH);
      expect(responses(after).filter(revoked)).toEqual([]);
      if (errors === undefined) continue;
      expect(responses(after).filter(({ body }) => !errors.includes(body.error))).toEqual([]);
    }
    if (undo !== undefined) {
      await replicas.call(...undo(given));
      const undoneAt = performance.now();
      await new Promise((resolve) => setTimeout(resolve, SERVED_WITHIN_MS));
      await hammering.more(ANSWERS_EACH);
      for (const again of hammering.begun(undoneAt + SERVED_WITHIN_MS)) {
        expect(new Set(responses(again).map(({ status }) => status))).toEqual(new Set([200]));
        expect(responses(again).some(revoked)).toBe(true);
      }
    }
    await hammering.stop();
  });
});

describe(`no first delivery after the answer goes by what was, on ${REPLICAS} replicas at rest, when`, () => {
  const ASKED_EACH = 3;

  it.each(REVOCATIONS)('$what', async (revocation) => {
    const { change, errors } = revocation;
    const given = await furnish();
    const { request, revoked } = askFor(revocation, given);
    async function ask(): Promise<RawResponse[]> {
      const answers: RawResponse[] = [];
      for (let round = 0; round < ASKED_EACH; round++) {
        for (const url of replicas.urls) answers.push(await exchange(url, request));
      }
      return answers;
    }
    expect((await ask()).some(revoked)).toBe(true);
    await replicas.call(...change(given));
    const after = await ask();
    expect(after.filter(revoked)).toEqual([]);
    if (errors !== undefined) expect(after.filter(({ body }) => !errors.includes(body.error))).toEqual([]);
  });
});

describe(`every one of ${REPLICAS} replicas serves within a second`, () => {
  it('a service that was asked for before it was made', async () => {
    const slug = `tenant-${crypto.randomUUID()}`;
    const token = await replicas.addTenant(slug);
    const hammering = await hammerAll(replicas.urls, CALLERS_EACH, getKey('openai', token));
    await hammering.more(ANSWERS_EACH);
    await replicas.addService(slug, { slug: 'openai' });
    const madeAt = performance.now();
    await new Promise((resolve) => setTimeout(resolve, SERVED_WITHIN_MS));
    await hammering.more(ANSWERS_EACH);
    for (const before of hammering.begun(0, madeAt)) {
      expect(responses(before).some(({ body }) => body.error === 'unknown service')).toBe(true);
    }
    for (const again of hammering.begun(madeAt + SERVED_WITHIN_MS)) {
      expect(new Set(responses(again).map(({ status }) => status))).toEqual(new Set([200]));
    }
    await hammering.stop();
  });
});
