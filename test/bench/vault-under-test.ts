/** The service as it is benchmarked: started, filled through its administration, and asked what it counted. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ListView } from '../../src/contract/common.ts';
import type { KeyView } from '../../src/contract/keys.ts';
import type { ServiceView } from '../../src/contract/services.ts';
import { AdminClient } from './admin-client.ts';
import type { Load } from './load.ts';
import type { Contender } from './rounds.ts';
import type { Stage, Started } from './stage.ts';

const TENANT = '/tenants/bench';
const SERVICE = `${TENANT}/services/openai`;
export const DELIVERY_PATH = '/api/next?service=openai';
const LOOPBACK = '127.0.0.0/8';
/** Never reached, but looked at by every delivery. */
const DAILY_LIMIT = 1_000_000_000;
const FIRST_EVENT_MS = 20_000;
/** How long deliveries that were cut off may take to come to rest. */
const AT_REST_MS = 20_000;

/** None of them is reached, and all are looked at by every delivery. */
const RESTRICTIONS = {
  denied_ips: ['203.0.113.0/24', '2001:db8::/32'],
  allowed_origins: ['https://admin.example.com', 'https://*.example.com'],
  allowed_referrers: ['https://admin.example.com/', 'https://www.example.com/billing/*'],
  allowed_user_agents: ['curl/*', 'billing/* (*)'],
  blocked_countries: ['KP', 'IR'],
  require_https: true,
  rate_limit: { per_second: 100_000, burst: 1_000_000, per_minute: 10_000_000, per_hour: DAILY_LIMIT },
  expires_at: '2099-01-01T00:00:00Z',
};
const HEADERS = {
  Origin: 'https://www.example.com',
  Referer: 'https://www.example.com/billing/42',
  'User-Agent': 'billing/1.4.2 (linux)',
  'X-Forwarded-Proto': 'https',
};

interface Seeded {
  readonly token: string;
  readonly restrictedToken: string;
}

export interface CommitReading {
  readonly commits: number;
  readonly deliveries: number;
  readonly seconds: number;
}

export class VaultUnderTest {
  readonly server: Started;
  readonly token: string;
  /** Of an app with every restriction but signatures. */
  readonly #restrictedToken: string;
  /** What a delivery looks like. */
  readonly answer: string;
  /** Deliveries that were asked for beside the load. */
  single = 0;
  readonly #admin: AdminClient;
  readonly #environment: Readonly<Record<string, string>>;

  private constructor(
    server: Started,
    admin: AdminClient,
    environment: Readonly<Record<string, string>>,
    { token, restrictedToken }: Seeded,
    answer: string,
  ) {
    this.server = server;
    this.#admin = admin;
    this.#environment = environment;
    this.token = token;
    this.#restrictedToken = restrictedToken;
    this.answer = answer;
  }

  /**
   * Starts `src/main.ts` on a fresh database, in the stage's folder unless `databaseUrl` names one, with everything on that
   * a delivery can be held against.
   */
  static async start(
    stage: Stage,
    databaseUrl = `sqlite:${join(stage.folder, 'keyrotator.db')}`,
  ): Promise<VaultUnderTest> {
    const rootToken = `root-${randomBytes(32).toString('hex')}`;
    const environment = {
      HOST: '127.0.0.1',
      PORT: '0',
      DATABASE_URL: databaseUrl,
      KEYROTATOR_MASTER_KEY: randomBytes(32).toString('base64'),
      KEYROTATOR_ROOT_TOKEN: rootToken,
      KEYROTATOR_DEMO: 'false',
      KEYROTATOR_DRAIN_SECONDS: '0',
      KEYROTATOR_WEBHOOK_ALLOWED_ADDRESSES: LOOPBACK,
      KEYROTATOR_TRUSTED_PROXIES: LOOPBACK,
    };
    const server = await stage.startServer('src/main.ts', environment);
    const admin = new AdminClient(server.url, rootToken);
    const seeded = await seed(admin);
    const answer = await deliver(server.url, seeded.token);
    const vault = new VaultUnderTest(server, admin, environment, seeded, answer);
    vault.single += 1;
    return vault;
  }

  /** What a contender's requests are asked with. */
  asks(contender: Contender): Pick<Load, 'token' | 'headers'> {
    const token = contender === 'restricted' ? this.#restrictedToken : this.token;
    const isRestricted = contender === 'restricted' || contender === 'unrestricted';
    return isRestricted ? { token, headers: HEADERS } : { token };
  }

