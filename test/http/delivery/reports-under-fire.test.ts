/**
 * Clients that fetch a key, call a provider with it and report what came of it, while the provider limits keys, revokes one
 * and fails; and an app that lies. The clock is moved by the test: what a client sees takes minutes and hours.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { recoverKeys } from '../../../src/operations/keys/recover-keys.ts';
import { addApp, addService, addTenant, call } from '../../support/furnish.ts';
import { Reporter, TRUSTING } from '../../support/reporter.ts';
import { startProvider } from '../../support/simulated-provider.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** A client tries so often within one call: after a 429 or a 401 of the provider it fetches again. */
const ATTEMPTS = 3;
let vault: TestVault;
let token: string;
let apps: string[];

beforeAll(async () => {
  vault = await startVault({ env: TRUSTING });
  token = await addTenant(vault, 'acme');
  apps = [];
  for (const name of ['one', 'two', 'liar']) apps.push((await addApp(vault, 'acme', { name })).token);
});
afterAll(() => vault.stop());

const recover = () => recoverKeys(vault.jobs.vault, vault.engine.time());
const statesOf = async (service: string): Promise<string[]> =>
  (await call(vault, 'GET', `/tenants/acme/services/${service}/keys`)).data.map(
    ({ state }: { state: string }) => state,
  );

async function changesOf(
  service: string,
): Promise<{ type: string; at: string; after: Record<string, string> }[]> {
  const rows = await vault.engine.read
    .selectFrom('audit_entries')
    .select(['type', 'at', 'after'])
    .where('target', 'like', `service:${service}/key:%`)
    .where('actor_kind', 'in', ['app', 'client_token'])
    .orderBy('id')
    .execute();
  return rows.map(({ type, at, after }) => ({
    type,
    at: new Date(at).toISOString(),
    after: JSON.parse(after ?? '{}'),
  }));
}

it('clients see 99.5 % success while a working key exists, through limits, a revoked key and an outage that costs no key', async () => {
  const keys = await addService(vault, 'acme', { slug: 'openai', policy: 'usage' }, Array(5).fill({}));
  const start = vault.clock.wall();
  const minutes = (count: number) => start + count * MINUTE;
  const provider = await startProvider({
    seed: 20_260_301,
    keys: keys.map(({ key }) => key),
    span: { from: start, until: minutes(5) },
    limited: { share: 0.5, longest: 30 },
    outage: { from: minutes(1.5), until: minutes(2) },
    revoked: { key: keys[2]?.key ?? '', from: minutes(2.5) },
    now: () => vault.clock.wall(),
  });
  const clients = [token, ...apps.slice(0, 2)].flatMap((each, at) => [
    new Reporter(vault, each, `203.0.113.${2 * at + 1}`),
    new Reporter(vault, each, `203.0.113.${2 * at + 2}`),
  ]);

  async function callOnce(client: Reporter): Promise<boolean> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const { status: delivered, body } = await client.next('openai');
      if (delivered !== 200) return false;
      const { status, retryAfter } = await provider.call(body.key);
      const outcome = { 200: 'ok', 429: 'rate_limited', 401: 'unauthorized' }[status] ?? 'error';
      const { delivery_id } = body.meta;
      const wait = retryAfter === null ? {} : { retry_after_seconds: retryAfter };
      const reported = await client.report({ delivery_id, outcome, status, ...wait });
      expect(reported.status).toBe(202);
      if (status === 200) return true;
      if (status >= 500) return false;
    }
    return false;
  }

  const calls = { made: 0, served: 0, withoutKey: 0 };
  while (vault.clock.wall() < minutes(5)) {
    const works = provider.serves();
    const served = (await Promise.all(clients.map(callOnce))).filter(Boolean).length;
    if (works) {
      calls.made += clients.length;
      calls.served += served;
    } else calls.withoutKey += clients.length;
    vault.advance(SECOND);
    await recover();
  }
  await provider.close();
  const success = calls.served / calls.made;
  console.log(
    `reports under fire: ${calls.served} of ${calls.made} calls served (${(100 * success).toFixed(2)} %), ${calls.withoutKey} more without any working key; the provider answered ${JSON.stringify(provider.answers)}`,
  );
  expect(provider.answers).toMatchObject({
    200: expect.any(Number),
    401: expect.any(Number),
    429: expect.any(Number),
    503: expect.any(Number),
  });
  expect(calls.made).toBeGreaterThan(1_500);
  expect(success).toBeGreaterThanOrEqual(0.995);

  vault.advance(HOUR);
  await recover();
  expect(await statesOf('openai')).toEqual(['active', 'active', 'quarantined', 'active', 'active']);
  const outage = { from: new Date(minutes(1.5)).toISOString(), until: new Date(minutes(2)).toISOString() };
  const changes = await changesOf('openai');
  expect(changes.filter(({ at }) => at > outage.from && at < outage.until)).toEqual([]);
  expect(changes.filter(({ type }) => type === 'key.quarantined')).toHaveLength(1);
}, 60_000);

it('an app that lies keeps no key from the others for longer than an hour at a time, and quarantines none', async () => {
  await addService(vault, 'acme', { slug: 'lied-about', policy: 'usage' }, Array(5).fill({}));
  const honest = [new Reporter(vault, token), new Reporter(vault, apps[0] ?? '', '203.0.113.2')];
  const liars = ['198.51.100.1', '198.51.100.2'].map((ip) => new Reporter(vault, apps[2] ?? '', ip));
  for (const client of honest) await client.next('lied-about');

  /** Everything that the liars get they report on, until they get nothing more. */
  async function lie(outcome: string, more: object, most: number): Promise<void> {
    for (let at = 0; at < most; at++) {
      const liar = liars[at % liars.length] as Reporter;
      const { status, body } = await liar.next('lied-about');
      if (status !== 200) return;
      await liar.report({ delivery_id: body.meta.delivery_id, outcome, ...more });
    }
  }

  // From one network, and then from two.
  for (const times of [20, 40]) await lie('unauthorized', { status: 401 }, times);
  expect(await statesOf('lied-about')).toEqual(Array(5).fill('active'));

  const away: number[] = [];
  for (let hour = 0; hour < 3; hour++) {
    const from = vault.clock.wall();
    await lie('rate_limited', { retry_after_seconds: 1_000_000 }, 20);
    for (;;) {
      const { status, headers } = await (honest[0] as Reporter).next('lied-about');
      if (status === 200) break;
      vault.advance(Number(headers.get('retry-after')) * SECOND);
    }
    away.push((vault.clock.wall() - from) / SECOND);
    await recover();
  }
  vault.advance(HOUR);
  await recover();
  // Saved up meanwhile, they are worth nothing.
  const saved: string[] = [];
  for (let at = 0; at < 10; at++)
    saved.push((await (liars[0] as Reporter).next('lied-about')).body.meta.delivery_id);
  await lie('rate_limited', { retry_after_seconds: 1 }, 20);
  vault.advance(2 * SECOND);
  for (const delivery_id of saved)
    await (liars[0] as Reporter).report({ delivery_id, outcome: 'rate_limited', retry_after_seconds: 3_600 });
  expect(await statesOf('lied-about')).toEqual(Array(5).fill('active'));

  console.log(`reports under fire: lied about, all keys were away for ${away.join(', ')} s at a time`);
  expect(Math.max(...away)).toBeLessThanOrEqual(3_600);
  for (const { at, after } of await changesOf('lied-about')) {
    expect(Date.parse(after.cooling_until ?? '') - Date.parse(at)).toBeLessThanOrEqual(HOUR);
  }
}, 60_000);
