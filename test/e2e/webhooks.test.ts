/**
 * Webhooks at least once: a real receiver that is down half the time hears of everything, though the vault is killed twice, under
 * one id each, and of nothing that did not happen. Each message is verified with the standardwebhooks library. WEBHOOK_EVENTS says how
 * many events there are.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { Agent, request } from 'undici';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { createMigratedDatabase, serverUrl } from '../support/postgres-database.ts';
import { administer, type RunningService, runService } from '../support/run-service.ts';

const EVENTS = Number(process.env.WEBHOOK_EVENTS ?? 300);
/** Each makes one event of the outbox beside that of its delivery. */
const LIMITED = Math.ceil(EVENTS / 100);
const DELIVERIES = EVENTS - LIMITED;
/** How long the receiver is up, and then down: long enough that something is sent in each. */
const SLICE_MS = 1_200;
const ROOT_TOKEN = 'root-token-of-the-webhook-tests-0123456789';
const Database = createRequire(import.meta.url)('better-sqlite3');
const cleanup: (() => Promise<void> | void)[] = [];

afterAll(async () => {
  for (const step of cleanup.reverse()) await step();
});

interface Delivered {
  readonly delivery_id: string;
  readonly service: string;
}

/** A receiver at one port that can be up or down, and knows what it has taken. */
class HalfTimeReceiver {
  /** By path. */
  readonly secrets = new Map<string, string>();
  /** What an event is about → the ids that it came under, by path. */
  readonly heard = new Map<string, Map<string, Set<string>>>();
  bad = 0;
  #server: Server | null = null;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async up(): Promise<void> {
    const server = createServer(async (incoming, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const path = incoming.url ?? '';
      const body = Buffer.concat(chunks).toString('utf8');
      try {
        new Webhook(this.secrets.get(path) ?? '').verify(body, incoming.headers as Record<string, string>);
        this.#take(path, String(incoming.headers['webhook-id']), JSON.parse(body));
      } catch {
        this.bad++;
      }
      response.writeHead(204).end();
    }).on('clientError', (_error, socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async down(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    server?.closeAllConnections();
    await new Promise((resolve) => (server === null ? resolve(null) : server.close(resolve)));
  }

  at(path: string): Map<string, Set<string>> {
    const known = this.heard.get(path) ?? new Map<string, Set<string>>();
    this.heard.set(path, known);
    return known;
  }

  // biome-ignore lint/suspicious/noExplicitAny: a receiver reads what came
  #take(path: string, id: string, { type, data }: { type: string; data: any }): void {
    const about: string[] =
      type === 'key.delivered'
        ? (data.deliveries ?? [data]).map((each: Delivered) => each.delivery_id)
        : [`${type} ${data.service}`];
    for (const each of about) this.at(path).set(each, (this.at(path).get(each) ?? new Set()).add(id));
  }
}

/** Where a vault lives, and what is in its database once it has ended. */
interface Place {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  rows<T>(sql: string): Promise<T[]>;
}

const PLACES: Readonly<Record<string, () => Promise<Place>>> = {
  async sqlite() {
    const cwd = newFolder();
    return {
      cwd,
      env: {},
      async rows(sql) {
        const db = new Database(join(cwd, 'data/keyrotator.db'), { readonly: true });
        const rows = db.prepare(sql).all();
        db.close();
        return rows;
      },
    };
  },
  async postgres() {
    const database = await createMigratedDatabase({ server: await serverUrl() });
    cleanup.push(() => database.drop());
    const env = {
      DATABASE_URL: database.url,
      KEYROTATOR_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
    };
    return { cwd: newFolder(), env, rows: (sql) => database.query(sql) };
  },
};

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'keyrotator-webhooks-'));
  cleanup.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Takes keys of these services, sixteen at a time; resolves with the ids of the deliveries. */
