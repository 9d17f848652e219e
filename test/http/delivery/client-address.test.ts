import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addApp, addService, addTenant, call, refusalOf } from '../../support/furnish.ts';
import { exchange, getKey } from '../../support/raw-http.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const DENIED = [403, 'ip not allowed'];
const SERVED = [200, undefined];
const INSIDE = '203.0.113.7';

/** A vault with a tenant that is reached from anywhere, and one that is reached from 203.0.113.0/24 and one IPv6 block alone. */
async function furnish(env: NodeJS.ProcessEnv) {
  const vault = await startVault({ env });
  const open = await addTenant(vault, 'open');
  await addService(vault, 'open', { slug: 'openai' });
  const narrow = await addTenant(vault, 'narrow', {
    allowed_ips: ['203.0.113.0/24', '2001:db8:1::/48'],
    denied_ips: ['203.0.113.66'],
  });
  await addService(vault, 'narrow', { slug: 'openai' });
  return { vault, open, narrow };
}

async function lastAddress(vault: TestVault, tenant: string): Promise<string> {
  return (await call(vault, 'GET', `/tenants/${tenant}/services/openai/deliveries?limit=1`)).data[0].ip;
}

describe('on a direct connection', () => {
  let given: Awaited<ReturnType<typeof furnish>>;
  beforeAll(async () => {
    given = await furnish({});
  });
  afterAll(() => given.vault.stop());

  it.each([
    'x-forwarded-for',
    'forwarded',
    'x-real-ip',
    'client-ip',
    'true-client-ip',
    'cf-connecting-ip',
    'x-client-ip',
  ])('%s is ignored', async (name) => {
    const { vault, open, narrow } = given;
    const headers = { [name]: name === 'forwarded' ? `for=${INSIDE}` : INSIDE };
    expect(refusalOf(await vault.next('service=openai', { token: narrow, headers }))).toEqual(DENIED);
    expect(refusalOf(await vault.next('service=openai', { token: open, headers }))).toEqual(SERVED);
    expect(await lastAddress(vault, 'open')).toBe('127.0.0.1');
  });

  it.each([
    [['127.0.0.1'], [], SERVED],
    [['127.0.0.0/8'], [], SERVED],
    [['0.0.0.0/0'], [], SERVED],
    [['::ffff:127.0.0.1'], [], SERVED],
    [['::ffff:7f00:1'], [], SERVED],
    [['::1'], [], DENIED],
    [['::/0'], [], DENIED],
    [['127.0.0.2', '127.0.0.4/30'], [], DENIED],
    [[], ['::ffff:127.0.0.1'], DENIED],
    [[], ['::/0'], SERVED],
    [['127.0.0.1'], ['127.0.0.0/8'], DENIED],
  ])(
    'the lists allowed %j and denied %j go by the address of the socket',
    async (allowed_ips, denied_ips, expected) => {
      const { vault } = given;
      const app = await addApp(vault, 'open', { allowed_ips, denied_ips });
      expect(refusalOf(await vault.next('service=openai', { token: app.token }))).toEqual(expected);
    },
  );

  it("an app's list narrows the tenant's and never widens it", async () => {
    const { vault } = given;
    const app = await addApp(vault, 'narrow', { allowed_ips: ['127.0.0.1'] });
    expect(refusalOf(await vault.next('service=openai', { token: app.token }))).toEqual(DENIED);
  });
});

