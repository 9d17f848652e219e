import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendEmails } from '../../src/operations/emails/send-emails.ts';
import { addApp, addTenant, call } from '../support/furnish.ts';
import { type Receiver, startReceiver } from '../support/http-receiver.ts';
import { exchange } from '../support/raw-http.ts';
import { filesIn, findSecrets, type Place, type Secret, secret } from '../support/secret-search.ts';
import { sign } from '../support/sign-request.ts';
import { type MailReceiver, startMailReceiver } from '../support/smtp-receiver.ts';
import { type Reply, startVault, type TestVault, testedEngine } from '../support/start-vault.ts';

const MASTER_KEY = randomBytes(32);
const ROOT_TOKEN = `root-canary-${randomBytes(24).toString('hex')}`;
const PROVIDER_KEY = `sk-canary-${randomBytes(20).toString('hex')}`;
const SECOND_KEY = `sk-canary-${randomBytes(20).toString('hex')}`;
const IMPORTED_KEY = `sk-canary-${randomBytes(20).toString('hex')}`;
const KEYS = '/tenants/acme/services/openai/keys';

let vault: TestVault;
let receiver: Receiver;
let mailReceiver: MailReceiver;
const logLines: string[] = [];
const secrets: Secret[] = [];
/** Every answer that may hold no secret: all but those that made or delivered one. */
const answers: Place[] = [];

function note(
  name: string,
  {
    status,
    headers,
    text,
  }: Pick<Reply, 'status' | 'text'> & { headers: Iterable<readonly [string, string]> },
): void {
  answers.push({ name: `${name} (${status})`, content: `${JSON.stringify([...headers])}\n${text}` });
}

async function noteAdmin(method: string, path: string, body?: unknown, token?: string): Promise<Reply> {
  const reply = await vault.admin(method, path, body, token);
  note(`${method} ${path.slice(0, 80)}`, reply);
  return reply;
}

beforeAll(async () => {
  receiver = await startReceiver((_request, response) => response.writeHead(204).end());
  mailReceiver = await startMailReceiver();
  vault = await startVault({
    logLines,
    env: {
      KEYROTATOR_MASTER_KEY: MASTER_KEY.toString('base64'),
      KEYROTATOR_ROOT_TOKEN: ROOT_TOKEN,
      KEYROTATOR_WEBHOOK_ALLOWED_ADDRESSES: '127.0.0.0/8',
      KEYROTATOR_SMTP_URL: `smtp://127.0.0.1:${mailReceiver.port}`,
      LOG_LEVEL: 'debug',
    },
  });
  const clientToken = await addTenant(vault, 'acme');
  const { secret: webhookSecret } = await call(vault, 'POST', '/tenants/acme/webhooks', {
    url: `http://127.0.0.1:${receiver.port}/hook`,
    events: ['*', 'key.delivered'],
  });
  await call(vault, 'POST', '/tenants/acme/emails', { address: 'oncall@example.com', events: ['*'] });
  await call(vault, 'POST', '/tenants/acme/services', { slug: 'openai', max_daily_requests: 8 });
  const added = await call(vault, 'POST', KEYS, { label: 'A', key: PROVIDER_KEY });
  const second = await call(vault, 'POST', KEYS, { label: 'B', key: SECOND_KEY });
  const app = await addApp(vault, 'acme');
  const signing = await call(vault, 'POST', '/tenants/acme/apps', {
    name: 'Signing',
    services: 'all',
    require_signature: true,
  });
  secrets.push(
    secret('the root token', ROOT_TOKEN),
    { name: 'the master key', bytes: MASTER_KEY },
    secret('the master key in base64', MASTER_KEY.toString('base64')),
    secret('a provider key', PROVIDER_KEY),
    secret('the second provider key', SECOND_KEY),
    secret('an imported provider key', IMPORTED_KEY),
    secret('the client token', clientToken),
    secret('the app token', app.token),
    secret('the signing secret', signing.signing_secret),
    secret('the webhook secret', webhookSecret),
    {
      name: 'the bytes of the webhook secret',
      bytes: Buffer.from(webhookSecret.replace('whsec_', ''), 'base64'),
    },
  );

  await deliverInEveryWay(clientToken, app.token);
  await report(clientToken);
  await makeEveryMistake(clientToken);
  await noteAdmin('POST', `${KEYS}/${second.id}/burn`, { reason: 'leaked' });
  await changeEverything(app.id, added.id);
  await signAndRotate(signing);
  await vault.jobs.refusals.flush(vault.jobs.vault);
  await vault.jobs.dispatcher.runOnce();
  await mail();
  for (const path of [
    '',
    '/services',
    '/services/openai',
    '/services/openai/keys',
    `/services/openai/keys/${added.id}`,
    `/services/openai/keys/${added.id}/holders`,
    '/services/openai/deliveries',
    '/apps',
    `/apps/${app.id}`,
    `/apps/${signing.id}`,
    `/apps/${app.id}/usage`,
    '/webhooks',
    '/webhooks/1/deliveries',
    '/emails',
    '/usage?group_by=key',
    '/audit?limit=200',
    '/audit/export',
    '/audit/export?format=parquet',
  ]) {
    expect((await noteAdmin('GET', `/tenants/acme${path}`)).status).toBe(200);
  }
  await noteAdmin('GET', '/audit');
  await noteAdmin('GET', '/tenants');
  await noteAdmin('GET', '/whoami');
});
afterAll(async () => {
  await receiver.close();
  await mailReceiver.close();
  rmSync(vault.folder, { recursive: true, force: true });
});

