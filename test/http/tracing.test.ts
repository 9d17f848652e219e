/** Traces, as a collector gets them. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Collector, startCollector } from '../support/collector.ts';
import { addApp, addService, addTenant, call } from '../support/furnish.ts';
import { startReceiver } from '../support/http-receiver.ts';
import { parseMetrics, sampleOf } from '../support/scrape.ts';
import { findSecrets, secret } from '../support/secret-search.ts';
import { startVault, type TestVault, type VaultOptions } from '../support/start-vault.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const SERVER = 2;
const CLIENT = 3;
const ERROR = 2;

async function setUp(env: NodeJS.ProcessEnv = {}, status: number | null = 200, options: VaultOptions = {}) {
  const collector = await startCollector(status);
  const vault = await startVault({ ...options, env: { ...collector.env, ...env } });
  onTestFinished(async () => {
    await vault.stop();
    await collector.close();
  });
  return { collector, vault };
}

/** The spans of everything so far. */
async function spansOf(collector: Collector, vault: TestVault) {
  await vault.stop();
  return collector.spans();
}

it('a delivery is a server span that goes on with the trace of its client, and the decision with its commit a child', async () => {
  const { collector, vault } = await setUp();
  const token = await addTenant(vault, 'acme');
  await addService(vault, 'acme', { slug: 'openai' });
  const traceparent = `00-${TRACE}-${PARENT}-01`;
  const { status, headers } = await vault.next('service=openai', { token, headers: { traceparent } });
  expect(status).toBe(200);
  const spans = (await spansOf(collector, vault)).filter(({ traceId }) => traceId === TRACE);
  const server = spans.find(({ kind }) => kind === SERVER);
  expect(server).toMatchObject({
    name: 'GET /api/next',
    parentSpanId: PARENT,
    attributes: {
      'http.request.method': 'GET',
      'http.route': '/api/next',
      'http.response.status_code': 200,
      'keyrotator.request_id': headers.get('x-request-id'),
    },
  });
  expect(spans.filter(({ name }) => name === 'decide and commit')).toMatchObject([
    { parentSpanId: server?.spanId, events: expect.arrayContaining(['decided']) },
  ]);
});

it('a refusal says why, and a request of the administration goes by its route', async () => {
  const { collector, vault } = await setUp();
  const token = await addTenant(vault, 'acme');
  await vault.next('service=nowhere', { token });
  await vault.admin('POST', '/tenants/acme/services', '{"slug": ');
  await vault.admin('GET', '/tenants/acme/apps/77');
  await vault.admin('GET', '/whoami', undefined, null);
  await vault.request('/metrics');
  const spans = (await spansOf(collector, vault)).filter(({ kind }) => kind === SERVER);
  expect(
    spans.map(({ name, attributes }) => [
      name,
      attributes['http.response.status_code'],
      attributes['keyrotator.refusal'],
    ]),
  ).toEqual([
    ['POST /admin/v1/tenants', 201, undefined],
    ['GET /api/next', 404, 'unknown service'],
    ['POST /admin/v1/tenants/:tenant/services', 400, undefined],
    ['GET /admin/v1/tenants/:tenant/apps/:id', 404, undefined],
    ['GET /admin/v1', 401, undefined],
  ]);
});

