/** The examples of the OpenAPI document are true: each request is taken as it stands there, and its answer looks like the one there. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  answerOf,
  type DocumentedOperation,
  OPERATIONS,
  violations,
} from '../../support/openapi-document.ts';
import { type Reply, startVault, type TestVault } from '../../support/start-vault.ts';
import { seedAttempt } from '../../support/webhook-attempts.ts';

/** Every operation, in an order in which each finds what it needs. A new one goes where that is so. */
const STORY = [
  'isAlive isReady whoami createTenant listTenants getTenant updateTenant',
  'createService listServices getService',
  'createKey importKeys listKeys getKey updateKey disableKey enableKey',
  'createGroup listGroups getGroup updateGroup',
  'createApp listApps getApp disableApp enableApp rotateAppToken updateApp rotateSigningSecret',
  'createWebhook listWebhooks getWebhook updateWebhook rotateWebhookSecret testWebhook',
  'listWebhookDeliveries replayWebhookDelivery',
  'createEmail listEmails getEmail updateEmail',
  'createAdminToken listAdminTokens getAdminToken createRootToken listRootTokens getRootToken',
  'rotateClientToken nextKey nextKeyPhp reportKey listDeliveries listHolders showUsage showAppUsage rotateService updateService burnKey',
  'listAudit exportAudit listVaultAudit exportVaultAudit metrics',
  'deleteApp deleteGroup deleteWebhook deleteEmail deleteAdminToken deleteRootToken deleteKey deleteService deleteTenant',
].flatMap((line) => line.split(' '));

const PLACES: Readonly<Record<string, string>> = { tenant: 'acme', service: 'openai', group: 'llm' };
/** Members of the answer that hold whatever happened to be there. */
const OPEN = ['before', 'after', 'tags'];

let vault: TestVault;
let clientToken = '';
/** The path of a list, as in the document → the id of the first thing that was made there. */
const made = new Map<string, number>();

beforeAll(async () => {
  vault = await startVault();
});

afterAll(() => vault.stop());

function pathTo({ path, operationId }: DocumentedOperation): string {
  const id = made.get(path.split('/{id}')[0] ?? '');
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => PLACES[name] ?? String(id));
  if (operationId.startsWith('nextKey')) return `${filled}?service=openai&mask=1`;
  if (operationId === 'deleteTenant') return `${filled}?confirm=acme`;
  return operationId === 'deleteService' ? `${filled}?confirm=openai` : filled;
}

/** A report is on a delivery that its caller has had. */
async function ownDelivery() {
  const { body } = await vault.next('service=openai', { token: clientToken });
  return { delivery_id: body.meta.delivery_id };
}

/** The id of the first thing of its kind that was made in the tenant. */
function madeAt(kind: string): number {
  return made.get(`/admin/v1/tenants/{tenant}/${kind}`) ?? 0;
}

async function replay(operation: DocumentedOperation, type?: string, example?: unknown): Promise<Reply> {
  const token = operation.path.startsWith('/api/') ? clientToken : vault.rootToken;
  const own =
    operation.operationId === 'reportKey' ? { ...(example as object), ...(await ownDelivery()) } : example;
  const body = typeof own === 'string' ? own : JSON.stringify(own);
  const reply = await vault.request(pathTo(operation), {
    method: operation.method,
    headers: { authorization: `Bearer ${token}`, ...(type === undefined ? {} : { 'content-type': type }) },
    ...(example === undefined ? {} : { body }),
  });
  if (reply.status === 201 && !made.has(operation.path)) made.set(operation.path, reply.body.id);
  clientToken = reply.body?.client_token ?? clientToken;
  return reply;
}

/** The names and types of all members; null may stand for anything, and a list for one of any length. */
function expectAlike(real: unknown, example: unknown, at = ''): void {
  if (real === null || example === null || OPEN.includes(at.split('/').at(-1) ?? '')) return;
  expect(typeof real, at).toBe(typeof example);
  if (typeof real !== 'object' || typeof example !== 'object') return;
  expect(Array.isArray(real), at).toBe(Array.isArray(example));
  if (Array.isArray(real) && Array.isArray(example)) {
    if (real.length > 0 && example.length > 0) expectAlike(real[0], example[0], `${at}/0`);
    return;
  }
  expect(Object.keys(real).toSorted(), at).toEqual(Object.keys(example).toSorted());
  for (const [name, value] of Object.entries(real)) {
    expectAlike(value, (example as Record<string, unknown>)[name], `${at}/${name}`);
  }
}

it('every operation is tried', () => {
  expect(STORY.toSorted(), 'a new operation belongs into STORY').toEqual(
    OPERATIONS.map(({ operationId }) => operationId).toSorted(),
  );
});

describe('the example of', () => {
  it.each(STORY)('%s', async (id) => {
    const operation = OPERATIONS.find(({ operationId }) => operationId === id) as DocumentedOperation;
    const bodies: [string?, { example?: unknown }?][] = Object.entries(operation.requestBody?.content ?? {});
    if (id === 'listWebhookDeliveries') await seedAttempt(vault.jobs.vault, madeAt('webhooks'));
    const [success] = Object.keys(operation.responses);
    const answer = answerOf(operation, Number(success));
    for (const [type, media] of bodies.length > 0 ? bodies : [[]]) {
      const reply = await replay(operation, type, media?.example);
      expect(reply.status, reply.text).toBe(Number(success));
      const shown = answer?.content?.['application/json'];
      if (shown === undefined) continue;
      expect(shown, 'an example of the answer').toHaveProperty('example');
      expect(violations(shown.schema, shown.example)).toEqual([]);
      if (type !== 'text/csv') expectAlike(reply.body, shown.example);
      if (type !== 'application/json' || Array.isArray(media?.example)) continue;
      const sent = Object.keys(media?.example ?? {});
      const told = Object.entries(shown.example as object).filter(([name]) => sent.includes(name));
      expect(reply.body).toMatchObject(Object.fromEntries(told));
    }
  });
});