async function deliverInEveryWay(clientToken: string, appToken: string): Promise<void> {
  await vault.next('service=openai', { token: clientToken });
  await vault.next(`service=openai&token=${clientToken}`);
  await vault.next(`service=openai&app_token=${appToken}`);
  note('a masked delivery', await vault.next('service=openai&mask=1', { token: appToken }));
  note('an unknown service', await vault.next(`service=${PROVIDER_KEY}`, { token: clientToken }));
  note('a token for a service', await vault.next(`service=${clientToken}`, { token: clientToken }));
  note('a form that is wrong', await vault.next(`service=openai&token=${clientToken}&mask=${PROVIDER_KEY}`));
  note('an administrator', await vault.next('service=openai', { token: ROOT_TOKEN }));
  for (const method of ['HEAD', 'POST', 'TRACE']) {
    const request = `${method} /api/next?service=openai&token=${clientToken} HTTP/1.1\r\nHost: a\r\nX-Key: ${PROVIDER_KEY}\r\n\r\n`;
    const { status, text, fields } = await exchange(vault.url, request);
    note(method, { status, text, headers: fields });
  }
  for (const bytes of [
    `GARBAGE ${clientToken}\r\n\r\n`,
    `GET /${ROOT_TOKEN} HTTP/1.1\r\n${PROVIDER_KEY}\r\n\r\n`,
    `GET /?${clientToken.repeat(400)} HTTP/1.1\r\n\r\n`,
  ]) {
    const { status, text, fields } = await exchange(vault.url, bytes);
    note('what is no HTTP', { status, text, headers: fields });
  }
}

async function report(clientToken: string): Promise<void> {
  const { body } = await vault.next('service=openai', { token: clientToken });
  const { delivery_id } = body.meta;
  const send = async (token: string, report: unknown) => {
    const reply = await vault.request('/api/report', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(report),
    });
    note('a report', reply);
    return reply.status;
  };
  for (const wrong of [
    { delivery_id: clientToken, outcome: 'ok' },
    { delivery_id, outcome: PROVIDER_KEY },
    { delivery_id, outcome: 'ok', [clientToken]: PROVIDER_KEY },
    PROVIDER_KEY,
  ])
    expect(await send(clientToken, wrong)).toBeGreaterThanOrEqual(400);
  expect(await send(ROOT_TOKEN, { delivery_id, outcome: 'ok' })).toBe(403);
  expect(await send(clientToken, { delivery_id, outcome: 'unauthorized', status: 401 })).toBe(202);
}

async function mail(): Promise<void> {
  const { mailing } = vault.jobs;
  if (mailing === null) throw new Error('mail is not set up');
  await sendEmails(vault.engine, mailing, new AbortController().signal);
}

async function signAndRotate(app: { id: number; app_token: string; signing_secret: string }): Promise<void> {
  const timestamp = Math.floor(vault.clock.wall() / 1000);
  const sent = (headers: Record<string, string>) =>
    vault.next('service=openai', { token: app.app_token, headers });
  note(
    'a wrong signature',
    await sent({ ...sign({ secret: 'x', timestamp }), 'x-secret': app.signing_secret }),
  );
  note('a secret for a signature', await sent({ 'x-signature': app.signing_secret }));
  const { signing_secret } = await call(vault, 'POST', `/tenants/acme/apps/${app.id}/rotate-signing-secret`, {
    grace_seconds: 60,
  });
  secrets.push(secret('the second signing secret', signing_secret), secret('its app token', app.app_token));
  await sent(sign({ secret: app.signing_secret, timestamp }));
  note(
    'signatures no longer',
    await vault.admin('PATCH', `/tenants/acme/apps/${app.id}`, { name: 'Signing, renamed' }),
  );
}

