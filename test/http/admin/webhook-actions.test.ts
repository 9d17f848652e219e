/** What can be done with a webhook: its secret replaced, and a test sent. Verified as a receiver does it, by the library. */
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type AdminClient,
  adminClient,
  dataOf,
  inAcme,
  made,
  refusalOf,
  type Schemas,
  statusOf,
} from '../../support/admin-client.ts';
import { type ReceivedRequest, type Receiver, startReceiver } from '../../support/http-receiver.ts';
import { expectSameNotFound } from '../../support/indistinguishable.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const HOOKS = '/admin/v1/tenants/{tenant}/webhooks';
const HOOK = '/admin/v1/tenants/{tenant}/webhooks/{id}';
const ROTATE = '/admin/v1/tenants/{tenant}/webhooks/{id}/rotate-secret';
const TEST = '/admin/v1/tenants/{tenant}/webhooks/{id}/test';
/** For requests that the document forbids. */
const RAW = '/tenants/acme/webhooks';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let vault: TestVault;
let client: AdminClient;
let receiver: Receiver;
let answer = 200;

beforeEach(async () => {
  answer = 200;
  receiver = await startReceiver((_request, response) => void response.writeHead(answer).end());
  vault = await startVault({ env: { KEYROTATOR_WEBHOOK_ALLOWED_ADDRESSES: '127.0.0.1' } });
  client = adminClient(vault);
  for (const slug of ['acme', 'rival']) await made(client.POST('/admin/v1/tenants', { body: { slug } }));
});

afterEach(async () => {
  vi.useRealTimers();
  await vault.stop();
  await receiver.close();
});

function make(path: string, events: Schemas['NewWebhook']['events'], tenant = 'acme') {
  const url = `http://127.0.0.1:${receiver.port}${path}`;
  return made(client.POST(HOOKS, { params: { path: { tenant } }, body: { url, events } }));
}

const rotate = (id: number, body?: Schemas['WebhookSecretGrace']) =>
  client.POST(ROTATE, { ...inAcme({ id }), ...(body === undefined ? {} : { body }) });

const rotated = (id: number, body?: Schemas['WebhookSecretGrace']) => dataOf(rotate(id, body));

const test = (id: number) => client.POST(TEST, inAcme({ id }));

const change = (id: number, body: Schemas['WebhookPatch']) =>
  dataOf(client.PATCH(HOOK, { ...inAcme({ id }), body }));

const audit = () => dataOf(client.GET('/admin/v1/tenants/{tenant}/audit', inAcme()));

/** What was received since the last call, once all that is due was sent. */
async function received(): Promise<ReceivedRequest[]> {
  await vault.jobs.dispatcher.runOnce();
  return receiver.requests.splice(0);
}

/** The message that a test of this webhook makes. */
async function tested(id: number): Promise<ReceivedRequest> {
  expect(await statusOf(test(id))).toBe(202);
  const [request, ...others] = await received();
  expect(others).toEqual([]);
  if (request === undefined) throw new Error('nothing was sent');
  return request;
}

/** Whether whoever has this secret takes the message, at the vault's time. */
function isTaken(secret: string, { body, headers }: ReceivedRequest): boolean {
  vi.useFakeTimers({ toFake: ['Date'], now: vault.clock.wall() });
  try {
    return new Webhook(secret).verify(body, headers as Record<string, string>) !== undefined;
  } catch {
    return false;
  } finally {
    vi.useRealTimers();
  }
}

describe('the secret of a webhook that was rotated', () => {
  it('signs together with the one before for a day, and alone after it', async () => {
    const { id, secret: old } = await make('/', ['*']);
    const { secret, previous_valid_until } = await rotated(id);
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(secret).not.toBe(old);
    expect(previous_valid_until).toBe('2026-03-02T12:00:00.000Z');
    vault.advance(DAY - 1);
    const during = await tested(id);
    expect(during.headers['webhook-signature']).toMatch(/^v1,[\w+/=]{44} v1,[\w+/=]{44}$/);
    expect([isTaken(secret, during), isTaken(old, during)]).toEqual([true, true]);
    const { secret: other } = await make('/other', ['*']);
    expect(isTaken(other, during)).toBe(false);
    vault.advance(1);
    const after = await tested(id);
    expect([isTaken(secret, after), isTaken(old, after)]).toEqual([true, false]);
  });

  it('signs alone from the next message on where there is no grace, for those before it too', async () => {
    const { id, secret: first } = await make('/', ['*']);
    const { secret: second } = await rotated(id);
    const { secret, previous_valid_until } = await rotated(id, { grace_seconds: 0 });
    expect(previous_valid_until).toBe('2026-03-01T12:00:00.000Z');
    const message = await tested(id);
    expect([first, second, secret].map((each) => isTaken(each, message))).toEqual([false, false, true]);
  });

  it('leaves those before it their time where it is rotated again', async () => {
    const { id, secret: first } = await make('/', ['*']);
    const { secret: second } = await rotated(id, { grace_seconds: 3_600 });
    const { secret: third } = await rotated(id, { grace_seconds: 7_200 });
    const taken = async () => {
      const message = await tested(id);
      return [first, second, third].map((each) => isTaken(each, message));
    };
    expect(await taken()).toEqual([true, true, true]);
    vault.advance(HOUR);
    expect(await taken()).toEqual([false, true, true]);
    vault.advance(HOUR);
    expect(await taken()).toEqual([false, false, true]);
  });

  it('is not rotated while four others still sign, but where that ends them', async () => {
    const { id } = await make('/', ['*']);
    for (let times = 0; times < 4; times++) await rotated(id);
    const { status, error, detail } = await refusalOf(rotate(id, {}));
    expect([status, error]).toEqual([409, 'conflict']);
    expect(detail).toContain('grace_seconds 0');
    await rotated(id, { grace_seconds: 0 });
    await rotated(id);
  });

  it('lies sealed, outlives a change of the webhook, and is in no entry of the audit trail', async () => {
    const { id, secret: old } = await make('/', ['*']);
    const { secret } = await rotated(id);
    const { sealed_secret } = await vault.engine.read
      .selectFrom('webhooks')
      .select('sealed_secret')
      .executeTakeFirstOrThrow();
    const entries = await audit();
    for (const each of [old, secret]) {
      const bare = each.slice('whsec_'.length);
      expect(Buffer.from(sealed_secret).includes(bare)).toBe(false);
      expect(JSON.stringify(entries)).not.toContain(bare);
    }
    expect(entries.data[0]).toMatchObject({
      type: 'webhook.secret_rotated',
      target: `webhook:${id}`,
      after: { previous_valid_until: '2026-03-02T12:00:00.000Z' },
    });
    await change(id, { description: 'changed' });
    const message = await tested(id);
    expect([isTaken(secret, message), isTaken(old, message)]).toEqual([true, true]);
  });

  it.each([{ grace_seconds: -1 }, { grace_seconds: 2_592_001 }, { grace_seconds: '1' }, { grace: 1 }])(
    'is not rotated with %j',
    async (body) => {
      const { id } = await make('/', ['*']);
      expect((await vault.admin('POST', `${RAW}/${id}/rotate-secret`, body)).status).toBe(422);
    },
  );
});

