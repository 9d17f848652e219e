import { describe, expect, it } from 'vitest';
import { formatToken } from '../../../src/domain/token-format.ts';
import {
  addApp,
  addService,
  addTenant,
  call,
  openFurnishedVault,
  openVault,
  refusalOf,
} from '../../support/furnish.ts';
import type { Reply, TestVault } from '../../support/start-vault.ts';

const INVALID = [403, 'invalid token'];
const MINUTE = 60_000;

/** What a client can tell two answers apart by. */
function visible({ status, headers, text, body }: Reply) {
  const own = new Set(['date', 'x-request-id']);
  return {
    status,
    headers: [...headers].filter(([name]) => !own.has(name)),
    text: text.replaceAll(body.request_id, 'r'.repeat(body.request_id.length)),
  };
}

/** Asks with a token that was there before; `waitMs` passes in between. */
async function statusAfter(vault: TestVault, token: string, waitMs: number): Promise<number> {
  vault.advance(waitMs);
  return (await vault.next('service=openai', { token })).status;
}

describe('a token that is none', () => {
  it('is refused alike whether it is mistyped, cut, made up or of another kind', async () => {
    const { vault, token } = await openFurnishedVault();
    const { token: appToken } = await addApp(vault, 'acme');
    const swapped = token.slice(0, -1) + (token.endsWith('0') ? '1' : '0');
    const made = [
      swapped,
      appToken.replace('kra_', 'krc_'),
      token.replace('krc_', 'kra_'),
      token.replace('krc_', 'KRC_'),
      token.slice(0, -1),
      `${token}0`,
      token.toLowerCase(),
      formatToken('client', Buffer.alloc(32, 1)),
      formatToken('app', Buffer.alloc(32, 1)),
      formatToken('admin', Buffer.alloc(32, 1)),
      vault.rootToken,
      'null',
      'undefined',
      '0',
    ];
    const answers = await Promise.all(made.map((each) => vault.next('service=openai', { token: each })));
    expect(answers.map(refusalOf)).toEqual(made.map(() => INVALID));
    const [first] = answers.map(({ body }) => ({ ...body, request_id: '' }));
    for (const { body } of answers) expect({ ...body, request_id: '' }).toStrictEqual(first);
    expect(refusalOf(await vault.next(`service=openai&token=%20${token}`))).toEqual(INVALID);
    expect((await vault.next('service=openai', { token })).status).toBe(200);
  });

  it('is refused though it shares all but its last bit with a valid one', async () => {
    const { vault } = await openFurnishedVault();
    const bytes = Buffer.alloc(32, 0xa5);
    const token = formatToken('client', bytes);
    await vault.engine.write({ tenantId: 1 }, (unit) =>
      unit
        .updateTable('tokens')
        .set({ digest: vault.jobs.vault.digests.ofToken(token) })
        .execute(),
    );
    expect((await vault.next('service=openai', { token })).status).toBe(200);
    bytes[31] = 0xa4;
    const near = formatToken('client', bytes);
    expect(near.slice(0, 40)).toBe(token.slice(0, 40));
    expect(refusalOf(await vault.next('service=openai', { token: near }))).toEqual(INVALID);
  });

  it('does nothing to the database, whatever it says in SQL', async () => {
    const { vault, token } = await openFurnishedVault();
    const long = "krc_' OR '1'='1' UNION SELECT 1,1,NULL FROM tokens --";
    for (const text of [
      "' OR 1=1 --",
      'krc_%',
      'krc_*',
      `${token}' --`,
      `${token}";DROP TABLE tokens;--`,
      long.padEnd(53, '-').slice(0, 53),
    ]) {
      expect(refusalOf(await vault.next(`service=openai&token=${encodeURIComponent(text)}`)), text).toEqual(
        INVALID,
      );
      expect(refusalOf(await vault.next(`service=${encodeURIComponent(text)}`, { token })), text).toEqual([
        404,
        'unknown service',
      ]);
    }
    expect((await vault.next('service=openai', { token })).status).toBe(200);
  });

  it('of a client or an app opens nothing in the administration', async () => {
    const { vault, token } = await openFurnishedVault();
    const { token: appToken } = await addApp(vault, 'acme');
    for (const each of [token, appToken]) {
      expect(refusalOf(await vault.admin('GET', '/whoami', undefined, each))).toEqual([401, 'unauthorized']);
    }
  });
});

describe("another tenant's service", () => {
  it('is, byte for byte, one that never existed, and hears of nothing', async () => {
    const { vault } = await openFurnishedVault();
    const other = await addTenant(vault, 'globex');
    const { token: otherApp } = await addApp(vault, 'globex');
    for (const token of [other, otherApp]) {
      const [theirs, nobodys] = [
        await vault.next('service=openai', { token }),
        await vault.next('service=nobody', { token }),
      ];
      expect(refusalOf(theirs)).toEqual([404, 'unknown service']);
      expect(visible(theirs)).toEqual(visible(nobodys));
    }
    await vault.jobs.refusals.flush(vault.jobs.vault);
    expect((await call(vault, 'GET', '/tenants/acme/services/openai')).usage_today).toBe(0);
    const total = async (slug: string) => (await call(vault, 'GET', `/tenants/${slug}/usage`)).total;
    expect(await total('acme')).toMatchObject({ deliveries: 0, refusals: 0 });
    expect(await total('globex')).toMatchObject({ deliveries: 0, refusals: 4 });
  });

  it('of the same name has keys and counts of its own', async () => {
    const { vault, token, keys } = await openFurnishedVault();
    const other = await addTenant(vault, 'globex');
    const otherKeys = await addService(vault, 'globex', { slug: 'openai' });
    const seen: unknown[] = [];
    for (const each of [token, other, other, token, other]) {
      const { body } = await vault.next('service=openai', { token: each });
      seen.push([body.key, body.meta.usage_today]);
    }
    const [ours, theirs] = [keys[0]?.key, otherKeys[0]?.key];
    expect(seen).toEqual([
      [ours, 1],
      [theirs, 1],
      [theirs, 2],
      [ours, 2],
      [theirs, 3],
    ]);
  });
});

