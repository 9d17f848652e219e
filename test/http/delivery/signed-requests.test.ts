/** Apps that want their requests signed: what is served, once, and what is not. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pruneNonces } from '../../../src/operations/upkeep/prune-nonces.ts';
import { exchange, get, type RawResponse } from '../../support/raw-http.ts';
import { type Signing, sign } from '../../support/sign-request.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const SECOND = 1_000;
const TARGET = '/api/next?service=openai';
const NEVER = new AbortController().signal;
let vault: TestVault;
let app: { id: number; app_token: string; signing_secret: string };

beforeEach(async () => {
  vault = await startVault();
  await vault.admin('POST', '/tenants', { slug: 'acme' });
  await vault.admin('POST', '/tenants/acme/services', { slug: 'openai' });
  const key = { label: 'one', key: 'sk-one-0123456789abcdefghij' };
  await vault.admin('POST', '/tenants/acme/services/openai/keys', key);
  app = await makeApp();
});

afterEach(() => vault.stop());

async function makeApp(members: object = {}): Promise<typeof app> {
  const body = { name: 'a', services: 'all', require_signature: true, ...members };
  const reply = await vault.admin('POST', '/tenants/acme/apps', body);
  expect(reply.status, reply.text).toBe(201);
  return reply.body;
}

const seconds = () => Math.floor(vault.clock.wall() / SECOND);

function outcomeOf({ status, body }: Pick<RawResponse, 'status' | 'body'>): string {
  return status === 200 ? 'delivered' : `${status} ${body.error}`;
}

const REFUSED = '403 invalid signature';

/** The fields of a request that is signed as it should be, but for what `signing` says. */
function fields(signing: Partial<Signing> = {}): Record<string, string> {
  return sign({ secret: app.signing_secret, timestamp: seconds(), ...signing });
}

async function ask(headers: Record<string, string>, target = TARGET, token = app.app_token): Promise<string> {
  return outcomeOf(await exchange(vault.url, get(target, { Authorization: `Bearer ${token}`, ...headers })));
}

async function patchApp(members: object) {
  return (await vault.admin('PATCH', `/tenants/acme/apps/${app.id}`, members)).body;
}

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
  expect(await ask({})).toBe(REFUSED);
  for (const name of ['X-Timestamp', 'X-Nonce', 'X-Signature']) {
    const { [name]: _, ...rest } = fields();
    expect(await ask(rest)).toBe(REFUSED);
  }
  expect(await usedToday()).toBe(0);
});

it('apps that want no signature, and client tokens, are served whatever stands in those fields', async () => {
  const other = await makeApp({ require_signature: false });
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
    const other = name === 'X-Nonce' ? '0123456789abcdef' : String(seconds() - 1);
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
    const other = await makeApp();
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
    expect(await ask(fields({ timestamp: seconds() + off }))).toBe(expected);
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
    expect(await ask(fields({ nonce }))).toBe('delivered');
    expect(await ask(fields({ nonce }))).toBe(REFUSED);
    expect(await ask(fields({ nonce, timestamp: seconds() - 1 }))).toBe(REFUSED);
    const masked = `${TARGET}&mask=1`;
    expect(await ask(fields({ nonce, target: masked }), masked)).toBe(REFUSED);
    expect(await usedToday()).toBe(1);
  });

  it('of one app says nothing about another', async () => {
    const nonce = 'a-nonce-of-this-test';
    const other = await makeApp();
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

  it('is not spent by what is refused for another reason', async () => {
    const nonce = 'a-nonce-of-this-test';
    await patchApp({ denied_ips: ['127.0.0.1'] });
    expect(await ask(fields({ nonce }))).toBe('403 ip not allowed');
    await patchApp({ denied_ips: [], services: [] });
    expect(await ask(fields({ nonce }))).toBe('403 service not allowed');
    await patchApp({ services: 'all' });
    await vault.admin('PATCH', '/tenants/acme/services/openai', { enabled: false });
    expect(await ask(fields({ nonce }))).toBe('503 service disabled');
    await vault.admin('PATCH', '/tenants/acme/services/openai', { enabled: true });
    expect(await ask(fields({ nonce, secret: 'another' }))).toBe(REFUSED);
    expect(await ask(fields({ nonce }))).toBe('delivered');
  });

  it('is not spent by a delivery that could not be recorded', async () => {
    const request = fields();
    const rename = (from: string, to: string) =>
      vault.engine.write('nothing', (unit) => unit.schema.alterTable(from).renameTo(to).execute());
    await rename('usage_counts', 'usage_counts_away');
    expect(await ask(request)).toBe('503 storage unavailable');
    await rename('usage_counts_away', 'usage_counts');
    await vi.waitFor(async () => expect(await ask(request)).toBe('delivered'), { timeout: 5_000 });
    expect(await ask(request)).toBe(REFUSED);
  });

  it('is remembered for 600 s, and then pruned', async () => {
    const nonce = 'a-nonce-of-this-test';
    const count = async () =>
      (await vault.engine.read.selectFrom('spent_nonces').select('nonce').execute()).length;
    const prune = () => pruneNonces(vault.jobs.vault, vault.engine.time(), NEVER);
    expect(await ask(fields({ nonce }))).toBe('delivered');
    vault.advance(599 * SECOND);
    await prune();
    expect(await count()).toBe(1);
    expect(await ask(fields({ nonce }))).toBe(REFUSED);
    vault.advance(SECOND);
    expect(await ask(fields({ nonce }))).toBe('delivered');
    vault.advance(600 * SECOND);
    await prune();
    expect(await count()).toBe(0);
  });

  it('is remembered by a vault that was started again', async () => {
    const replay = fields();
    expect(await ask(replay)).toBe('delivered');
    await vault.service.stop();
    const { folder, rootToken } = vault;
    vault = await startVault({ folder, env: { KEYROTATOR_ROOT_TOKEN: rootToken } });
    expect(await ask(replay)).toBe(REFUSED);
    expect(await ask(fields())).toBe('delivered');
  });
});