async function deliver(
  { url }: RunningService,
  token: string,
  services: readonly string[],
): Promise<string[]> {
  const agent = new Agent({ connections: 16 });
  const ids: string[] = [];
  await Promise.all(
    Array.from({ length: 16 }, async (_, lane) => {
      for (let at = lane; at < services.length; at += 16) {
        const { statusCode, body } = await request(`${url}/api/next?service=${services[at]}`, {
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

describe.concurrent.each(Object.keys(PLACES))('on %s', (engine) => {
  test(`each of ${EVENTS} events is heard of, with a receiver that is down half the time and two sudden deaths`, {
    timeout: 60_000 + EVENTS * 100,
  }, async () => {
    const { cwd, env, rows } = await (PLACES[engine] as () => Promise<Place>)();
    const start = () =>
      runService({
        cwd,
        env: {
          KEYROTATOR_ROOT_TOKEN: ROOT_TOKEN,
          KEYROTATOR_WEBHOOK_ALLOWED_ADDRESSES: '127.0.0.0/8',
          LOG_LEVEL: 'fatal',
          ...env,
        },
      });
    const receiver = new HalfTimeReceiver();
    cleanup.push(() => receiver.down());
    await receiver.up();
    let service = await start();
    const { client_token } = await administer(service, 'POST', '/tenants', { slug: 'acme' });
    const limited = Array.from({ length: LIMITED }, (_, at) => `limited-${at}`);
    for (const slug of ['openai', ...limited]) {
      const limit = slug === 'openai' ? {} : { max_daily_requests: 1 };
      await administer(service, 'POST', '/tenants/acme/services', { slug, ...limit });
      const key = { label: 'one', key: `sk-${slug}-0123456789` };
      await administer(service, 'POST', `/tenants/acme/services/${slug}/keys`, key);
    }
    const hooks: number[] = [];
    for (const path of ['/single?with=query', '/batch']) {
      const batch = path === '/batch';
      const webhook = {
        url: `${receiver.url}${path}`,
        events: ['key.delivered', 'service.limit_reached'],
        batch,
      };
      const { id, secret } = await administer(service, 'POST', '/tenants/acme/webhooks', webhook);
      receiver.secrets.set(path, secret);
      hooks.push(id);
    }

    /** Whoever brings the receiver up again switches its webhooks on: else what it missed twice is due after minutes only. */
    const bringUp = async () => {
      await receiver.up();
      for (const id of hooks)
        for (const enabled of [false, true])
          await administer(service, 'PATCH', `/tenants/acme/webhooks/${id}`, { enabled }).catch(() => {});
    };
    const stopping = new AbortController();
    const takingTurns = (async () => {
      while (!stopping.signal.aborted) {
        await pause(SLICE_MS);
        await receiver.down();
        await pause(SLICE_MS);
        await bringUp();
      }
    })();

    const asked = [...Array.from({ length: DELIVERIES - LIMITED }, () => 'openai'), ...limited];
    const third = Math.ceil(asked.length / 3);
    const ids: string[] = [];
    for (const from of [0, third, 2 * third]) {
      // Those of the limited services are spread over all three.
      const part = asked.filter((_, at) => at % 3 === from / third);
      ids.push(...(await deliver(service, client_token, part)));
      if (from === 2 * third) break;
      await service.end('SIGKILL');
      service = await start();
    }

    const expected = DELIVERIES + LIMITED;
    await vi.waitFor(
      () =>
        expect([receiver.at('/single?with=query').size, receiver.at('/batch').size]).toEqual([
          expected,
          expected,
        ]),
      { timeout: 40_000 + EVENTS * 80, interval: 200 },
    );
    stopping.abort();
    await takingTurns;
    await service.end('SIGTERM');

    const onRecord = await rows<{ delivery_id: string }>('SELECT delivery_id FROM deliveries');
    const happened = new Set([
      ...onRecord.map(({ delivery_id }) => delivery_id),
      ...limited.map((slug) => `service.limit_reached ${slug}`),
    ]);
    expect(new Set(ids).size).toBe(DELIVERIES);
    expect(receiver.bad).toBe(0);
    for (const path of receiver.secrets.keys()) {
      const heard = receiver.at(path);
      expect(
        ids.filter((id) => !heard.has(id)),
        path,
      ).toEqual([]);
      expect(
        [...heard.keys()].filter((about) => !happened.has(about)),
        path,
      ).toEqual([]);
      expect(
        [...heard].filter(([, under]) => under.size !== 1),
        path,
      ).toEqual([]);
    }
    for (const [id, under] of receiver.at('/single?with=query'))
      if (!id.includes(' ')) expect([...under]).toEqual([`msg_${id}`]);
  });
});
