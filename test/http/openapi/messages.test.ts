/** What webhooks are sent is what the OpenAPI document says of each event. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EVENT_TYPES } from '../../../src/domain/event-type.ts';
import { type Receiver, startReceiver } from '../../support/http-receiver.ts';
import { type DocumentedOperation, openApi, violations } from '../../support/openapi-document.ts';
import { raiseReportEvents } from '../../support/raise-report-events.ts';
import { TRUSTING } from '../../support/reporter.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

let vault: TestVault;
let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver((_request, response) => void response.writeHead(204).end());
  vault = await startVault({ env: { KEYROTATOR_WEBHOOK_ALLOWED_ADDRESSES: '127.0.0.1', ...TRUSTING } });
});

afterAll(async () => {
  await vault.stop();
  await receiver.close();
});

it('each event is in the document, and its message as it says', async () => {
  expect(Object.keys(openApi.webhooks ?? {})).toEqual(EVENT_TYPES);
  const make = async (path: string, body: object) => (await vault.admin('POST', path, body)).body;
  const { client_token: token } = await make('/tenants', { slug: 'acme' });
  await make('/tenants/acme/services', { slug: 'openai', max_daily_requests: 1 });
  await make('/tenants/acme/services/openai/keys', { label: 'a', key: 'sk-0123456789abcdefghij' });
  const url = `http://127.0.0.1:${receiver.port}/`;
  const { id } = await make('/tenants/acme/webhooks', { url, events: ['*', 'key.delivered'] });
  await vault.next('service=openai', { token });
  await vault.next('service=openai', { token });
  await make(`/tenants/acme/webhooks/${id}/test`, {});
  await raiseReportEvents(vault, token);
  await vault.jobs.dispatcher.runOnce();

  const messages = receiver.requests.map(({ body }) => JSON.parse(body));
  const types = new Set(messages.map(({ type }) => type));
  expect([...types].toSorted(), 'a new event has to be raised here').toEqual(EVENT_TYPES.toSorted());
  for (const message of messages) {
    const operation: DocumentedOperation = openApi.webhooks?.[message.type]?.post;
    const media = operation.requestBody?.content['application/json'];
    expect(violations(media?.schema ?? false, message), message.type).toEqual([]);
    const names = operation.parameters?.map(({ name }) => name) ?? [];
    expect(Object.keys(receiver.requests[0]?.headers ?? {})).toEqual(expect.arrayContaining(names));
  }
});