describe('a test of a webhook', () => {
  it('is sent to it alone, whatever it and others have subscribed to', async () => {
    const { id, secret } = await make('/mine', ['key.delivered']);
    await make('/all', ['*']);
    await make('/named', ['webhook.test']);
    await make('/rival', ['*'], 'rival');
    const call = test(id);
    expect(await statusOf(call)).toBe(202);
    const requests = await received();
    expect(requests.map(({ path }) => path)).toEqual(['/mine']);
    const [message] = requests as [ReceivedRequest];
    expect(await dataOf(call)).toEqual({ message_id: message.headers['webhook-id'] });
    expect(JSON.parse(message.body)).toEqual({
      type: 'webhook.test',
      timestamp: '2026-03-01T12:00:00.000Z',
      data: { tenant: 'acme', webhook_id: id },
    });
    expect(isTaken(secret, message)).toBe(true);
    expect(await received()).toEqual([]);
    const [entry] = (await audit()).data;
    expect(entry).toMatchObject({ type: 'webhook.tested', target: `webhook:${id}` });
  });

  it('is sent again under the same id where it was not taken', async () => {
    const { id } = await make('/', ['*']);
    answer = 500;
    const first = await tested(id);
    answer = 200;
    vault.advance(HOUR);
    const [second] = await received();
    expect(second?.headers['webhook-id']).toBe(first.headers['webhook-id']);
  });

  it('tries one at once that is paused because it failed', async () => {
    const { id } = await make('/', ['*']);
    answer = 500;
    await tested(id);
    expect(await received()).toEqual([]);
    answer = 200;
    await dataOf(test(id));
    expect(await received()).toHaveLength(2);
    expect((await dataOf(client.GET(HOOK, inAcme({ id })))).failing_since).toBeNull();
  });

  it('goes before all that one has yet to be sent that fails, which then gets that once each and in order', async () => {
    const { id } = await make('/', ['app.disabled']);
    const { id: app } = await made(
      client.POST('/admin/v1/tenants/{tenant}/apps', { ...inAcme(), body: { name: 'A', services: 'all' } }),
    );
    const disable = async (reason: string) => {
      for (const [path, body] of [
        ['enable', {}],
        ['disable', { reason }],
      ] as const)
        expect((await vault.admin('POST', `/tenants/acme/apps/${app}/${path}`, body)).status).toBe(200);
    };
    const told = (requests: readonly ReceivedRequest[]) =>
      requests.map(({ body }) => JSON.parse(body)).map(({ type, data }) => data.reason ?? type);
    answer = 500;
    await disable('1');
    expect(told(await received())).toEqual(['1']);
    for (const reason of ['2', '3', '4']) await disable(reason);
    await dataOf(test(id));
    expect(told(await received())).toEqual(['webhook.test']);
    answer = 200;
    await dataOf(test(id));
    const all = told(await received());
    expect(all[0]).toBe('webhook.test');
    expect(all.toSorted()).toEqual(['1', '2', '3', '4', 'webhook.test', 'webhook.test']);
    expect(all.filter((each) => /[234]/.test(each))).toEqual(['2', '3', '4']);
    expect(await received()).toEqual([]);
  });

  it('of one that is switched off is refused, and says what to do', async () => {
    const { id } = await make('/', ['*']);
    await change(id, { enabled: false });
    const { status, error, detail } = await refusalOf(test(id));
    expect([status, error]).toEqual([409, 'conflict']);
    expect(detail).toContain('enable it first');
    await change(id, { enabled: true });
    expect(await received()).toEqual([]);
  });
});

it('on webhooks of another tenant is answered as on webhooks that never existed', async () => {
  const { id, secret } = await make('/', ['*'], 'rival');
  for (const action of ['rotate-secret', 'test']) {
    await expectSameNotFound(vault, 'POST', `${RAW}/${id}/${action}`, `${RAW}/999/${action}`);
    await expectSameNotFound(
      vault,
      'POST',
      `${RAW}/${id}/${action}`,
      `/tenants/nobody/webhooks/${id}/${action}`,
    );
  }
  expect(await received()).toEqual([]);
  await dataOf(client.POST(TEST, { params: { path: { tenant: 'rival', id } } }));
  const [message] = (await received()) as [ReceivedRequest];
  expect(isTaken(secret, message)).toBe(true);
});
