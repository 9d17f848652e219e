import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACME, type Acme, startAcme } from '../../support/acme.ts';
import { dataOf, inAcme } from '../../support/admin-client.ts';

const SERVICES = '/admin/v1/tenants/{tenant}/services';
let acme: Acme;

beforeAll(async () => {
  acme = await startAcme();
});
afterAll(() => acme.vault.stop());

const pointers = (reply: { body: { errors: { pointer: string }[] } }) =>
  reply.body.errors.map(({ pointer }) => pointer);

describe('a new service', () => {
  it.each([
    [{ slug: 'Open AI' }, '/slug'],
    [{ slug: 'x', name: '' }, '/name'],
    [{ slug: 'x', policy: 'random' }, '/policy'],
    [{ slug: 'x', policy: 'time' }, '/rotate_every_minutes'],
    [{ slug: 'x', policy: 'time', rotate_every_minutes: 0 }, '/rotate_every_minutes'],
    [{ slug: 'x', policy: 'time', rotate_every_minutes: 525_601 }, '/rotate_every_minutes'],
    [{ slug: 'x', policy: 'usage', rotate_every_minutes: 5 }, '/rotate_every_minutes'],
    [{ slug: 'x', timezone: '+02:00' }, '/timezone'],
    [{ slug: 'x', day_resets_at: '24:00' }, '/day_resets_at'],
    [{ slug: 'x', max_daily_requests: 0 }, '/max_daily_requests'],
    [{ slug: 'x', max_age_seconds: 86_401 }, '/max_age_seconds'],
    [{ slug: 'x', enabled: 1 }, '/enabled'],
    [{ slug: 'x', warn_at_percent: 0 }, '/warn_at_percent'],
    [{ slug: 'x', warn_at_percent: 101 }, '/warn_at_percent'],
    [{ slug: 'x', rotation_schedule: '* * * * *' }, '/rotation_schedule'],
    [{ slug: 'x', policy: 'time', rotation_schedule: '@daily' }, '/rotation_schedule'],
    [
      { slug: 'x', policy: 'time', rotation_schedule: `${'0,'.repeat(90_000)}0 * * * *` },
      '/rotation_schedule',
    ],
    [{ slug: 'x', policy: 'time', rotation_schedule: '0 3 30 2 *' }, '/rotation_schedule'],
    [{ slug: 'x', tenant_id: 1 }, '/tenant_id'],
  ])('is refused as %j, and nothing is made', async (members, pointer) => {
    const reply = await acme.vault.admin('POST', `${ACME}/services`, members);
    expect(reply.status).toBe(422);
    expect(pointers(reply)).toEqual([pointer]);
    expect((await dataOf(acme.client.GET(SERVICES, inAcme()))).data).toEqual([]);
  });
});

describe('changing a service', () => {
  beforeAll(async () => void (await acme.service({ slug: 'openai' })));

  it.each([
    [{ slug: 'other' }, '/slug'],
    [{ id: 7 }, '/id'],
    [{ name: null }, '/name'],
    [{ policy: 'time' }, '/rotate_every_minutes'],
    [{ rotate_every_minutes: 5 }, '/rotate_every_minutes'],
    [{ rotation_schedule: '0 3 * * *' }, '/rotation_schedule'],
  ])('by %j is refused', async (members, pointer) => {
    const before = await acme.show('openai');
    const reply = await acme.vault.admin('PATCH', `${ACME}/services/openai`, members);
    expect(reply.status).toBe(422);
    expect(pointers(reply)).toEqual([pointer]);
    expect(await acme.show('openai')).toEqual(before);
  });
});
