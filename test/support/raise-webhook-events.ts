/** Raises the events that are about webhooks themselves, for webhooks that hear of everything. */
import * as prune from '../../src/jobs/prune.ts';
import type { Receiver } from './http-receiver.ts';
import type { TestVault } from './start-vault.ts';

const DAY = 86_400_000;

/** For the tenant's webhook `id`, which works; a receiver has to answer `/gone` with 410, to which another webhook leads. */
export async function raiseWebhookEvents(
  vault: TestVault,
  tenant: string,
  id: number,
  receiver: Receiver,
): Promise<{ secret: string }> {
  const hooks = `/tenants/${tenant}/webhooks`;
  const call = async (method: string, path: string, body: object) => {
    const reply = await vault.admin(method, path, body);
    if (reply.status >= 300) throw new Error(`${path}: ${reply.text}`);
    return reply.body;
  };
  const url = `http://127.0.0.1:${receiver.port}/gone`;
  const gone = await call('POST', hooks, { url, events: ['*'] });
  const switchOff = async () => {
    await call('POST', `${hooks}/${gone.id}/test`, {});
    await vault.jobs.dispatcher.runOnce();
  };
  await switchOff();
  // The others hear of it once it is switched off.
  await vault.jobs.dispatcher.runOnce();

  await call('PATCH', `${hooks}/${id}`, { enabled: false });
  await call('PATCH', `${hooks}/${gone.id}`, { enabled: true });
  await switchOff();
  vault.advance(31 * DAY);
  const leader = vault.jobs.vault;
  const retention = { days: 30, deliveries: null };
  await prune.runOnce(leader, retention, leader.engine.time(), new AbortController().signal);
  await call('PATCH', `${hooks}/${id}`, { enabled: true });
  await vault.jobs.dispatcher.runOnce();
  return gone;
}
