import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACME, type Acme, startAcme } from '../../support/acme.ts';
import { dataOf, inAcme } from '../../support/admin-client.ts';

const HOOKS = '/admin/v1/tenants/{tenant}/webhooks';
let acme: Acme;

beforeAll(async () => {
  acme = await startAcme({ env: { KEYROTATOR_WEBHOOK_ALLOWED_ADDRESSES: '127.0.0.1' } });
});
afterAll(() => acme.vault.stop());

describe('a webhook', () => {
  it.each([
    [{ events: ['*'] }, '/url'],
    [{ url: 'https://hooks.example.com/' }, '/events'],
    [{ url: 'https://hooks.example.com/', events: [] }, '/events'],
    [{ url: 'https://hooks.example.com/', events: ['*', '*'] }, '/events'],
    [{ url: 'https://hooks.example.com/', events: ['*', 'key.lost'] }, '/events/1'],
    [{ url: 'https://hooks.example.com/', events: ['*'], secret: 'whsec_mine' }, '/secret'],
    [{ url: 'https://hooks.example.com/', events: ['*'], enabled: 'yes' }, '/enabled'],
    [{ url: 'http://hooks.example.com@127.0.0.1/', events: ['*'] }, '/url'],
    [{ url: 'https://169.254.169.254/latest', events: ['*'] }, '/url'],
    [{ url: 'https://[::ffff:a9fe:a9fe]/', events: ['*'] }, '/url'],
    [{ url: 'https://10.1/', events: ['*'] }, '/url'],
    [{ url: 'hooks.example.com', events: ['*'] }, '/url'],
    [{ url: 'https://hooks.example.com/#part', events: ['*'] }, '/url'],
    [{ url: `https://hooks.example.com/${'a'.repeat(2048)}`, events: ['*'] }, '/url'],
  ])('is not made of %j', async (body, pointer) => {
    const reply = await acme.vault.admin('POST', `${ACME}/webhooks`, body);
    expect(reply.status).toBe(422);
    expect(reply.body.errors.map((each: { pointer: string }) => each.pointer)).toEqual([pointer]);
    expect((await dataOf(acme.client.GET(HOOKS, inAcme()))).data).toEqual([]);
  });
});
