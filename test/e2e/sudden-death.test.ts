/**
 * P1, no key leaves unrecorded: the real process is killed at random instants under load, and every delivery that a client
 * received is on disk afterwards, with its own ordinal.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { administer, type RunningService, runService } from '../support/run-service.ts';

const KILLS = 30;
const CALLERS = 16;
const ROOT_TOKEN = 'root-token-of-the-sudden-death-tests-0123456789';
const folder = mkdtempSync(join(tmpdir(), 'keyrotator-death-'));
const Database = createRequire(import.meta.url)('better-sqlite3');
let token: string;

interface Received {
  readonly delivery_id: string;
  readonly usage_today: number;
  readonly key_id: number;
}

function start(): Promise<RunningService> {
  return runService({ cwd: folder, env: { KEYROTATOR_ROOT_TOKEN: ROOT_TOKEN, LOG_LEVEL: 'error' } });
}

beforeAll(async () => {
  const service = await start();
  ({ client_token: token } = await administer(service, 'POST', '/tenants', { slug: 'acme' }));
  await administer(service, 'POST', '/tenants/acme/services', {
    slug: 'openai',
    policy: 'usage',
    max_daily_requests: 100_000_000,
  });
  for (const label of ['one', 'two', 'three']) {
    await administer(service, 'POST', '/tenants/acme/services/openai/keys', {
      label,
      key: `sk-${label}-0123456789`,
    });
  }
  expect(await service.end('SIGTERM')).toBe(0);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Calls until the service is gone; adds what was received whole. */
async function call(url: string, agent: Agent, received: Received[]): Promise<void> {
  for (;;) {
    try {
      const response = await request(`${url}/api/next?service=openai`, {
        dispatcher: agent,
        headers: { authorization: `Bearer ${token}` },
      });
      const body = (await response.body.json()) as { meta: Received };
      if (response.statusCode === 200) received.push(body.meta);
    } catch {
      return;
    }
  }
}

test(`no delivery that was received is lost in ${KILLS} sudden deaths`, { timeout: 240_000 }, async () => {
  const received: Received[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    const service = await start();
    const agent = new Agent({ connections: CALLERS });
    const before = received.length;
    const callers = Array.from({ length: CALLERS }, () => call(service.url, agent, received));
    await vi.waitFor(() => expect(received.length).toBeGreaterThan(before), { timeout: 10_000, interval: 5 });
    await delay(Math.random() * 150);
    await service.end('SIGKILL');
    await Promise.all(callers);
    await agent.destroy();
  }
  // The last start recovers what the last death left.
  expect(await (await start()).end('SIGTERM')).toBe(0);

  const db = new Database(join(folder, 'data/keyrotator.db'), { readonly: true });
  const rows = db.prepare('SELECT delivery_id, key_id, usage_today FROM deliveries').all() as Received[];
  const counted = db.prepare("SELECT sum(count) AS n FROM counters WHERE subject = 'service'").get() as {
    n: number;
  };
  db.close();
  const onDisk = new Map(rows.map((row) => [row.delivery_id, row]));
  const missing = received.filter((delivery) => {
    const row = onDisk.get(delivery.delivery_id);
    return row?.usage_today !== delivery.usage_today || row.key_id !== delivery.key_id;
  });
  expect(missing).toEqual([]);
  // At most the requests in flight are recorded without having been received.
  expect(rows.length - received.length).toBeLessThanOrEqual(KILLS * CALLERS);
  expect(new Set(rows.map(({ usage_today }) => usage_today)).size).toBe(rows.length);
  expect(counted.n).toBe(rows.length);
});
