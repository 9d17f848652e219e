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
