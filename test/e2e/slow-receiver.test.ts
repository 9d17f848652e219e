/** P14 for webhooks: a receiver that takes its time holds up nobody else's events, and no stop of the service. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import * as sendWebhooks from '../../src/jobs/send-webhooks.ts';
import { startVault, type TestVault } from '../support/start-vault.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A receiver that counts what it gets and answers after `delayMs`. */
async function receiver(delayMs: number): Promise<{ url: string; heard: () => number }> {
  let heard = 0;
  const server = createServer((request, response) => {
    heard++;
    request.resume();
    setTimeout(() => response.writeHead(204).end(), delayMs);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, heard: () => heard };
}

async function subscribedTenant(vault: TestVault, slug: string, url: string): Promise<string> {
  const { body } = await vault.admin('POST', '/tenants', { slug });
  await vault.admin('POST', `/tenants/${slug}/services`, { slug: 'openai' });
  await vault.admin('POST', `/tenants/${slug}/services/openai/keys`, {
    label: 'one',
    key: `sk-${slug}-0123456789`,
  });
  await vault.admin('POST', `/tenants/${slug}/webhooks`, { url, events: ['key.delivered'] });
  return body.client_token;
}

test('events of one tenant arrive while the receiver of another is slow, and the service stops all the same', async () => {
  const vault = await startVault({ env: { KEYROTATOR_WEBHOOK_ALLOWED_ADDRESSES: '127.0.0.0/8' } });
  const slow = await receiver(3_000);
  const quick = await receiver(0);
  const slowToken = await subscribedTenant(vault, 'slow', slow.url);
  const quickToken = await subscribedTenant(vault, 'quick', quick.url);
  for (let at = 0; at < 40; at++) await vault.next('service=openai', { token: slowToken });
  await sendWebhooks.runOnce(vault.jobs.dispatcher, vault.jobs.vault.engine);
  await vi.waitFor(() => expect(slow.heard()).toBeGreaterThan(0));

  for (let at = 0; at < 5; at++) await vault.next('service=openai', { token: quickToken });
  await sendWebhooks.runOnce(vault.jobs.dispatcher, vault.jobs.vault.engine);
  await vi.waitFor(() => expect(quick.heard()).toBe(5), 2_000);
  expect(slow.heard()).toBeLessThan(9);

  await vault.stop();
  expect(slow.heard()).toBeLessThan(9);
});
