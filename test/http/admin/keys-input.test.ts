import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACME, type Acme, startAcme } from '../../support/acme.ts';
import { dataOf, inAcme, refusalOf } from '../../support/admin-client.ts';

const KEYS = '/admin/v1/tenants/{tenant}/services/{service}/keys';
const KEY = '/admin/v1/tenants/{tenant}/services/{service}/keys/{id}';
/** For requests that the document forbids. */
const RAW = `${ACME}/services/s/keys`;
let acme: Acme;

beforeAll(async () => {
  acme = await startAcme();
  await acme.service({ slug: 's' });
});
afterAll(() => acme.vault.stop());

describe('a new key', () => {
  it.each([
    ['', 'must not be empty'],
    ['x'.repeat(4097), 'must be at most 4096 characters'],
    [' sk-abc', 'must not begin or end with whitespace or a line break'],
    ['sk-abc\n', 'must not begin or end with whitespace or a line break'],
    ['\ufeffsk-abc', 'must not begin or end with whitespace or a line break'],
    ['sk\u0000abc', 'must not hold control characters, line breaks or invisible characters'],
    ['sk\nabc', 'must not hold control characters, line breaks or invisible characters'],
    ['sk-abc\u200b', 'must not hold control characters, line breaks or invisible characters'],
    ['sk-\ud800abc', 'must not hold control characters, line breaks or invisible characters'],
    ['sk-\ufffd-abc', 'must be valid UTF-8: it holds a replacement character'],
  ])('like %j is refused with its reason', async (key, detail) => {
    const { status, errors } = await refusalOf(
      acme.client.POST(KEYS, { ...inAcme({ service: 's' }), body: { label: 'x', key } }),
    );
    expect(status).toBe(422);
    expect(errors).toEqual([{ pointer: '/key', detail }]);
    expect(await acme.keys('s')).toEqual([]);
  });

  it.each([
    [{ label: '' }, '/label'],
    [{ weight: 0 }, '/weight'],
    [{ weight: 1001 }, '/weight'],
    [{ weight: 1.5 }, '/weight'],
    [{ position: -1 }, '/position'],
    [{ max_daily_requests: 0 }, '/max_daily_requests'],
    [{ expires_at: 'tomorrow' }, '/expires_at'],
    [{ expires_at: '2026-03-01T12:00:00Z' }, '/expires_at'],
    [{ tags: { a: 1 } }, '/tags/a'],
    [{ bucket: '' }, '/bucket'],
    [{ bucket: 'a\nb' }, '/bucket'],
    [{ state: 'active' }, '/state'],
  ])('with %j is refused', async (members, pointer) => {
    const reply = await acme.vault.admin('POST', RAW, { label: 'x', key: 'sk-abc-0123456789', ...members });
    expect(reply.status).toBe(422);
    expect(reply.body.errors.map((each: { pointer: string }) => each.pointer)).toEqual([pointer]);
    expect(reply.body.errors[0].detail).not.toMatch(/expected|received|Too/);
    expect(await acme.keys('s')).toEqual([]);
  });
});

describe('a key', () => {
  let id: number;
  beforeAll(async () => {
    ({ id } = await acme.key('s', 'a'));
  });

  it.each([
    [{ tags: { a: 'x\u0007' } }, '/tags/a', 'must not hold control characters'],
    [{ tags: { '': 'x' } }, '/tags/', 'has a name that cannot be used: it must not be empty'],
    [{ bucket: 'a\u0000' }, '/bucket', 'must not hold control characters'],
    [{ max_daily_requests: 2e9 }, '/max_daily_requests', 'must be at most 1000000000, or null for no limit'],
    [{ max_daily_requests: 1.5 }, '/max_daily_requests', 'must be a whole number, or null for no limit'],
  ])('that is changed by %j stays as it was, and the answer says why', async (members, pointer, detail) => {
    const before = await dataOf(acme.client.GET(KEY, inAcme({ service: 's', id })));
    const reply = await acme.vault.admin('PATCH', `${RAW}/${id}`, members);
    expect([reply.status, reply.body.errors]).toEqual([422, [{ pointer, detail }]]);
    expect(await dataOf(acme.client.GET(KEY, inAcme({ service: 's', id })))).toEqual(before);
  });
});
