/** What a signed request has to carry: its signature, its timestamp and its nonce. Each test has an app of its own. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { exchange, get } from '../../support/raw-http.ts';
import type { Signing } from '../../support/sign-request.ts';
import {
  askWith,
  makeSignedApp,
  outcomeOf,
  REFUSED,
  type SignedApp,
  secondsOf,
  signedFields,
  startSigningVault,
  TARGET,
} from '../../support/signed-app.ts';
import type { TestVault } from '../../support/start-vault.ts';

let vault: TestVault;
let app: SignedApp;

beforeAll(async () => {
  vault = await startSigningVault();
});
beforeEach(async () => {
  app = await makeSignedApp(vault);
});
afterAll(() => vault.stop());

const fields = (signing: Partial<Signing> = {}) => signedFields(vault, app, signing);
const ask = (headers: Record<string, string>, target = TARGET, token = app.app_token) =>
  askWith(vault, token, headers, target);

async function usedToday(): Promise<number> {
  return (await vault.admin('GET', '/tenants/acme/services/openai')).body.usage_today;
}

it('a signed request gets the key, at either path and with the token in the query, too', async () => {
  expect(await ask(fields())).toBe('delivered');
  const php = '/api/next.php?service=openai';
  expect(await ask(fields({ target: php }), php)).toBe('delivered');
  const inQuery = `${php}&app_token=${app.app_token}&mask=1`;
  const reply = await exchange(vault.url, get(inQuery, fields({ target: inQuery })));
  expect([reply.status, reply.body.masked]).toEqual([200, true]);
});

it('a token alone gets nothing, nor does a request that lacks a field', async () => {
  const before = await usedToday();
  expect(await ask({})).toBe(REFUSED);
  for (const name of ['X-Timestamp', 'X-Nonce', 'X-Signature']) {
    const { [name]: _, ...rest } = fields();
    expect(await ask(rest)).toBe(REFUSED);
  }
  expect(await usedToday()).toBe(before);
});

it('apps that want no signature, and client tokens, are served whatever stands in those fields', async () => {
  const other = await makeSignedApp(vault, { require_signature: false });
  expect(other).not.toHaveProperty('signing_secret');
  for (const headers of [{}, fields(), { 'X-Signature': 'v1=x', 'X-Nonce': '' }])
    expect(await ask(headers, TARGET, other.app_token)).toBe('delivered');
  const again = fields();
  expect(await ask(again, TARGET, other.app_token)).toBe('delivered');
  expect(await ask(again, TARGET, other.app_token)).toBe('delivered');
});

describe('a signature', () => {
  it.each<[string, Partial<Signing>]>([
    ['with another secret', { secret: 'krs_another' }],
    ['over another method', { method: 'POST' }],
    ['over another path', { target: '/api/next.php?service=openai' }],
    ['over another query', { target: '/api/next?service=openai2' }],
    ['over one more parameter', { target: '/api/next?service=openai&mask=1' }],
    ['over the path alone', { target: '/api/next' }],
    ['over another body', { body: 'x' }],
  ])('%s is refused', async (_what, signing) => {
    expect(await ask(fields(signing))).toBe(REFUSED);
  });

  it.each(['X-Timestamp', 'X-Nonce'])('over another %s is refused', async (name) => {
    const other = name === 'X-Nonce' ? '0123456789abcdef' : String(secondsOf(vault) - 1);
    expect(await ask({ ...fields(), [name]: other })).toBe(REFUSED);
  });

  it('is of the target as it was sent, not as it is understood', async () => {
    const escaped = '/api/next?service=%6Fpenai&x=%C3%A9+y';
    expect(await ask(fields(), escaped)).toBe(REFUSED);
    expect(await ask(fields({ target: escaped.toLowerCase() }), escaped)).toBe(REFUSED);
    expect(await ask(fields({ target: escaped }), escaped)).toBe('delivered');
  });

  it('is of the body, where there is one', async () => {
    const send = async (body: string, headers: Record<string, string>) =>
      outcomeOf(
        await exchange(
          vault.url,
          get(TARGET, {
            Authorization: `Bearer ${app.app_token}`,
            'Content-Length': String(body.length),
            ...headers,
          }) + body,
        ),
      );
    expect(await send('a body', fields())).toBe(REFUSED);
    expect(await send('a body', fields({ body: 'another' }))).toBe(REFUSED);
    expect(await send('a body', fields({ body: 'a body' }))).toBe('delivered');
    expect(await send('', fields())).toBe('delivered');
    const large = 'x'.repeat(65_537);
    expect(await send(large, fields({ body: large }))).toBe(REFUSED);
  });

  it('may be in upper case, and is v1 and 64 digits, no more and no less', async () => {
    const { 'X-Signature': right, ...rest } = fields();
    const hex = (right as string).slice(3);
    for (const wrong of [
      hex,
      `v2=${hex}`,
      `V1=${hex}`,
      `v1=${hex.slice(2)}`,
      `v1=${hex}00`,
      `v1=${hex},v1=${hex}`,
      'v1=',
      `v1= ${hex}`,
      `v1=${hex.slice(1)}g`,
    ])
      expect(await ask({ ...rest, 'X-Signature': wrong })).toBe(REFUSED);
    expect(await ask({ ...rest, 'X-Signature': `v1=${hex.toUpperCase()}` })).toBe('delivered');
  });

  it.each(['X-Timestamp', 'X-Nonce', 'X-Signature'])('with two %s is refused', async (name) => {
    const signed = fields();
    const headers = { Authorization: `Bearer ${app.app_token}`, ...signed };
    const request = get(TARGET, headers);
    const line = `${name}: ${signed[name]}\r\n`;
    expect(request).toContain(line);
    expect(outcomeOf(await exchange(vault.url, request.replace(line, line + line)))).toBe(REFUSED);
    expect(outcomeOf(await exchange(vault.url, request))).toBe('delivered');
  });

  it('of another app is refused', async () => {
    const other = await makeSignedApp(vault);
    expect(await ask(fields({ secret: other.signing_secret }))).toBe(REFUSED);
  });
});

describe('a timestamp', () => {
  it.each([
    [-300, 'delivered'],
    [300, 'delivered'],
    [-301, REFUSED],
    [301, REFUSED],
  ])('that is %d s off: %s', async (off, expected) => {
    expect(await ask(fields({ timestamp: secondsOf(vault) + off }))).toBe(expected);
  });

  it.each(['', 'now', '1.5', '-1', '1e9', '0x10', '9'.repeat(13)])('is not %j', async (timestamp) => {
    expect(await ask(fields({ timestamp }))).toBe(REFUSED);
  });
});

describe('a nonce', () => {
  it.each([
    [15, REFUSED],
    [16, 'delivered'],
    [128, 'delivered'],
    [129, REFUSED],
  ])('of %d characters: %s', async (length, expected) => {
    expect(await ask(fields({ nonce: '~'.repeat(length) }))).toBe(expected);
  });

  it('is any visible characters', async () => {
    const visible = Array.from({ length: 94 }, (_, at) => String.fromCharCode(33 + at)).join('');
    expect(await ask(fields({ nonce: visible }))).toBe('delivered');
    expect(await ask(fields({ nonce: visible }))).toBe(REFUSED);
    expect(await ask(fields({ nonce: 'with a blank inside it' }))).toBe(REFUSED);
    expect(await ask(fields({ nonce: '0123456789abcdef\xe9' }))).toBe(REFUSED);
  });

  it('is served once, with whatever signature', async () => {
    const nonce = 'a-nonce-of-this-test';
    const before = await usedToday();
    expect(await ask(fields({ nonce }))).toBe('delivered');
    expect(await ask(fields({ nonce }))).toBe(REFUSED);
    expect(await ask(fields({ nonce, timestamp: secondsOf(vault) - 1 }))).toBe(REFUSED);
    const masked = `${TARGET}&mask=1`;
    expect(await ask(fields({ nonce, target: masked }), masked)).toBe(REFUSED);
    expect(await usedToday()).toBe(before + 1);
  });

  it('of one app says nothing about another', async () => {
    const nonce = 'a-nonce-of-this-test';
    const other = await makeSignedApp(vault);
    expect(await ask(fields({ nonce }))).toBe('delivered');
    expect(await ask(fields({ nonce, secret: other.signing_secret }), TARGET, other.app_token)).toBe(
      'delivered',
    );
  });

  it('that comes many times at once is served once', async () => {
    for (let round = 0; round < 5; round++) {
      const before = await usedToday();
      const nonce = `nonce-of-round-${round}`;
      const answers = await Promise.all(Array.from({ length: 40 }, () => ask(fields({ nonce }))));
      expect(answers.filter((answer) => answer === 'delivered')).toHaveLength(1);
      expect(answers.filter((answer) => answer === REFUSED)).toHaveLength(39);
      expect(await usedToday()).toBe(before + 1);
    }
  });
});
