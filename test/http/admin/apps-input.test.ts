import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACME, type Acme, startAcme } from '../../support/acme.ts';
import { dataOf, inAcme, made } from '../../support/admin-client.ts';

const APPS = '/admin/v1/tenants/{tenant}/apps';
const APP = '/admin/v1/tenants/{tenant}/apps/{id}';
const SERVICES = '/admin/v1/tenants/{tenant}/services';
/** For requests that the document forbids. */
const RAW = `${ACME}/apps`;
let acme: Acme;

beforeAll(async () => {
  acme = await startAcme();
  for (const slug of ['openai', 'mail']) await acme.service({ slug });
  const params = { path: { tenant: 'rival' } };
  await made(acme.client.POST(SERVICES, { params, body: { slug: 'rivals-own' } }));
});
afterAll(() => acme.vault.stop());

const pointers = (reply: { body: { errors: { pointer: string }[] } }) =>
  reply.body.errors.map(({ pointer }) => pointer);

describe('a new app', () => {
  it.each([
    [{}, '/name'],
    [{ name: '' }, '/name'],
    [{ name: 'a\u001b[31m' }, '/name'],
    [{ name: 'A', tenant_id: 2 }, '/tenant_id'],
    [{ name: 'A', groups: ['Not A Slug'] }, '/groups/0'],
    [{ name: 'A', services: 'some' }, '/services'],
    [{ name: 'A', services: ['mail', 'nowhere'] }, '/services/1'],
    [{ name: 'A', services: ['mail', 'openai', 'rivals-own'] }, '/services/2'],
    [{ name: 'A', allowed_ips: ['10.0.0.1/8'] }, '/allowed_ips/0'],
    [{ name: 'A', denied_ips: ['10.0.0.0/8', 'fe80::1%eth0'] }, '/denied_ips/1'],
    [{ name: 'A', max_daily_requests: 0 }, '/max_daily_requests'],
    [{ name: 'A', max_daily_requests: '10' }, '/max_daily_requests'],
    [{ name: 'A', rate_limit: 60 }, '/rate_limit'],
    [{ name: 'A', rate_limit: { per_minute: 0 } }, '/rate_limit/per_minute'],
    [{ name: 'A', rate_limit: { per_minute: -1 } }, '/rate_limit/per_minute'],
    [{ name: 'A', rate_limit: { per_hour: 1.5 } }, '/rate_limit/per_hour'],
    [{ name: 'A', rate_limit: { per_hour: 1_000_000_001 } }, '/rate_limit/per_hour'],
    [{ name: 'A', rate_limit: { per_second: '9' } }, '/rate_limit/per_second'],
    [{ name: 'A', rate_limit: { per_second: 100_001 } }, '/rate_limit/per_second'],
    [{ name: 'A', rate_limit: { per_second: 1, burst: 1_000_001 } }, '/rate_limit/burst'],
    [{ name: 'A', rate_limit: { per_minute: 1, burst: 5 } }, '/rate_limit/burst'],
    [{ name: 'A', rate_limit: { per_day: 5 } }, '/rate_limit/per_day'],
    [{ name: 'A', expires_at: 'tomorrow' }, '/expires_at'],
    [{ name: 'A', expires_at: '2026-02-01T00:00:00Z' }, '/expires_at'],
    [{ name: 'A', enabled: 1 }, '/enabled'],
  ])('is not made of %j, and the answer points at what is wrong', async (body, pointer) => {
    const reply = await acme.vault.admin('POST', RAW, body);
    expect(reply.status).toBe(422);
    expect(pointers(reply)).toEqual([pointer]);
    expect((await dataOf(acme.client.GET(APPS, inAcme()))).data).toEqual([]);
    expect((await acme.audit()).map(({ type }) => type)).not.toContain('app.created');
  });
});

describe('an app', () => {
  let id: number;
  beforeAll(async () => {
    ({ id } = await made(
      acme.client.POST(APPS, { ...inAcme(), body: { name: 'Checkout', services: 'all' } }),
    ));
  });

  it.each([
    [{ id: 9 }, '/id'],
    [{ name: null }, '/name'],
    [{ services: ['nowhere'] }, '/services/0'],
    [{ expires_at: '2020-01-01T00:00:00Z' }, '/expires_at'],
    [{ token_prefix: 'kra_' }, '/token_prefix'],
  ])('is not changed by %j', async (patch, pointer) => {
    const show = () => dataOf(acme.client.GET(APP, inAcme({ id })));
    const before = await show();
    const reply = await acme.vault.admin('PATCH', `${RAW}/${id}`, { description: 'half done', ...patch });
    expect(reply.status).toBe(422);
    expect(pointers(reply)).toEqual([pointer]);
    expect(await show()).toEqual(before);
  });
});
