/** What a signed request spends, by the clock and over a restart, and what else is asked of it. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pruneNonces } from '../../../src/operations/upkeep/prune-nonces.ts';
import type { Signing } from '../../support/sign-request.ts';
import {
  askWith,
  makeSignedApp,
  REFUSED,
  type SignedApp,
  signedFields,
  startSigningVault,
  TARGET,
} from '../../support/signed-app.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const SECOND = 1_000;
const NEVER = new AbortController().signal;
let vault: TestVault;
let app: SignedApp;

beforeEach(async () => {
  vault = await startSigningVault();
  app = await makeSignedApp(vault);
});
afterEach(() => vault.stop());

const fields = (signing: Partial<Signing> = {}) => signedFields(vault, app, signing);
const ask = (headers: Record<string, string>, target = TARGET, token = app.app_token) =>
  askWith(vault, token, headers, target);

async function patchApp(members: object) {
  return (await vault.admin('PATCH', `/tenants/acme/apps/${app.id}`, members)).body;
}

describe('a nonce', () => {
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
  const other = await makeSignedApp(vault);
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
