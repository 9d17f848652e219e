/** What reports do to keys: what cools, what is quarantined, what comes back, and what stays whatever is said. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recoverKeys } from '../../../src/operations/keys/recover-keys.ts';
import { addApp, addKey, addService, addTenant, call, refusalOf } from '../../support/furnish.ts';
import { Reporter, TRUSTING } from '../../support/reporter.ts';
import { parseMetrics, sampleOf } from '../../support/scrape.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const SECOND = 1_000;
const HOUR = 3_600_000;
let vault: TestVault;
let token: string;
let client: Reporter;
let appToken: string;
let services = 0;

beforeAll(async () => {
  vault = await startVault({ env: TRUSTING });
  token = await addTenant(vault, 'acme');
  client = new Reporter(vault, token);
  appToken = (await addApp(vault, 'acme')).token;
});
afterAll(() => vault.stop());

/** A service of its own for a test, with so many keys; what is in it by the names of the keys, `one`, `two` and so on. */
async function serve(policy: string, count: number, members: object = {}) {
  const slug = `service-${++services}`;
  const names = ['one', 'two', 'three', 'four'].slice(0, count);
  const keys = names.map((label) => ({ label, ...members }));
  await addService(vault, 'acme', { slug, policy }, keys);
  const path = `/tenants/acme/services/${slug}`;
  const rows = async () => (await call(vault, 'GET', `${path}/keys`)).data;
  return {
    slug,
    path,
    id: async (label: string) => (await rows()).find((row: { label: string }) => row.label === label).id,
    states: async () =>
      (await rows())
        .map(({ label, state, current }: Record<string, unknown>) => `${label}${current ? '*' : ''} ${state}`)
        .join(', '),
    label: async (by = client) => {
      const { status, body } = await by.next(slug);
      return status === 200 ? body.key_label : body.error;
    },
  };
}

/** Types of what is in the outbox of the service, in order. */
async function eventsOf(slug: string): Promise<{ type: string; data: Record<string, unknown> }[]> {
  const rows = await vault.engine.read.selectFrom('outbox').select(['type', 'data']).orderBy('seq').execute();
  return rows
    .map(({ type, data }) => ({ type, data: JSON.parse(data) }))
    .filter(({ data }) => data.service === slug);
}

/** What the audit trail says of the service's keys since deliveries began. */
async function auditOf(slug: string) {
  const { data } = await call(vault, 'GET', '/tenants/acme/audit?limit=200');
  const theirs = data.filter(({ target }: { target: string }) => target.startsWith(`service:${slug}/`));
  return theirs.filter(({ actor }: { actor: { name: string } }) => actor.name !== 'root').toReversed();
}

const recover = () => recoverKeys(vault.jobs.vault, vault.engine.time());