it('no span holds anything that a client sent or the vault keeps, however wrong it goes', async () => {
  const provider = `sk-canary-${randomBytes(20).toString('hex')}`;
  const root = `root-canary-${randomBytes(24).toString('hex')}`;
  const hook = await startReceiver((_request, response) => void response.writeHead(500).end(provider));
  onTestFinished(() => hook.close());
  const { collector, vault } = await setUp({
    KEYROTATOR_ROOT_TOKEN: root,
    KEYROTATOR_WEBHOOK_ALLOWED_ADDRESSES: '127.0.0.1',
  });
  const token = await addTenant(vault, 'acme-canary');
  await addService(vault, 'acme-canary', { slug: 'openai-canary' }, [{ key: provider }]);
  const app = await addApp(vault, 'acme-canary');
  const { secret: hookSecret } = await call(vault, 'POST', '/tenants/acme-canary/webhooks', {
    url: `http://127.0.0.1:${hook.port}/path-canary?key=query-canary`,
    events: ['key.delivered'],
  });
  const tracestate = `vendor=${token.slice(0, 40)}`;
  const traceparent = `00-${TRACE}-${PARENT}-01`;
  const headers = { 'user-agent': `agent-canary ${token}`, traceparent, tracestate };
  await vault.next('service=openai-canary', { token, headers });
  await vault.next(`service=openai-canary&token=${token}&x=query-canary`);
  await vault.next(`service=openai-canary&app_token=${app.token}&mask=${provider}`);
  await vault.next(`service=${provider}`, { token });
  await vault.next('service=openai-canary', { token: `${token}x` });
  await vault.next('service=openai-canary', { token, headers: { traceparent: token } });
  await vault.admin('POST', `/tenants/${token}/services?x=query-canary`, `{"slug": "${provider}", `);
  await vault.admin('POST', '/tenants/acme-canary/services', { slug: provider, [provider]: 1 });
  await vault.request(`/admin/v1/${provider}`, { headers: { authorization: `Bearer ${root}` } });
  await vault.request(`/${provider}`);
  await vault.jobs.dispatcher.runOnce();
  await vault.engine.write({ tenantId: 1 }, (unit) =>
    unit
      .updateTable('provider_keys')
      .set({ sealed_key: Buffer.alloc(64, 1) })
      .execute(),
  );
  expect((await vault.next('service=openai-canary', { token })).status).toBe(500);
  const spans = await spansOf(collector, vault);
  expect(
    spans.find(({ attributes }) => attributes['keyrotator.refusal'] === 'key decrypt failed'),
  ).toMatchObject({
    status: { code: ERROR },
    attributes: { 'http.response.status_code': 500, 'error.type': '500' },
  });
  const sent = spans.filter(({ name }) => name === 'send webhook');
  expect(sent[0]).toMatchObject({
    kind: CLIENT,
    status: { code: ERROR },
    attributes: { 'http.response.status_code': 500, 'error.type': 'http_status' },
  });
  expect(spans.filter(({ kind }) => kind === SERVER).length).toBeGreaterThan(10);
  for (const { status } of spans) expect(status.message ?? '').toBe('');
  const places = collector.receiver.requests.map(({ headers: fields, body }) => ({
    name: 'what the collector got',
    content: `${JSON.stringify(fields)}\n${body}`,
  }));
  const secrets = Object.entries({ provider, root, token, hookSecret, appToken: app.token, tracestate }).map(
    ([name, text]) => secret(name, text),
  );
  expect(findSecrets([...secrets, secret('anything of a client', 'canary')], places)).toEqual([]);
});

describe('sampling', () => {
  const sampled = async (env: NodeJS.ProcessEnv, flags: string | null) => {
    const { collector, vault } = await setUp(env);
    const headers: Record<string, string> =
      flags === null ? {} : { traceparent: `00-${TRACE}-${PARENT}-${flags}` };
    await vault.next('service=openai', { headers });
    return (await spansOf(collector, vault)).length > 0;
  };
  const NONE = { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' };

  it.each([
    ['everything by default', {}, null, true],
    ['not what its client does not keep', {}, '00', false],
    ['nothing of its own at a ratio of 0', NONE, null, false],
    ['what its client keeps, whatever the ratio', NONE, '01', true],
    ['nothing where it is off', { OTEL_TRACES_SAMPLER: 'always_off' }, '01', false],
  ] as const)('keeps %s', async (_, env, flags, kept) => {
    expect(await sampled(env, flags)).toBe(kept);
  });
});

describe('a collector', () => {
  it('is told who sends, with the header fields that it wants', async () => {
    const { collector, vault } = await setUp({
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20of-the-collector, x-team=a',
      OTEL_SERVICE_NAME: 'vault',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    });
    await vault.next('service=openai');
    await vault.stop();
    const [request] = collector.receiver.requests;
    expect(request).toMatchObject({
      path: '/v1/traces',
      headers: { authorization: 'Bearer of-the-collector', 'x-team': 'a' },
    });
    const { attributes } = JSON.parse(request?.body ?? '').resourceSpans[0].resource;
    expect(attributes).toEqual(
      expect.arrayContaining([
        { key: 'service.name', value: { stringValue: 'vault' } },
        { key: 'deployment.environment.name', value: { stringValue: 'test' } },
      ]),
    );
  });

  it.each([
    ['fails', 400],
    ['never answers', null],
  ])('that %s neither disturbs deliveries nor keeps the service from stopping', async (_, status) => {
    const logLines: string[] = [];
    const { vault } = await setUp({}, status, { logLines });
    const token = await addTenant(vault, 'acme');
    await addService(vault, 'acme', { slug: 'openai' });
    const failed = async () => {
      const { text } = await vault.request('/metrics');
      return sampleOf(parseMetrics(text), 'keyrotator_trace_spans_total', { result: 'failed' }) ?? 0;
    };
    await vi.waitFor(
      async () => {
        expect((await vault.next('service=openai', { token })).status).toBe(200);
        expect(await failed()).toBeGreaterThan(0);
      },
      { timeout: 12_000, interval: 100 },
    );
    expect(logLines.filter((line) => line.includes('traces are not taken'))).toHaveLength(1);
    const started = performance.now();
    await vault.stop();
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
