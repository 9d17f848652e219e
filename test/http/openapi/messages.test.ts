/** What webhooks are sent is what the OpenAPI document says of each event, and signed as receivers verify it. */
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { EVENT_TYPES } from '../../../src/domain/event-type.ts';
import { type ReceivedRequest, type Receiver, startReceiver } from '../../support/http-receiver.ts';
import { type DocumentedOperation, openApi, violations } from '../../support/openapi-document.ts';
import { raiseKeyEvents } from '../../support/raise-key-events.ts';
import { raiseReportEvents } from '../../support/raise-report-events.ts';
import { raiseWarnings } from '../../support/raise-warning-events.ts';
import { raiseWebhookEvents } from '../../support/raise-webhook-events.ts';
import { TRUSTING } from '../../support/reporter.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

let vault: TestVault;
let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver(
    (request, response) => void response.writeHead(request.url === '/gone' ? 410 : 204).end(),
  );
  vault = await startVault({ env: { KEYROTATOR_WEBHOOK_ALLOWED_ADDRESSES: '127.0.0.1', ...TRUSTING } });
});

afterAll(async () => {
  await vault.stop();
  await receiver.close();
});

/** By the library, at the time that the message says. */
function expectVerified(secret: string, { body, headers }: ReceivedRequest): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Number(headers['webhook-timestamp']) * 1_000 });
  try {
    const verified = new Webhook(secret).verify(body, headers as Record<string, string>);
    expect(verified).toEqual(JSON.parse(body));
  } finally {
    vi.useRealTimers();
  }
}

it('each event is in the document, and its message as it says', async () => {
  expect(Object.keys(openApi.webhooks ?? {})).toEqual(EVENT_TYPES);
  const make = async (path: string, body: object) => (await vault.admin('POST', path, body)).body;
  const { client_token: token } = await make('/tenants', { slug: 'acme' });
  await make('/tenants/acme/services', { slug: 'openai', max_daily_requests: 1 });
  await make('/tenants/acme/services/openai/keys', { label: 'a', key: 'sk-0123456789abcdefghij' });
  const url = `http://127.0.0.1:${receiver.port}/`;
  const hooks = '/tenants/acme/webhooks';
  const all = await make(hooks, { url, events: ['*', 'key.delivered'] });
  const batch = await make(hooks, { url: `${url}batch`, events: ['key.delivered'], batch: true });
  await vault.next('service=openai', { token });
  await vault.next('service=openai', { token });
  await raiseKeyEvents(vault, token);
  await make(`${hooks}/${all.id}/test`, {});
  await raiseReportEvents(vault, token);
  vault.advance(1_000);
  await raiseWarnings(vault, token);
  await vault.jobs.dispatcher.runOnce();
  // What it raises lies a month ahead: it comes last.
  const gone = await raiseWebhookEvents(vault, 'acme', all.id, receiver);

  const messages = receiver.requests.map(({ body }) => JSON.parse(body));
  const types = new Set(messages.map(({ type }) => type));
  expect([...types].toSorted(), 'a new event has to be raised here').toEqual(EVENT_TYPES.toSorted());
  expect(messages.some(({ data }) => Array.isArray(data.deliveries))).toBe(true);
  const secrets: Record<string, string> = { '/': all.secret, '/batch': batch.secret, '/gone': gone.secret };
  for (const request of receiver.requests) expectVerified(secrets[request.path] ?? '', request);
  for (const message of messages) {
    const operation: DocumentedOperation = openApi.webhooks?.[message.type]?.post;
    const media = operation.requestBody?.content['application/json'];
    expect(violations(media?.schema ?? false, message), message.type).toEqual([]);
    const names = operation.parameters?.map(({ name }) => name) ?? [];
    expect(Object.keys(receiver.requests[0]?.headers ?? {})).toEqual(expect.arrayContaining(names));
  }
});