describe('rate_limited', () => {
  it('lets the current key cool while the next stands in for it, and it resumes by itself', async () => {
    const { slug, states, label } = await serve('manual', 2);
    const { reply } = await client.fetchAndReport(slug, 'rate_limited', {
      status: 429,
      retry_after_seconds: 20,
    });
    const until = new Date(vault.clock.wall() + 20 * SECOND).toISOString();
    expect([reply.status, reply.body]).toMatchObject([202, { state: 'cooling', cooling_until: until }]);
    expect([await label(), await states()]).toEqual(['two', 'one* cooling, two standby']);
    vault.advance(20 * SECOND - 1);
    expect(await label()).toBe('two');
    expect(await recover()).toBe(0);
    vault.advance(1);
    expect([await label(), await states()]).toEqual(['one', 'one* active, two standby']);
    expect(await Promise.all([recover(), recover()])).toContain(1);
    expect((await eventsOf(slug)).map(({ type }) => type)).toEqual(['key.cooling', 'key.recovered']);
    expect(await auditOf(slug)).toMatchObject([
      {
        type: 'key.cooling',
        actor: { kind: 'client_token', id: null, name: 'client token' },
        ip: '203.0.113.1',
        reason: 'reported rate_limited with the status 429',
        after: { cooling_until: until },
      },
      { type: 'key.recovered', actor: { kind: 'system' } },
    ]);
  });

  it('says when the first key is back where all cool, which is within an hour whatever was reported', async () => {
    const { slug, label } = await serve('usage', 3);
    for (const retry_after_seconds of [1_000_000, 40, 20])
      await client.fetchAndReport(slug, 'rate_limited', { retry_after_seconds });
    const refused = await client.next(slug);
    expect([...refusalOf(refused), refused.headers.get('retry-after')]).toEqual([
      503,
      'no active keys',
      '20',
    ]);
    vault.advance(20 * SECOND);
    expect(await label()).toBe('three');
    vault.advance(HOUR - 20 * SECOND);
    expect(new Set([await label(), await label(), await label()])).toEqual(new Set(['one', 'two', 'three']));
    await recover();
  });

  it('doubles from 30 s while nobody says that the key is well', async () => {
    const { slug, label } = await serve('manual', 2);
    const cooled = async () => {
      const { reply } = await client.fetchAndReport(slug, 'rate_limited');
      const ms = Date.parse(reply.body.cooling_until) - vault.clock.wall();
      vault.advance(ms);
      return ms / SECOND;
    };
    expect([await cooled(), await cooled(), await cooled()]).toEqual([30, 60, 120]);
    await client.fetchAndReport(slug, 'error', { status: 500 });
    expect(await cooled()).toBe(240);
    await client.fetchAndReport(slug, 'ok');
    expect([await cooled(), await label()]).toEqual([30, 'one']);
  });

  it('of old deliveries does not cool a key again that is back: nobody saves them up', async () => {
    const { slug, label, path, id } = await serve('manual', 2);
    const saved: string[] = [];
    for (let at = 0; at < 5; at++) saved.push((await client.next(slug)).body.meta.delivery_id);
    const report = (at: number) =>
      client.report({ delivery_id: saved[at], outcome: 'rate_limited', retry_after_seconds: 10 });
    expect((await report(0)).body.state).toBe('cooling');
    vault.advance(10 * SECOND);
    expect([(await report(1)).body.state, await label()]).toEqual(['active', 'one']);
    // Nor one that somebody has enabled while it cooled.
    await client.fetchAndReport(slug, 'rate_limited');
    await call(vault, 'POST', `${path}/keys/${await id('one')}/enable`, {});
    expect([(await report(2)).body.state, await label()]).toEqual(['active', 'one']);
  });

  it('cools a key until somebody enables it, which is told of as that it serves again, once', async () => {
    const { slug, path, id, label } = await serve('manual', 2);
    await client.fetchAndReport(slug, 'rate_limited', { retry_after_seconds: 10 });
    for (let times = 0; times < 2; times++)
      await call(vault, 'POST', `${path}/keys/${await id('one')}/enable`, {});
    expect(await label()).toBe('one');
    vault.advance(20 * SECOND);
    await recoverKeys(vault.jobs.vault, vault.engine.time());
    const told = (await eventsOf(slug)).map(({ type, data }) => [type, data.cause]);
    expect(told).toEqual([
      ['key.cooling', 'reported rate_limited'],
      ['key.recovered', 'by hand'],
    ]);
    await client.fetchAndReport(slug, 'rate_limited', { retry_after_seconds: 10 });
    await call(vault, 'POST', `${path}/keys/${await id('one')}/disable`, { reason: 'x' });
    await call(vault, 'POST', `${path}/keys/${await id('one')}/enable`, {});
    expect((await eventsOf(slug)).slice(2).map(({ type }) => type)).not.toContain('key.recovered');
  });

  it('cools the keys of one bucket together, and no others', async () => {
    const { slug, path, states } = await serve('usage', 2, { bucket: 'account' });
    await addKey(vault, 'acme', slug, { label: 'three' });
    await serve('usage', 2, { bucket: 'account' });
    const { keyId } = await client.fetchAndReport(slug, 'rate_limited', { retry_after_seconds: 60 });
    expect(await states()).toBe('one cooling, two cooling, three active');
    const told = (await eventsOf(slug)).map(({ type, data }) => [type, data.key_id === keyId, data.cause]);
    expect(told).toEqual([
      ['key.cooling', true, 'reported rate_limited'],
      ['key.cooling', false, 'same bucket'],
    ]);
    expect((await call(vault, 'GET', `${path}/keys`)).data[1].bucket).toBe('account');
  });

  it('of many clients at once cools a key once', async () => {
    const { slug } = await serve('manual', 2);
    const deliveries = await Promise.all(Array.from({ length: 50 }, () => client.next(slug)));
    const replies = await Promise.all(
      deliveries.map(({ body }) =>
        client.report({ delivery_id: body.meta.delivery_id, outcome: 'rate_limited' }),
      ),
    );
    expect(new Set(replies.map(({ status, body }) => `${status} ${body.state}`))).toEqual(
      new Set(['202 cooling']),
    );
    expect(await eventsOf(slug)).toHaveLength(1);
    const health = vault.engine.read.selectFrom('key_health').select('coolings');
    const { key_id } = replies[0]?.body ?? {};
    expect(await health.where('key_id', '=', key_id).execute()).toEqual([{ coolings: 1 }]);
  });
});