  /** Starts another replica on the same database; resolves once it delivers. */
  async startReplica(stage: Stage): Promise<Started> {
    const replica = await stage.startServer('src/main.ts', this.#environment);
    await deliver(replica.url, this.token);
    this.single += 1;
    return replica;
  }

  /**
   * Subscribes the receiver to `key.delivered`; resolves, with what takes the subscription back, once it has heard of a
   * delivery.
   */
  async subscribe(receiverUrl: string): Promise<() => Promise<void>> {
    const webhook = { url: `${receiverUrl}/`, events: ['key.delivered'] };
    const { id } = await this.#admin.call<{ id: number }>('POST', `${TENANT}/webhooks`, webhook);
    const before = await countEvents(receiverUrl);
    await deliver(this.server.url, this.token);
    this.single += 1;
    const deadline = Date.now() + FIRST_EVENT_MS;
    while ((await countEvents(receiverUrl)) === before) {
      if (Date.now() > deadline) throw new Error('the receiver was told of no delivery');
      await pause(50);
    }
    return () => this.#admin.call('DELETE', `${TENANT}/webhooks/${id}`);
  }

  /**
   * The service's count of the day, and each key's, as of one moment: no delivery was committed between the two readings. Those
   * that the load has cut off may still be on their way.
   */
  async usage(): Promise<{ service: number; keys: readonly number[] }> {
    const service = async () => (await this.#admin.call<ServiceView>('GET', SERVICE)).usage_today;
    const deadline = Date.now() + AT_REST_MS;
    for (;;) {
      const before = await service();
      const { data } = await this.#admin.call<ListView<KeyView>>('GET', `${SERVICE}/keys`);
      if ((await service()) === before) return { service: before, keys: data.map((key) => key.usage_today) };
      if (Date.now() > deadline) throw new Error('deliveries are committed though nobody asks for any');
    }
  }

  /** What it has committed since it started, from its metrics. */
  commits(): Promise<CommitReading> {
    return readCommits(this.server.url);
  }
}

/** What the service at `url` has committed since it started. */
export async function readCommits(url: string): Promise<CommitReading> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const value = (name: string) => Number(new RegExp(`^keyrotator_${name} (\\S+)`, 'm').exec(text)?.[1]);
  return {
    commits: value('commit_seconds_count'),
    deliveries: value('batch_deliveries_sum'),
    seconds: value('commit_seconds_sum'),
  };
}

/** Resolves with the apps' tokens. */
async function seed(admin: AdminClient): Promise<Seeded> {
  await admin.call('POST', '/tenants', { slug: 'bench', allowed_ips: [LOOPBACK] });
  await admin.call('POST', `${TENANT}/services`, {
    slug: 'openai',
    policy: 'usage',
    max_daily_requests: DAILY_LIMIT,
    // Half a day away, so that no count starts anew during the run.
    day_resets_at: `${String((new Date().getUTCHours() + 12) % 24).padStart(2, '0')}:00`,
  });
  for (const label of ['first', 'second', 'third']) {
    const key = `sk-proj-${randomBytes(36).toString('base64url')}`;
    await admin.call('POST', `${SERVICE}/keys`, { label, key, max_daily_requests: DAILY_LIMIT });
  }
  const app = {
    name: 'bench',
    services: ['openai'],
    allowed_ips: [LOOPBACK],
    max_daily_requests: DAILY_LIMIT,
  };
  const make = (more: object) =>
    admin.call<{ app_token: string }>('POST', `${TENANT}/apps`, { ...app, ...more });
  const { app_token: token } = await make({});
  const restricted = await make({ name: 'restricted', ...RESTRICTIONS });
  return { token, restrictedToken: restricted.app_token };
}

async function deliver(url: string, token: string): Promise<string> {
  const response = await fetch(url + DELIVERY_PATH, { headers: { authorization: `Bearer ${token}` } });
  const text = await response.text();
  if (!response.ok) throw new Error(`a delivery was answered ${response.status}: ${text}`);
  return text;
}

/** How many different events the receiver was told of. */
export async function countEvents(receiverUrl: string): Promise<number> {
  const { events } = (await (await fetch(receiverUrl)).json()) as { events: number };
  return events;
}
