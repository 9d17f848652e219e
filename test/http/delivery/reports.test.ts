/** `POST /api/report`: who may report on what, in which form, and how often. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { prune } from '../../../src/operations/upkeep/prune.ts';
import { addApp, addService, addTenant, call, refusalOf } from '../../support/furnish.ts';
import { exchange, RawConnection } from '../../support/raw-http.ts';
import { Reporter, TRUSTING } from '../../support/reporter.ts';
import { sign } from '../../support/sign-request.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const DAY_MS = 86_400_000;
const INVALID = [400, 'invalid request'];
const UNKNOWN = [404, 'unknown delivery'];
let vault: TestVault;
let token: string;
let client: Reporter;
let app: Reporter;

beforeAll(async () => {
  vault = await startVault({ env: TRUSTING });
  token = await addTenant(vault, 'acme');
  await addTenant(vault, 'rival');
  await addService(vault, 'acme', { slug: 'openai' });
  client = new Reporter(vault, token);
  app = new Reporter(vault, (await addApp(vault, 'acme')).token);
});
afterAll(() => vault.stop());

async function delivered(by: Reporter = client): Promise<string> {
  return (await by.next('openai')).body.meta.delivery_id;
}

describe('a report', () => {
  let deliveryId: string;
  beforeEach(async () => {
    deliveryId = await delivered();
  });

  it('is taken once, whatever the second one says', async () => {
    const { status, body } = await client.report({ delivery_id: deliveryId, outcome: 'ok', status: 200 });
    expect([status, body]).toEqual([202, { key_id: 1, state: 'active', cooling_until: null }]);
    for (const outcome of ['ok', 'error', 'rate_limited', 'unauthorized']) {
      const again = await client.report({ delivery_id: deliveryId, outcome });
      expect(refusalOf(again)).toEqual([409, 'already reported']);
    }
  });

  it('is taken once of many at the same time', async () => {
    const outcomes = ['ok', 'unauthorized', 'error', 'ok'];
    const replies = await Promise.all(
      Array.from({ length: 40 }, (_, at) =>
        client.report({ delivery_id: deliveryId, outcome: outcomes[at % 4] }),
      ),
    );
    expect(replies.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(replies.filter(({ status }) => status === 409)).toHaveLength(39);
  });

  it('may have the token in the query', async () => {
    const report = (query: string) =>
      vault.request(`/api/report?${query}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ delivery_id: deliveryId, outcome: 'error' }),
      });
    expect(refusalOf(await report(''))).toEqual([400, 'missing token or service']);
    expect(refusalOf(await report(`token=${token}&token=${token}`))).toEqual(INVALID);
    expect((await report(`token=${token}&service=ignored&service=ignored`)).status).toBe(202);
  });

  it('is refused for whoever a delivery is refused for', async () => {
    const wrong = `${token.slice(0, -1)}${token.endsWith('a') ? 'b' : 'a'}`;
    const report = (by: Reporter) => by.report({ delivery_id: deliveryId, outcome: 'rate_limited' });
    expect(refusalOf(await report(new Reporter(vault, wrong)))).toEqual([403, 'invalid token']);
    expect(refusalOf(await report(new Reporter(vault, vault.rootToken)))).toEqual([403, 'invalid token']);
    const { id, token: other } = await addApp(vault, 'acme', { allowed_ips: ['203.0.113.9'] });
    expect(refusalOf(await report(new Reporter(vault, other)))).toEqual([403, 'ip not allowed']);
    const there = new Reporter(vault, other, '203.0.113.9');
    expect(refusalOf(await report(there))).toEqual(UNKNOWN);
    await call(vault, 'POST', `/tenants/acme/apps/${id}/disable`, { reason: 'x' });
    expect(refusalOf(await report(there))).toEqual([401, 'token disabled']);
  });

  it('needs no limit, and counts in none', async () => {
    const limited = await addApp(vault, 'acme', { max_daily_requests: 1 });
    const by = new Reporter(vault, limited.token);
    const { reply } = await by.fetchAndReport('openai', 'ok');
    expect(reply.status).toBe(202);
    expect(refusalOf(await by.next('openai'))).toEqual([429, 'app daily limit reached']);
  });

  it.each([
    ['nothing', ''],
    ['no object', '[]'],
    ['null', 'null'],
    ['no JSON', '{"delivery_id"'],
    ['no outcome', { delivery_id: 'x' }],
    ['no delivery', { outcome: 'ok' }],
    ['an empty delivery', { delivery_id: '', outcome: 'ok' }],
    ['another outcome', { delivery_id: 'x', outcome: 'fine' }],
    ['a number for a delivery', { delivery_id: 1, outcome: 'ok' }],
    ['a status that is none', { delivery_id: 'x', outcome: 'ok', status: 42 }],
    ['a text for a status', { delivery_id: 'x', outcome: 'ok', status: '429' }],
    ['a negative wait', { delivery_id: 'x', outcome: 'ok', retry_after_seconds: -1 }],
    ['half a second', { delivery_id: 'x', outcome: 'ok', retry_after_seconds: 0.5 }],
    ['an unknown member', { delivery_id: 'x', outcome: 'ok', token: 'krc_secret' }],
    ['the name of a prototype', '{"delivery_id":"x","outcome":"ok","__proto__":{"a":1}}'],
    ['a member twice', '{"delivery_id":"x","outcome":"ok","outcome":"error"}'],
    ['6,000 brackets', '['.repeat(3_000) + ']'.repeat(3_000)],
    ['1 MiB', `"${'x'.repeat(1_048_576)}"`],
    ['4,097 bytes', '{"delivery_id":"x","outcome":"ok"}'.padEnd(4_097)],
  ])('with %s is refused', async (_what, body) => {
    const reply = await client.report(body);
    expect(refusalOf(reply)).toEqual(INVALID);
    expect(reply.body.detail).toMatch(/\.$/);
    expect(reply.text).not.toContain('krc_secret');
  });

  it.each([
    [{ status: 9_999 }, 'status must be from 100 to 599.'],
    [{ status: 99 }, 'status must be from 100 to 599.'],
    [{ status: 429.5 }, 'status must be a whole number.'],
    [{ retry_after_seconds: -5 }, 'retry_after_seconds must be 0 or more.'],
    [{ retry_after_seconds: '5' }, 'retry_after_seconds must be a whole number.'],
  ])('with %j is told what it takes', async (wrong, detail) => {
    const reply = await client.report({ delivery_id: 'x', outcome: 'ok', ...wrong });
    expect(reply.body.detail).toBe(detail);
  });

  it('has up to 4,096 bytes', async () => {
    const body = JSON.stringify({ delivery_id: deliveryId, outcome: 'ok' });
    expect((await client.report(body.padEnd(4_096))).status).toBe(202);
  });

  it('is JSON in UTF-8 by its type and by its bytes', async () => {
    const body = JSON.stringify({ delivery_id: deliveryId, outcome: 'ok' });
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonl'])
      expect(refusalOf(await client.report(body, { 'content-type': type }))).toEqual(INVALID);
    expect(refusalOf(await client.report(body, { 'content-encoding': 'gzip' }))).toEqual(INVALID);
    const raw = await exchange(vault.url, post(`{"delivery_id":"\xff","outcome":"ok"}`));
    expect([raw.status, raw.body.detail]).toEqual([400, 'The body is not UTF-8.']);
    const type = { 'content-type': 'Application/JSON; charset=utf-8' };
    expect((await client.report(body, type)).status).toBe(202);
  });

  it('that breaks off is recorded by nobody', async () => {
    const whole = post(JSON.stringify({ delivery_id: deliveryId, outcome: 'rate_limited' }));
    const connection = await RawConnection.open(vault.url);
    connection.send(whole.slice(0, -5)).destroy();
    await connection.closed;
    expect((await client.report({ delivery_id: deliveryId, outcome: 'ok' })).status).toBe(202);
  });

  function post(body: string): string {
    return [
      'POST /api/report HTTP/1.1',
      'Host: vault.test',
      'Connection: close',
      `Authorization: Bearer ${token}`,
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n');
  }

  it.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])('%s is no way to send one', async (method) => {
    const { status, headers } = await vault.request('/api/report', { method });
    expect([status, headers.get('allow')]).toEqual([405, 'POST']);
  });
});

describe('what is nobody else may know', () => {
  it('the deliveries of others, masked ones, old ones and those that never were are answered alike', async () => {
    const rival = await addTenant(vault, 'neighbour');
    await addService(vault, 'neighbour', { slug: 'openai' });
    const another = new Reporter(vault, (await addApp(vault, 'acme')).token);
    const { body: masked } = await vault.next('service=openai&mask=1', { token });
    const demo = await addTenant(vault, 'shown', { demo: true });
    await addService(vault, 'shown', { slug: 'openai' });
    const shown = new Reporter(vault, demo);
    const mine = await delivered();
    const its = await delivered(app);
    const cases: [Reporter, string][] = [
      [client, its],
      [app, mine],
      [another, its],
      [new Reporter(vault, rival), mine],
      [client, masked.meta.delivery_id],
      [shown, await delivered(shown)],
      [client, mine.toLowerCase()],
      [client, `${mine} `],
      [client, `${mine.slice(0, -1)}\0`],
      [client, '01JQ2V6Z8M4T5N7P9R0S1T2V3W'],
      [client, 'x'],
      [client, '7ZZZZZZZZZZZZZZZZZZZZZZZZZ'],
      [client, "' OR 1=1 --"],
      [client, '\ud800'],
    ];
    const answers = new Set<string>();
    for (const [by, delivery_id] of cases) {
      const { status, text, headers } = await by.report({ delivery_id, outcome: 'rate_limited' });
      const names = [...headers.keys()].filter((name) => name !== 'date').join();
      answers.add(`${status} ${names} ${text.replace(/req_[\w-]+/, '')}`);
    }
    expect([...answers]).toEqual([expect.stringMatching(/^404 .*unknown delivery/)]);
    for (const [by, delivery_id] of [
      [client, mine],
      [app, its],
    ] as const)
      expect((await by.report({ delivery_id, outcome: 'ok' })).status).toBe(202);
  });

  it('a delivery is reported on for 24 hours, and not for a millisecond longer', async () => {
    const [one, other] = [await delivered(), await delivered()];
    vault.advance(DAY_MS);
    expect((await client.report({ delivery_id: one, outcome: 'ok' })).status).toBe(202);
    vault.advance(1);
    expect(refusalOf(await client.report({ delivery_id: other, outcome: 'ok' }))).toEqual(UNKNOWN);
    const rows = () => vault.engine.read.selectFrom('reports').select('delivery_id').execute();
    vault.advance(3_600_000);
    const never = new AbortController().signal;
    await prune(vault.jobs.vault, { days: 30, deliveries: null }, vault.engine.time(), never);
    expect(await rows()).toEqual([]);
  });

  it('refusals of known callers are counted with the reason', async () => {
    await client.report({ delivery_id: 'x', outcome: 'ok' });
    await vault.jobs.refusals.flush(vault.jobs.vault);
    const sums = await vault.engine.read.selectFrom('refusals').select(['reason', 'count']).execute();
    expect(sums.map(({ reason }) => reason)).toContain('unknown delivery');
  });
});

describe('an app that signs its requests', () => {
  const target = '/api/report';
  let secret: string;
  let signing: string;

  beforeAll(async () => {
    const members = { name: 'signing', services: 'all', require_signature: true };
    const { body } = await vault.admin('POST', '/tenants/acme/apps', members);
    secret = body.signing_secret;
    signing = body.app_token;
  });

  const seconds = () => Math.floor(vault.clock.wall() / 1_000);

  async function signedDelivery(): Promise<string> {
    const at = '/api/next?service=openai';
    const headers = { authorization: `Bearer ${signing}`, ...sign({ secret, timestamp: seconds() }) };
    return (await vault.request(at, { headers })).body.meta.delivery_id;
  }

  it('signs the body of a report, and the nonce is spent with it', async () => {
    const by = new Reporter(vault, signing);
    const deliveryId = await signedDelivery();
    const body = JSON.stringify({ delivery_id: deliveryId, outcome: 'ok' });
    const signed = sign({ secret, timestamp: seconds(), method: 'POST', target, body });
    const other = JSON.stringify({ delivery_id: deliveryId, outcome: 'rate_limited' });
    const INVALID_SIGNATURE = [403, 'invalid signature'];
    expect(refusalOf(await by.report(body))).toEqual(INVALID_SIGNATURE);
    expect(refusalOf(await by.report(other, signed))).toEqual(INVALID_SIGNATURE);
    const get = sign({ secret, timestamp: seconds(), target, body });
    expect(refusalOf(await by.report(body, get))).toEqual(INVALID_SIGNATURE);
    // What was refused for another reason has not spent its nonce.
    const unknown = JSON.stringify({ delivery_id: 'x', outcome: 'ok' });
    const first = sign({ secret, timestamp: seconds(), method: 'POST', target, body: unknown });
    for (let times = 0; times < 2; times++)
      expect(refusalOf(await by.report(unknown, first))).toEqual(UNKNOWN);
    const replies = await Promise.all(Array.from({ length: 8 }, () => by.report(body, signed)));
    const statuses = replies.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([202, 403, 403, 403, 403, 403, 403, 403]);
  });
});
