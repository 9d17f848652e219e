/**
 * Webhooks at least once: a real receiver hears of every delivery, also when it was down for a while and the vault was
 * killed in between, and can verify each with the standardwebhooks library.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { Agent, request } from 'undici';
import { afterAll, expect, test, vi } from 'vitest';
import { administer, type RunningService, runService } from '../support/run-service.ts';

const DELIVERIES = 1_000;
const ROOT_TOKEN = 'root-token-of-the-webhook-tests-0123456789';
const folder = mkdtempSync(join(tmpdir(), 'keyrotator-webhooks-'));
const heard = new Map<string, { type: string; data: Record<string, unknown> }>();
let secret = '';
let badSignatures = 0;
let receiver: Server | null = null;

afterAll(() => {
  receiver?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function receive(port: number): Promise<number> {
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    try {
      new Webhook(secret).verify(body, incoming.headers as Record<string, string>);
      heard.set(String(incoming.headers['webhook-id']), JSON.parse(body));
    } catch {
      badSignatures++;
    }
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  receiver = server;
  return (server.address() as AddressInfo).port;
}

async function stopReceiving(): Promise<void> {
  const server = receiver;
  receiver = null;
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve));
}

function start(): Promise<RunningService> {
  return runService({
    cwd: folder,
    env: {
      KEYROTATOR_ROOT_TOKEN: ROOT_TOKEN,
      KEYROTATOR_WEBHOOK_ALLOWED_ADDRESSES: '127.0.0.0/8',
      LOG_LEVEL: 'error',
    },
  });
}

async function deliver(service: RunningService, token: string, count: number): Promise<string[]> {
  const agent = new Agent({ connections: 16 });
  const ids: string[] = [];
  await Promise.all(
    Array.from({ length: 16 }, async (_, lane) => {
      for (let at = lane; at < count; at += 16) {
        const { statusCode, body } = await request(`${service.url}/api/next?service=openai`, {
          dispatcher: agent,
          headers: { authorization: `Bearer ${token}` },
        });
        expect(statusCode).toBe(200);
        ids.push(((await body.json()) as { meta: { delivery_id: string } }).meta.delivery_id);
      }
    }),
  );
  await agent.close();
  return ids;
}

test('every delivery is heard of, across an outage of the receiver and a sudden death of the vault', {
  timeout: 120_000,
}, async () => {
  let service = await start();
  const port = await receive(0);
  const { client_token } = await administer(service, 'POST', '/tenants', { slug: 'acme' });
  await administer(service, 'POST', '/tenants/acme/services', {
    slug: 'openai',
    max_daily_requests: DELIVERIES,
  });
  await administer(service, 'POST', '/tenants/acme/services/openai/keys', {
    label: 'one',
    key: 'sk-one-0123456789',
  });
  const webhook = await administer(service, 'POST', '/tenants/acme/webhooks', {
    url: `http://127.0.0.1:${port}/hook?with=query`,
    events: ['key.delivered', 'service.limit_reached'],
  });
  secret = webhook.secret;

  const ids = await deliver(service, client_token, 400);
  await vi.waitFor(() => expect(heard.size).toBeGreaterThan(50), 20_000);
  await stopReceiving();
  ids.push(...(await deliver(service, client_token, 300)));
  await service.end('SIGKILL');
  service = await start();
  ids.push(...(await deliver(service, client_token, 300)));
  await receive(port);

  const messages = () => [...heard.values()];
  await vi.waitFor(() => expect(heard.size).toBe(DELIVERIES + 1), { timeout: 60_000, interval: 200 });
  await service.end('SIGTERM');
  expect(badSignatures).toBe(0);
  const delivered = messages().filter(({ type }) => type === 'key.delivered');
  expect(new Set(delivered.map(({ data }) => data.delivery_id))).toEqual(new Set(ids));
  for (const id of ids) expect(heard.has(`msg_${id}`)).toBe(true);
  const reached = messages().filter(({ type }) => type === 'service.limit_reached');
  expect(reached.map(({ data }) => data)).toMatchObject([
    { tenant: 'acme', service: 'openai', max_daily_requests: DELIVERIES, usage_today: DELIVERIES },
  ]);
  expect(JSON.stringify(messages())).not.toMatch(/sk-one|krc_|whsec_/);
});
