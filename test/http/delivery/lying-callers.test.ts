/** What one app that lies in its reports can do to the others that use the service, and what it cannot. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addApp, addService, addTenant, call } from '../../support/furnish.ts';
import { Reporter, TRUSTING } from '../../support/reporter.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const HOUR = 3_600_000;
const YEAR = 365 * 86_400_000;
let vault: TestVault;
let honest: Reporter;
let liars: [Reporter, Reporter];

beforeAll(async () => {
  vault = await startVault({ env: TRUSTING });
  honest = new Reporter(vault, await addTenant(vault, 'acme'), '198.51.100.1');
  const { token } = await addApp(vault, 'acme', { name: 'liar' });
  liars = [new Reporter(vault, token, '203.0.113.1'), new Reporter(vault, token, '203.0.113.2')];
});
afterAll(() => vault.stop());

const statesOf = async (service: string): Promise<string[]> =>
  (await call(vault, 'GET', `/tenants/acme/services/${service}/keys`)).data.map(
    ({ state }: { state: string }) => state,
  );

it('it quarantines no key that the client token has never got, while that uses the service', async () => {
  await addService(vault, 'acme', { slug: 'never-held', policy: 'manual' }, [{}, {}, {}]);
  expect((await honest.next('never-held')).status).toBe(200);
  await liars[0].fetchAndReport('never-held', 'rate_limited', { retry_after_seconds: 3600 });
  for (let round = 0; round < 2; round++)
    for (const liar of liars) await liar.fetchAndReport('never-held', 'unauthorized');
  expect(await statesOf('never-held')).toEqual(['cooling', 'standby', 'standby']);
});

it('it leaves the others a key half of the time, however many there are and however often it reports', async () => {
  await addService(vault, 'acme', { slug: 'held-down' }, [{ bucket: 'one' }, { bucket: 'one' }, {}]);
  expect((await honest.next('held-down')).status).toBe(200);
  let served = 0;
  const steps = 120;
  for (let step = 0; step < steps; step++) {
    for (;;) {
      const { status, body } = await liars[0].next('held-down');
      if (status !== 200) break;
      const about = { delivery_id: body.meta.delivery_id, outcome: 'rate_limited' };
      const { body: key } = await liars[0].report({ ...about, retry_after_seconds: 3600 });
      if (key.state !== 'cooling') break;
    }
    if ((await honest.next('held-down')).status === 200) served++;
    vault.advance(30_000);
  }
  expect(served / steps).toBeGreaterThanOrEqual(0.48);
});

it('a key that is the last of a single caller cools for as long as the provider says', async () => {
  const token = await addTenant(vault, 'lone');
  await addService(vault, 'lone', { slug: 'openai' }, [{}]);
  const lone = new Reporter(vault, token, '198.51.100.9');
  await lone.fetchAndReport('openai', 'rate_limited', { retry_after_seconds: 3600 });
  const { status, headers } = await lone.next('openai');
  expect([status, headers.get('retry-after')]).toEqual([503, '3600']);
});

it('a clock that was ahead for a moment silences none of the events that tell of it', async () => {
  await addService(vault, 'acme', { slug: 'ahead' }, [{}]);
  const refuse = async () => {
    for (const by of [honest, ...liars]) await by.fetchAndReport('ahead', 'unauthorized');
  };
  const told = async () => {
    const rows = await vault.engine.read.selectFrom('outbox').select(['type', 'data']).execute();
    return rows.filter(({ type, data }) => type === 'service.last_key' && data.includes('"ahead"')).length;
  };
  vault.stepWall(YEAR);
  await refuse();
  vault.stepWall(-YEAR);
  expect(await told()).toBe(1);
  await refuse();
  expect(await told()).toBe(1);
  vault.advance(HOUR);
  await refuse();
  expect(await told()).toBe(2);
});
