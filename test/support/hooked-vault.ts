/** A vault whose tenants have webhooks at one receiver, which answers each path as a test says. */
import type { RequestListener } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { type AdminClient, adminClient, dataOf, made, type Schemas } from './admin-client.ts';
import { type ReceivedRequest, type Receiver, startReceiver } from './http-receiver.ts';
import { startVault, type TestVault } from './start-vault.ts';

const TENANTS = '/admin/v1/tenants';
const HOOKS = '/admin/v1/tenants/{tenant}/webhooks';
const HOOK = '/admin/v1/tenants/{tenant}/webhooks/{id}';

/** A message as a receiver understands it. */
export interface Heard {
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what came and asserts on it
  readonly data: any;
}

export interface HookedVault {
  readonly vault: TestVault;
  readonly client: AdminClient;
  readonly receiver: Receiver;
  /** A tenant with the service `openai`, and the means to work with it. */
  tenant(service?: Partial<Schemas['NewService']>): Promise<HookedTenant>;
  /** Sends all that is due. */
  send(): Promise<void>;
  stop(): Promise<void>;
}

export interface HookedTenant {
  readonly slug: string;
  /** Takes a key `times` times; resolves with the ids of the deliveries. */
  deliver(times?: number): Promise<string[]>;
  /** Makes a webhook at a path of its own, which answers as `answers` says. */
  hook(webhook?: Partial<Schemas['NewWebhook']>): Promise<Hook>;
}

export interface Hook {
  readonly id: number;
  readonly secret: string;
  /** What it answers from now on: a status, or anything. */
  answers(answer: number | RequestListener): void;
  /** What it was sent since this was asked for last, each verified as a receiver does it. */
  heard(): Heard[];
  show(): Promise<Schemas['Webhook']>;
  change(patch: Schemas['WebhookPatch']): Promise<Schemas['Webhook']>;
}

export async function startHookedVault(env: NodeJS.ProcessEnv = {}): Promise<HookedVault> {
  const answers = new Map<string, RequestListener>();
  const receiver = await startReceiver((request, response) =>
    (answers.get(request.url ?? '') ?? answering(204))(request, response),
  );
  const vault = await startVault({ env: { KEYROTATOR_WEBHOOK_ALLOWED_ADDRESSES: '127.0.0.1', ...env } });
  const client = adminClient(vault);
  let number = 0;

  async function hook(tenant: string, webhook: Partial<Schemas['NewWebhook']> = {}): Promise<Hook> {
    const path = `/${++number}`;
    const url = `http://127.0.0.1:${receiver.port}${path}`;
    const body: Schemas['NewWebhook'] = { url, events: ['*', 'key.delivered'], ...webhook };
    const { id, secret } = await made(client.POST(HOOKS, { params: { path: { tenant } }, body }));
    const place = { params: { path: { tenant, id } } };
    return {
      id,
      secret,
      answers: (answer) => void answers.set(path, typeof answer === 'number' ? answering(answer) : answer),
      heard() {
        const mine = receiver.requests.filter((request) => request.path === path);
        for (const request of mine) receiver.requests.splice(receiver.requests.indexOf(request), 1);
        return mine.map((request) => understand(secret, request));
      },
      show: () => dataOf(client.GET(HOOK, place)),
      change: (patch) => dataOf(client.PATCH(HOOK, { ...place, body: patch })),
    };
  }

  return {
    vault,
    client,
    receiver,
    async tenant(service = {}) {
      const slug = `tenant-${++number}`;
      const { client_token: token } = await made(client.POST(TENANTS, { body: { slug } }));
      const params = { path: { tenant: slug } };
      await made(
        client.POST('/admin/v1/tenants/{tenant}/services', { params, body: { slug: 'openai', ...service } }),
      );
      await made(
        client.POST('/admin/v1/tenants/{tenant}/services/{service}/keys', {
          params: { path: { tenant: slug, service: 'openai' } },
          body: { label: 'one', key: `sk-${slug}-0123456789abcdef` },
        }),
      );
      return {
        slug,
        async deliver(times = 1) {
          const replies = await Promise.all(
            Array.from({ length: times }, () => vault.next('service=openai', { token })),
          );
          return replies.map(({ body, text }) => {
            if (body.meta === undefined) throw new Error(text);
            return body.meta.delivery_id as string;
          });
        },
        hook: (webhook) => hook(slug, webhook),
      };
    },
    send: () => vault.jobs.dispatcher.runOnce(),
    async stop() {
      await receiver.close();
      await vault.stop();
    },
  };
}

function answering(status: number): RequestListener {
  return (_request, response) => void response.writeHead(status).end();
}

/** The library judges the time of a message by the clock of this machine, and the vault of a test has its own. */
function understand(secret: string, { body, headers }: ReceivedRequest): Heard {
  const id = String(headers['webhook-id']);
  const at = new Date(Number(headers['webhook-timestamp']) * 1000);
  const expected = new Webhook(secret).sign(id, at, body);
  const given = String(headers['webhook-signature']).split(' ');
  if (!given.includes(expected)) throw new Error(`${id} is not signed by its webhook`);
  return { id, ...JSON.parse(body) };
}