describe('unauthorized', () => {
  /** Reports by turns of two callers from two networks. */
  async function refuse(slug: string, times: number, networks = ['203.0.113.1', '203.0.113.2']) {
    const [here = '', there = here] = networks;
    const by = [new Reporter(vault, token, here), new Reporter(vault, appToken, there)];
    const replies = [];
    for (let at = 0; at < times; at++)
      replies.push(
        (await (by[at % 2] as Reporter).fetchAndReport(slug, 'unauthorized', { status: 401 })).reply,
      );
    return replies;
  }

  it('quarantines the current key after three in a row, and the next becomes current', async () => {
    const { slug, path, states, id } = await serve('manual', 2);
    const [, , last] = await refuse(slug, 3);
    expect([last?.status, last?.body.state]).toEqual([202, 'quarantined']);
    expect(await states()).toBe('one quarantined, two* active');
    expect((await eventsOf(slug)).map(({ type, data }) => [type, data.cause])).toEqual([
      ['key.quarantined', 'reported unauthorized'],
      ['service.last_key', 'left alone'],
      ['key.rotated', undefined],
    ]);
    const entries = await auditOf(slug);
    expect(entries).toMatchObject([
      { type: 'key.quarantined', actor: { kind: 'client_token' }, before: { state: 'active' } },
      { type: 'key.rotated', after: { state: 'active' } },
    ]);
    expect(entries[0].reason).toBe('reported unauthorized with the status 401, the last of 3 in a row');
    // It comes back by hand alone, and what was delivered before counts no more.
    const enabled = await call(vault, 'POST', `${path}/keys/${await id('one')}/enable`, {});
    expect([enabled.state, enabled.disabled_reason]).toEqual(['standby', null]);
  });

  it('of one network, or of one app of several, quarantines nothing: somebody is told, once an hour', async () => {
    const { slug, states, id } = await serve('manual', 2);
    await refuse(slug, 6, ['203.0.113.1', '203.0.113.1']);
    const alone = (ip: string) => new Reporter(vault, appToken, ip);
    const other = await serve('manual', 2);
    await client.next(other.slug);
    for (const ip of ['203.0.113.1', '203.0.113.2', '203.0.113.3', '203.0.113.4'])
      await alone(ip).fetchAndReport(other.slug, 'unauthorized');
    expect([await states(), await other.states()]).toEqual(Array(2).fill('one* active, two standby'));
    const data = { tenant: 'acme', service: slug, key_id: await id('one'), app_id: null };
    expect(await eventsOf(slug)).toEqual([{ type: 'key.refused', data }]);
    expect((await eventsOf(other.slug)).map(({ type }) => type)).toEqual(['key.refused']);
    // In a row once more, within the hour and after it.
    for (const [wait, events] of [
      [HOUR - 1, 1],
      [1, 2],
    ] as const) {
      vault.advance(wait);
      await client.fetchAndReport(slug, 'ok');
      await refuse(slug, 3, ['203.0.113.1', '203.0.113.1']);
      expect(await eventsOf(slug)).toHaveLength(events);
    }
  });

  it('of the only app that reaches a service quarantines by itself, from two networks', async () => {
    await addTenant(vault, 'lone');
    await addService(vault, 'lone', { slug: 'openai' }, [{ label: 'one' }, { label: 'two' }]);
    const sole = await addApp(vault, 'lone', { services: ['openai'] });
    const keys = async () => (await call(vault, 'GET', '/tenants/lone/services/openai/keys')).data[0].state;
    for (const ip of ['203.0.113.1', '203.0.113.1', '203.0.113.1'])
      await new Reporter(vault, sole.token, ip).fetchAndReport('openai', 'unauthorized');
    expect(await keys()).toBe('active');
    await new Reporter(vault, sole.token, '203.0.113.2').fetchAndReport('openai', 'unauthorized');
    expect(await keys()).toBe('quarantined');
  });

  it('never takes the last key, cooling ones counted, and tells of it once an hour', async () => {
    const { slug, states } = await serve('usage', 2);
    await refuse(slug, 1);
    await client.fetchAndReport(slug, 'ok');
    for (let round = 0; round < 10; round++) await refuse(slug, 3);
    expect(await states()).toMatch(/^(one quarantined, two active|one active, two quarantined)$/);
    const told = async () =>
      (await eventsOf(slug))
        .map(({ data }) => data.cause)
        .filter((cause) => cause === 'reported unauthorized');
    expect(await told()).toEqual(Array(2).fill('reported unauthorized'));
    vault.advance(HOUR);
    await refuse(slug, 3);
    expect(await told()).toEqual(Array(3).fill('reported unauthorized'));
  });

  it('and ok in turn quarantine nothing', async () => {
    const { slug, states } = await serve('manual', 2);
    for (let round = 0; round < 4; round++) {
      await refuse(slug, 2);
      await client.fetchAndReport(slug, 'ok');
    }
    expect(await states()).toBe('one* active, two standby');
  });
});

