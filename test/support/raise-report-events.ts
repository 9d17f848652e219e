/** Raises the events that reports make, each in a real way, in the tenant `acme` of a vault that was started with `TRUSTING`. */
import { recoverKeys } from '../../src/operations/keys/recover-keys.ts';
import { Reporter } from './reporter.ts';
import type { TestVault } from './start-vault.ts';

export async function raiseReportEvents(vault: TestVault, token: string): Promise<void> {
  const make = async (path: string, body: object) => (await vault.admin('POST', path, body)).body;
  await make('/tenants/acme/services', { slug: 'reported', policy: 'usage' });
  for (const label of ['one', 'two'])
    await make('/tenants/acme/services/reported/keys', { label, key: `sk-${label}-0123456789abcdef` });
  const { app_token } = await make('/tenants/acme/apps', { name: 'reporting', services: 'all' });
  const here = new Reporter(vault, token, '203.0.113.1');
  const there = new Reporter(vault, app_token, '203.0.113.2');
  // The two keys come in turn, so that each is refused by both: the first is quarantined, and the last one stays.
  for (const client of [here, there, there, here, here, there])
    await client.fetchAndReport('reported', 'unauthorized');
  // One alone.
  await make('/tenants/acme/services', { slug: 'refused' });
  await make('/tenants/acme/services/refused/keys', { label: 'one', key: 'sk-refused-0123456789abcdef' });
  for (let times = 0; times < 3; times++) await here.fetchAndReport('refused', 'unauthorized');
  await here.fetchAndReport('reported', 'rate_limited', { retry_after_seconds: 1 });
  vault.advance(1_000);
  await recoverKeys(vault.jobs.vault, vault.engine.time());
}