describe('a clock that jumps', () => {
  const prune = () => pruneNonces(vault.jobs.vault, vault.engine.time(), NEVER);

  it.each([
    ['back', -3_600],
    ['ahead', 3_600],
  ])('%s and returns reopens no nonce', async (_way, step) => {
    const replay = fields();
    expect(await ask(replay)).toBe('delivered');
    vault.stepWall(step * SECOND);
    expect(await ask(replay)).toBe(REFUSED);
    await prune();
    vault.stepWall(-step * SECOND);
    await prune();
    expect(await ask(replay)).toBe(REFUSED);
    expect(await ask(fields())).toBe('delivered');
  });

  it('ahead for a while reopens no nonce that was spent meanwhile, once the time has come', async () => {
    vault.stepWall(7_200 * SECOND);
    const early = fields();
    expect(await ask(early)).toBe('delivered');
    vault.stepWall(-7_200 * SECOND);
    expect(await ask(early)).toBe(REFUSED);
    vault.advance(7_000 * SECOND);
    await prune();
    vault.advance(200 * SECOND);
    expect(await ask(early)).toBe(REFUSED);
    expect(await ask(fields())).toBe('delivered');
  });
});

it('a secret that was replaced is valid on for its grace, and not a moment longer', async () => {
  const old = app.signing_secret;
  const path = `/tenants/acme/apps/${app.id}/rotate-signing-secret`;
  const { body } = await vault.admin('POST', path, { grace_seconds: 60 });
  expect(body.previous_valid_until).toBe('2026-03-01T12:01:00.000Z');
  expect(await ask(fields({ secret: body.signing_secret }))).toBe('delivered');
  expect(await ask(fields({ secret: old }))).toBe('delivered');
  const nonce = 'a-nonce-of-both-secrets';
  expect(await ask(fields({ secret: old, nonce }))).toBe('delivered');
  expect(await ask(fields({ secret: body.signing_secret, nonce }))).toBe(REFUSED);
  vault.advance(60 * SECOND - 1);
  expect(await ask(fields({ secret: old }))).toBe('delivered');
  vault.advance(1);
  expect(await ask(fields({ secret: old }))).toBe(REFUSED);
  expect(await ask(fields({ secret: body.signing_secret }))).toBe('delivered');
});

it('a signature is judged behind the other restrictions and before the service', async () => {
  await patchApp({ require_https: true });
  expect(await ask({})).toBe('403 https required');
  await patchApp({ require_https: false });
  const unknown = '/api/next?service=nobody';
  expect(await ask({}, unknown)).toBe(REFUSED);
  expect(await ask(fields({ target: unknown }), unknown)).toBe('404 unknown service');
});

it('a secret that was moved to another app signs nothing', async () => {
  const other = await makeApp();
  const { sealed_secret } = await vault.engine.read
    .selectFrom('signing_secrets')
    .select('sealed_secret')
    .where('app_id', '=', other.id)
    .executeTakeFirstOrThrow();
  await vault.engine.write({ tenantId: 1 }, (unit) =>
    unit.updateTable('signing_secrets').set({ sealed_secret }).where('app_id', '=', app.id).execute(),
  );
  expect(await ask(fields())).toBe(REFUSED);
  expect(await ask(fields({ secret: other.signing_secret }))).toBe(REFUSED);
});
