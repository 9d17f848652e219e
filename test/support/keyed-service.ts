/** A running service with a tenant that has keys, and what its callers were told of their deliveries. */
import { randomBytes } from 'node:crypto';
import { RawConnection } from './raw-http.ts';
import { administer, type RunningService } from './run-service.ts';

export interface Furnished {
  readonly token: string;
  /** Key id → the key. */
  readonly keys: ReadonlyMap<number, string>;
  readonly webhookSecret: string;
}

/** Makes the tenant `acme` with the service `openai`, which hands out `count` keys in turn, and a webhook that hears nothing. */
export async function furnishService(service: RunningService, count = 3): Promise<Furnished> {
  const { client_token: token } = await administer(service, 'POST', '/tenants', { slug: 'acme' });
  const policy = { slug: 'openai', policy: 'usage', max_daily_requests: 100_000_000 };
  await administer(service, 'POST', '/tenants/acme/services', policy);
  const keys = new Map<number, string>();
  for (let at = 1; at <= count; at++) {
    const key = `sk-canary-${randomBytes(20).toString('hex')}`;
    const body = { label: `Key ${at}`, key };
    keys.set((await administer(service, 'POST', '/tenants/acme/services/openai/keys', body)).id, key);
  }
  const webhook = { url: 'https://example.com/hook', events: ['service.limit_reached'] };
  const { secret } = await administer(service, 'POST', '/tenants/acme/webhooks', webhook);
  return { token, keys, webhookSecret: secret };
}

/** A request for a key of {@link furnishService}. */
export function askFor(token: string): string {
  return `GET /api/next?service=openai HTTP/1.1\r\nHost: vault\r\nAuthorization: Bearer ${token}\r\n\r\n`;
}

export interface Told {
  readonly delivery_id: string;
  readonly usage_today: number;
  readonly key_id: number;
}

export interface Load {
  /** What has been delivered so far, in the order of the answers. */
  told(): Told[];
  /** Resolves when there were `count` more deliveries; rejects where an answer was none. */
  more(count: number): Promise<void>;
  /** Lets the requests under way finish. */
  stop(): Promise<void>;
}

/** `callers` clients that ask again as soon as they are answered, until they are stopped or refused. */
export async function load(service: RunningService, token: string, callers: number): Promise<Load> {
  const told: Told[] = [];
  let wake: (() => void)[] = [];
  let stopped = false;
  async function call(): Promise<void> {
    const client = await RawConnection.open(service.url);
    while (!stopped) {
      const { status, text, body } = await client.send(askFor(token)).receive();
      if (status !== 200) throw new Error(`${status} ${text} ${service.output.stderr.slice(-1_000)}`);
      told.push(body.meta);
      for (const each of wake) each();
      wake = [];
    }
    client.destroy();
  }
  const running = Promise.all(Array.from({ length: callers }, call));
  running.catch(() => {});
  return {
    told: () => [...told],
    async more(count) {
      const until = told.length + count;
      while (told.length < until) {
        await Promise.race([new Promise<void>((resolve) => wake.push(resolve)), running]);
      }
    },
    async stop() {
      stopped = true;
      await running;
    },
  };
}