describe('behind a trusted proxy', () => {
  let given: Awaited<ReturnType<typeof furnish>>;
  beforeAll(async () => {
    given = await furnish({ KEYROTATOR_TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8, 2001:db8:ffff::/48' });
  });
  afterAll(() => given.vault.stop());

  const ask = (token: string, forwarded: string) =>
    given.vault.next('service=openai', { token, headers: { 'x-forwarded-for': forwarded } });

  it.each([
    [INSIDE, SERVED],
    [`198.51.100.1, ${INSIDE}`, SERVED],
    [`${INSIDE}, 10.1.2.3, 10.4.5.6`, SERVED],
    [`${INSIDE},\t 10.1.2.3 `, SERVED],
    [`::ffff:${INSIDE}`, SERVED],
    ['::ffff:cb00:7107', SERVED],
    ['2001:DB8:1::1', SERVED],
    ['2001:0db8:0001:0:0:0:0:1, 2001:db8:ffff::1', SERVED],
    [`nonsense, ${INSIDE}`, SERVED],
    [`${INSIDE}, 198.51.100.1`, DENIED],
    [`${INSIDE}, 198.51.100.1, 10.1.2.3`, DENIED],
    ['203.0.113.66', DENIED],
    ['::ffff:203.0.113.66', DENIED],
    ['10.1.2.3', DENIED],
    [`::${INSIDE}`, DENIED],
  ])('X-Forwarded-For: %s is read from the right, past what is trusted', async (forwarded, expected) => {
    expect(refusalOf(await ask(given.narrow, forwarded))).toEqual(expected);
  });

  it.each([
    '203.0.113.7:444',
    '203.0.113.07',
    '0313.0.113.7',
    '203.0.29191',
    '203.0.113',
    '3405803783',
    '0xcb007107',
    '[2001:db8:1::1]',
    '[2001:db8:1::1]:443',
    '2001:db8:1::1%eth0',
    'unknown',
    '_hidden',
    '',
    ' ',
    ',',
    `${INSIDE},`,
    `${INSIDE}, , 10.1.2.3`,
    `${INSIDE} 10.1.2.3`,
    `"${INSIDE}"`,
    'for=203.0.113.7',
    '203.0.113.7/32',
  ])(
    'an unreadable hop (%j) is denied wherever a list is set, and served where none is',
    async (forwarded) => {
      expect(refusalOf(await ask(given.narrow, forwarded))).toEqual(DENIED);
      expect(refusalOf(await ask(given.open, forwarded))).toEqual(SERVED);
      const app = await addApp(given.vault, 'open', { denied_ips: ['192.0.2.1'] });
      expect(refusalOf(await ask(app.token, forwarded))).toEqual(DENIED);
    },
  );

  it('several fields are one list, in the order of the fields, however many stand between them', async () => {
    const { vault, narrow } = given;
    const fields = (first: string, between: string, last: string) =>
      getKey('openai', narrow).replace(
        '\r\n\r\n',
        `\r\nX-Forwarded-For: ${first}\r\n${between}x-forwarded-for: ${last}\r\n\r\n`,
      );
    const crowd = (count: number) => 'a:\r\n'.repeat(count);
    expect(refusalOf(await exchange(vault.url, fields('198.51.100.1', '', INSIDE)))).toEqual(SERVED);
    expect(refusalOf(await exchange(vault.url, fields(INSIDE, '', '198.51.100.1')))).toEqual(DENIED);
    for (const count of [100, 990, 1_000, 1_100, 2_100, 3_000]) {
      const answer = await exchange(vault.url, fields(INSIDE, crowd(count), '198.51.100.1'));
      expect(refusalOf(answer), `${count} fields between`).toEqual(DENIED);
    }
  });

  it('the proxy itself is the client where it names none', async () => {
    const { vault, open, narrow } = given;
    expect(refusalOf(await vault.next('service=openai', { token: narrow }))).toEqual(DENIED);
    await vault.next('service=openai', { token: open });
    expect(await lastAddress(vault, 'open')).toBe('127.0.0.1');
  });

  it('the address on record is the one that was judged, in its canonical form', async () => {
    const { vault, open } = given;
    for (const [forwarded, address] of [
      [`9.9.9.9, ::ffff:${INSIDE}`, INSIDE],
      ['2001:0DB8:0:0::0001', '2001:db8::1'],
      ['nonsense', ''],
    ] as const) {
      await ask(open, forwarded);
      expect(await lastAddress(vault, 'open')).toBe(address);
    }
  });
});

describe('where the peer is no trusted proxy', () => {
  it('what it forwards is ignored', async () => {
    const { vault, open, narrow } = await furnish({ KEYROTATOR_TRUSTED_PROXIES: '10.0.0.0/8,127.0.0.2' });
    const headers = { 'x-forwarded-for': INSIDE };
    expect(refusalOf(await vault.next('service=openai', { token: narrow, headers }))).toEqual(DENIED);
    expect(refusalOf(await vault.next('service=openai', { token: open, headers }))).toEqual(SERVED);
    expect(await lastAddress(vault, 'open')).toBe('127.0.0.1');
    await vault.stop();
  });
});