it('error takes no key away, however often', async () => {
  const { slug, states } = await serve('manual', 2);
  const there = new Reporter(vault, appToken, '203.0.113.2');
  for (let round = 0; round < 20; round++) {
    await client.fetchAndReport(slug, 'error', { status: 503, retry_after_seconds: 3600 });
    await there.fetchAndReport(slug, 'error', { status: 401 });
  }
  expect(await states()).toBe('one* active, two standby');
  expect(await eventsOf(slug)).toEqual([]);
});

it('a report on a key that is out of service, or gone, changes nothing', async () => {
  const { slug, path, states, id } = await serve('manual', 2);
  const deliveries = [await client.next(slug), await client.next(slug)].map(
    ({ body }) => body.meta.delivery_id,
  );
  const one = await id('one');
  await call(vault, 'POST', `${path}/keys/${one}/disable`, { reason: 'x' });
  const reply = await client.report({ delivery_id: deliveries[0], outcome: 'rate_limited' });
  expect([reply.status, reply.body]).toEqual([202, { key_id: one, state: 'disabled', cooling_until: null }]);
  await vault.admin('DELETE', `${path}/keys/${one}`);
  const gone = await client.report({ delivery_id: deliveries[1], outcome: 'rate_limited' });
  expect(refusalOf(gone)).toEqual([404, 'unknown delivery']);
  expect(await states()).toBe('two* active');
});

it('reports are counted by what became of the deliveries', async () => {
  const { slug } = await serve('manual', 1);
  const count = async () => {
    const { text } = await vault.request('/metrics');
    return sampleOf(parseMetrics(text), 'keyrotator_reports_total', { outcome: 'error' }) ?? 0;
  };
  const before = await count();
  await client.fetchAndReport(slug, 'error');
  await client.report({ delivery_id: 'x', outcome: 'error' });
  expect((await count()) - before).toBe(1);
});