async function makeEveryMistake(clientToken: string): Promise<void> {
  for (const path of [
    `/api/next/${clientToken}`,
    `/${ROOT_TOKEN}`,
    `/admin/v1/tenants/${clientToken}?token=${ROOT_TOKEN}`,
    `/healthz?key=${PROVIDER_KEY}`,
    `/readyz?x=${clientToken}`,
  ]) {
    note('a secret in a path', await vault.request(path));
    note(
      'a secret in a path',
      await vault.request(path, { headers: { authorization: `Bearer ${ROOT_TOKEN}` } }),
    );
  }
  await noteAdmin('POST', KEYS, `{"label": "A", "key": "${PROVIDER_KEY}", }`);
  await noteAdmin('POST', KEYS, `"${PROVIDER_KEY}`);
  await noteAdmin('POST', KEYS, { label: 'Once more', key: PROVIDER_KEY });
  await noteAdmin('POST', KEYS, { label: '', key: ` ${PROVIDER_KEY}` });
  await noteAdmin('POST', KEYS, { label: 'A', key: `${PROVIDER_KEY}\n` });
  await noteAdmin('POST', KEYS, { label: 'A', key: [PROVIDER_KEY] });
  await noteAdmin('POST', KEYS, {
    label: { a: PROVIDER_KEY },
    weight: PROVIDER_KEY,
    expires_at: PROVIDER_KEY,
    tags: [PROVIDER_KEY],
    key: 5,
  });
  await noteAdmin('POST', '/tenants', { slug: clientToken, name: 5 });
  await noteAdmin('POST', '/tenants', {
    slug: 'x',
    allowed_ips: [clientToken, PROVIDER_KEY, 'x'],
    status: ROOT_TOKEN,
  });
  await noteAdmin('POST', '/tenants/acme/services', {
    slug: 'x',
    policy: PROVIDER_KEY,
    timezone: clientToken,
    day_resets_at: ROOT_TOKEN,
  });
  await noteAdmin('POST', '/tenants/acme/apps', {
    name: 'x',
    services: [clientToken],
    expires_at: PROVIDER_KEY,
  });
  await noteAdmin('POST', '/tenants/acme/webhooks', { url: PROVIDER_KEY, events: [clientToken] });
  await noteAdmin('GET', `/tenants?limit=${clientToken}`);
  await noteAdmin('GET', `/tenants?cursor=${clientToken}`);
  await noteAdmin('GET', '/tenants', undefined, clientToken);
  const rows = [
    { label: 'C', key: IMPORTED_KEY },
    { label: 'C', key: IMPORTED_KEY },
    { label: 'D', key: `${PROVIDER_KEY}\u0007` },
    { label: PROVIDER_KEY.repeat(9), key: PROVIDER_KEY },
  ];
  expect((await noteAdmin('POST', `${KEYS}/import`, rows)).body.added).toBe(1);
}

async function changeEverything(appId: number, keyId: number): Promise<void> {
  await noteAdmin('PATCH', `${KEYS}/${keyId}`, { label: 'Renamed', weight: 3 });
  await noteAdmin('POST', `${KEYS}/${keyId}/disable`, { reason: 'test' });
  await noteAdmin('POST', `${KEYS}/${keyId}/enable`);
  await noteAdmin('POST', '/tenants/acme/services/openai/rotate', { retire_old: true });
  await noteAdmin('PATCH', `/tenants/acme/apps/${appId}`, { name: 'Renamed' });
  const { app_token } = await call(vault, 'POST', `/tenants/acme/apps/${appId}/rotate-token`, {
    grace_seconds: 60,
  });
  const { client_token } = await call(vault, 'POST', '/tenants/acme/client-token/rotate', {
    grace_seconds: 60,
  });
  const [webhook] = (await call(vault, 'GET', '/tenants/acme/webhooks')).data;
  const hook = `/tenants/acme/webhooks/${webhook.id}`;
  const { secret: webhookSecret } = await call(vault, 'POST', `${hook}/rotate-secret`);
  await noteAdmin('POST', `${hook}/test`);
  secrets.push(
    secret('the second app token', app_token),
    secret('the second client token', client_token),
    secret('the second webhook secret', webhookSecret),
  );
  for (let at = 0; at < 8; at++) {
    const reply = await vault.next('service=openai', { token: client_token });
    if (reply.status !== 200) note('a full service', reply);
  }
  await vault.engine.write({ tenantId: 1 }, (unit) =>
    unit.updateTable('services').set({ max_daily_requests: null }).execute(),
  );
  await vault.engine.write({ tenantId: 1 }, (unit) =>
    unit
      .updateTable('provider_keys')
      .set({ sealed_key: Buffer.alloc(64, 1) })
      .execute(),
  );
  const broken = await vault.next('service=openai', { token: client_token });
  expect(broken.status).toBe(500);
  note('keys that do not decrypt', broken);
}