describe('a rotated client token', () => {
  const rotate = (vault: TestVault, grace_seconds?: number) =>
    call(
      vault,
      'POST',
      '/tenants/acme/client-token/rotate',
      grace_seconds === undefined ? {} : { grace_seconds },
    );

  it('ends at once without a grace, beside a new one that serves', async () => {
    const { vault, token } = await openFurnishedVault();
    await vault.next('service=openai', { token });
    const { client_token } = await rotate(vault);
    expect(refusalOf(await vault.next('service=openai', { token }))).toEqual(INVALID);
    expect((await vault.next('service=openai', { token: client_token })).status).toBe(200);
    expect(refusalOf(await vault.next(`service=openai&token=${token}`))).toEqual(INVALID);
  });

  it('serves until its grace is over, and not a moment after', async () => {
    const { vault, token } = await openFurnishedVault({ at: '2026-03-01T12:00:00Z' });
    const { client_token, previous_valid_until } = await rotate(vault, 60);
    expect(previous_valid_until).toBe('2026-03-01T12:01:00.000Z');
    expect(await statusAfter(vault, token, 0)).toBe(200);
    expect(await statusAfter(vault, token, MINUTE - 1)).toBe(200);
    expect(await statusAfter(vault, token, 1)).toBe(403);
    expect(await statusAfter(vault, client_token, 0)).toBe(200);
    expect(await statusAfter(vault, client_token, 365 * 86_400_000)).toBe(200);
  });

  it('has no longer a grace because the next one was rotated too', async () => {
    const { vault, token } = await openFurnishedVault();
    const second = (await rotate(vault, 60)).client_token;
    vault.advance(30_000);
    const third = (await rotate(vault, 3600)).client_token;
    expect(await statusAfter(vault, token, 30_000 - 1)).toBe(200);
    expect(await statusAfter(vault, token, 1)).toBe(403);
    expect(await statusAfter(vault, second, 0)).toBe(200);
    expect((await rotate(vault, 0)).previous_valid_until).toBeDefined();
    expect(await statusAfter(vault, second, 0)).toBe(403);
    expect(await statusAfter(vault, third, 0)).toBe(403);
  });
});

describe("an app's token", () => {
  it('is rotated as a client token is, and leaves those of the others alone', async () => {
    const { vault, token } = await openFurnishedVault();
    const [app, other] = [await addApp(vault, 'acme'), await addApp(vault, 'acme')];
    const rotate = (grace_seconds: number) =>
      call(vault, 'POST', `/tenants/acme/apps/${app.id}/rotate-token`, { grace_seconds });
    const second = (await rotate(60)).app_token;
    expect(await statusAfter(vault, app.token, MINUTE - 1)).toBe(200);
    expect(await statusAfter(vault, app.token, 1)).toBe(403);
    expect(await statusAfter(vault, second, 0)).toBe(200);
    const third = (await rotate(0)).app_token;
    expect(await statusAfter(vault, second, 0)).toBe(403);
    for (const each of [third, other.token, token]) expect(await statusAfter(vault, each, 0)).toBe(200);
  });

  it('ends with the app, and with the tenant', async () => {
    const vault = await openVault();
    await addTenant(vault, 'acme');
    await addService(vault, 'acme', { slug: 'openai' });
    const [app, other] = [await addApp(vault, 'acme'), await addApp(vault, 'acme')];
    expect(await statusAfter(vault, app.token, 0)).toBe(200);
    await call(vault, 'DELETE', `/tenants/acme/apps/${app.id}`);
    expect(refusalOf(await vault.next('service=openai', { token: app.token }))).toEqual(INVALID);
    expect(await statusAfter(vault, other.token, 0)).toBe(200);
    await call(vault, 'DELETE', '/tenants/acme?confirm=acme');
    expect(refusalOf(await vault.next('service=openai', { token: other.token }))).toEqual(INVALID);
    await addTenant(vault, 'acme');
    expect(refusalOf(await vault.next('service=openai', { token: other.token }))).toEqual(INVALID);
  });

  it('serves again when the expiry of the app is put off', async () => {
    const { vault } = await openFurnishedVault({ at: '2026-03-01T12:00:00Z' });
    const app = await addApp(vault, 'acme', { expires_at: '2026-03-01T14:00:00+01:00' });
    expect(await statusAfter(vault, app.token, 60 * MINUTE - 1)).toBe(200);
    expect(await statusAfter(vault, app.token, 1)).toBe(401);
    await call(vault, 'PATCH', `/tenants/acme/apps/${app.id}`, { expires_at: null });
    expect(await statusAfter(vault, app.token, 0)).toBe(200);
  });
});
