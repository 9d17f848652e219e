/** Raises what is told before it hurts, and of apps, in the tenant `acme`. */
import { tellExpiring } from '../../src/operations/keys/tell-expiring.ts';
import { watchRefusals } from '../../src/operations/usage/watch-refusals.ts';
import type { TestVault } from './start-vault.ts';

/** `clientToken`: that of the tenant. */
export async function raiseWarnings(vault: TestVault, clientToken: string): Promise<void> {
  const make = async (path: string, body: object = {}) =>
    (await vault.admin('POST', `/tenants/acme${path}`, body)).body;
  const expires_at = new Date(vault.clock.wall() + 86_400_000).toISOString();
  await make('/services', { slug: 'warned', policy: 'usage', max_daily_requests: 2, warn_at_percent: 50 });
  const key = await make('/services/warned/keys', { label: 'a', key: 'sk-warned-a-0123456789', expires_at });
  await make('/services/warned/keys', { label: 'b', key: 'sk-warned-b-0123456789' });
  const limited = { name: 'A', services: ['warned'], max_daily_requests: 1, expires_at };
  const { id, app_token: token } = await make('/apps', limited);
  await vault.next('service=warned', { token });
  await tellExpiring(vault.jobs.vault, vault.engine.time());
  await make(`/services/warned/keys/${key.id}/disable`, { reason: 'x' });
  await make(`/apps/${id}/rotate-token`);
  await make(`/apps/${id}/disable`, { reason: 'x' });
  await vault.admin('PATCH', '/tenants/acme', { suspicion: { refusals_per_minute: 1 } });
  await vault.next('service=nowhere', { token: clientToken });
  await vault.jobs.refusals.flush(vault.jobs.vault);
  await watchRefusals(vault.jobs.vault, vault.engine.time());
}