describe('no secret is found', () => {
  it('though the search finds each in every notation', () => {
    const found = secrets.map((each) => {
      const bytes = Buffer.from(each.bytes);
      const places = ['latin1', 'hex', 'base64', 'base64url'] as const;
      return places.map(
        (encoding) =>
          findSecrets(
            [each],
            [{ name: 'x', content: `xx${Buffer.concat([Buffer.from('ab'), bytes]).toString(encoding)}yy` }],
          ).length > 0,
      );
    });
    expect(found.map((each, at) => [secrets[at]?.name, ...each])).toEqual(
      secrets.map(({ name }) => [
        name,
        name.includes('master key') || name.startsWith('the bytes') ? expect.any(Boolean) : true,
        true,
        true,
        true,
      ]),
    );
  });

  it('in any answer but the one that made or delivered it, mistakes included', () => {
    expect(answers.length).toBeGreaterThan(50);
    expect(findSecrets(secrets, answers)).toEqual([]);
  });

  it('in the log, at its most talkative', () => {
    expect(logLines.length).toBeGreaterThan(20);
    expect(logLines.some((line) => line.includes('"reason":"unknown service"'))).toBe(true);
    expect(findSecrets(secrets, [{ name: 'the log', content: logLines.join('') }])).toEqual([]);
  });

  it('in the metrics', async () => {
    const { text } = await vault.request('/metrics');
    expect(text).toContain('keyrotator_deliveries_total');
    expect(findSecrets(secrets, [{ name: 'the metrics', content: text }])).toEqual([]);
  });

  it('in what webhooks are told', () => {
    const told = receiver.requests.map(({ path, headers, body }) => ({
      name: 'an event',
      content: `${path}\n${JSON.stringify(headers)}\n${body}`,
    }));
    const types = new Set(receiver.requests.map(({ body }) => JSON.parse(body).type));
    for (const type of [
      'key.delivered',
      'key.rotated',
      'service.limit_reached',
      'app.token_rotated',
      'webhook.test',
    ])
      expect(types).toContain(type);
    expect(findSecrets(secrets, told)).toEqual([]);
  });

  it('in what is mailed', () => {
    const mails = mailReceiver.mails.map(({ raw }) => ({ name: 'a mail', content: raw }));
    for (const type of ['key.burned', 'app.token_rotated'])
      expect(mails.some(({ content }) => content.includes(type))).toBe(true);
    expect(findSecrets(secrets, mails)).toEqual([]);
  });

  it('in the audit trail, which has an entry for each change', async () => {
    const entries = await vault.engine.read.selectFrom('audit_entries').selectAll().execute();
    const types = new Set(entries.map(({ type }) => type));
    for (const type of [
      'key.created',
      'app.token_rotated',
      'tenant.client_token_rotated',
      'webhook.created',
      'app.signing_secret_rotated',
      'webhook.secret_rotated',
    ])
      expect(types).toContain(type);
    expect(findSecrets(secrets, [{ name: 'the audit trail', content: JSON.stringify(entries) }])).toEqual([]);
  });

  it.skipIf(testedEngine !== 'sqlite')(
    'in any file of the data folder, while the vault is running and after it has stopped',
    async () => {
      const running = filesIn(vault.folder);
      expect(running.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['keyrotator.db', 'keyrotator.db-wal']),
      );
      expect(running.some(({ content }) => Buffer.from(content).includes('Renamed'))).toBe(true);
      expect(findSecrets(secrets, running)).toEqual([]);
      const { folder } = vault;
      await vault.service.stop();
      expect(findSecrets(secrets, filesIn(folder))).toEqual([]);
    },
  );
});
