/** The secrets that the requests of an app are signed with: when there is one, and who is shown it. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { prune } from '../../../src/operations/upkeep/prune.ts';
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
import { findSecrets, secret } from '../../support/secret-search.ts';
import { sign } from '../../support/sign-request.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const APPS = '/admin/v1/tenants/{tenant}/apps';
const APP = '/admin/v1/tenants/{tenant}/apps/{id}';
const ROTATE = '/admin/v1/tenants/{tenant}/apps/{id}/rotate-signing-secret';
const SECRET = /^krs_[\w-]{43}$/;
let vault: TestVault;
let client: AdminClient;

beforeEach(async () => {
  vault = await startVault();
  client = adminClient(vault);
  await made(client.POST('/admin/v1/tenants', { body: { slug: 'acme' } }));
  const service = { slug: 'openai' };
  await made(client.POST('/admin/v1/tenants/{tenant}/services', { ...inAcme(), body: service }));
  await made(
    client.POST('/admin/v1/tenants/{tenant}/services/{service}/keys', {
      ...inAcme({ service: 'openai' }),
      body: { label: 'one', key: 'sk-one-0123456789abcdefghij' },
    }),
  );
});

afterEach(() => vault.stop());

const makeApp = () => made(client.POST(APPS, { ...inAcme(), body: { name: 'a', services: 'all' } }));

/** With the secret that it was shown with. */
async function makeSigning() {
  const body = { name: 'a', services: 'all', require_signature: true } as const;
  return shown(await made(client.POST(APPS, { ...inAcme(), body })));
}

async function outcome(token: string, signingSecret: string): Promise<string> {
  const timestamp = Math.floor(vault.clock.wall() / 1000);
  const headers = sign({ secret: signingSecret, timestamp });
  const { status, body } = await vault.next('service=openai', { token, headers });
  return status === 200 ? 'delivered' : body.error;
}

/** The same, that has to have a secret. */
function shown<Members extends { signing_secret?: string }>({ signing_secret, ...view }: Members) {
  if (signing_secret === undefined) throw new Error('no secret is shown');
  return { ...view, signing_secret };
}

const show = (id: number) => client.GET(APP, inAcme({ id }));
const patch = (id: number, body: Schemas['AppPatch']) => client.PATCH(APP, { ...inAcme({ id }), body });
const rotate = (id: number, body: Schemas['Grace'] = {}) => client.POST(ROTATE, { ...inAcme({ id }), body });
const audit = () => dataOf(client.GET('/admin/v1/tenants/{tenant}/audit', inAcme()));
const remove = (id: number) => statusOf(client.DELETE(APP, inAcme({ id })));

const secretsKept = () => vault.engine.read.selectFrom('signing_secrets').selectAll().execute();

it('an app that wants signatures is made with a secret, which is shown this once', async () => {
  const { app_token, signing_secret, ...view } = await makeSigning();
  expect(signing_secret).toMatch(SECRET);
  expect(view.require_signature).toBe(true);
  expect(await dataOf(show(view.id))).toEqual(view);
  const changed = await dataOf(patch(view.id, { require_signature: true, name: 'b' }));
  expect(changed).not.toHaveProperty('signing_secret');
  expect(await outcome(app_token, signing_secret)).toBe('delivered');
});

async function turnOn(id: number): Promise<string> {
  return shown(await dataOf(patch(id, { require_signature: true }))).signing_secret;
}

it('the PATCH that turns signatures on answers with a secret, each time another one', async () => {
  const { id, app_token } = await makeApp();
  const first = await turnOn(id);
  expect(first).toMatch(SECRET);
  expect(await outcome(app_token, first)).toBe('delivered');
  const off = await dataOf(patch(id, { require_signature: false }));
  expect(off).not.toHaveProperty('signing_secret');
  expect(await secretsKept()).toEqual([]);
  const second = await turnOn(id);
  expect(second).not.toBe(first);
  expect(await outcome(app_token, first)).toBe('invalid signature');
  expect(await outcome(app_token, second)).toBe('delivered');
});

it('a rotation answers with a new secret; without a grace the old one ends at once', async () => {
  const { id, app_token, signing_secret } = await makeSigning();
  const rotated = await dataOf(rotate(id));
  expect(Object.keys(rotated).toSorted()).toEqual(['previous_valid_until', 'signing_secret']);
  expect(rotated).toEqual({
    signing_secret: expect.stringMatching(SECRET),
    previous_valid_until: '2026-03-01T12:00:00.000Z',
  });
  expect(await outcome(app_token, signing_secret)).toBe('invalid signature');
  expect(await outcome(app_token, rotated.signing_secret)).toBe('delivered');
});

it('of many rotations with a grace the latest four secrets are valid, and ended ones are pruned', async () => {
  const { id, app_token, signing_secret } = await makeSigning();
  const secrets = [signing_secret];
  for (let time = 0; time < 5; time++)
    secrets.push((await dataOf(rotate(id, { grace_seconds: 3_600 }))).signing_secret);
  const outcomes = await Promise.all(secrets.map((each) => outcome(app_token, each)));
  expect(outcomes.map((each) => each === 'delivered')).toEqual([false, false, true, true, true, true]);
  vault.advance(26 * 3_600_000);
  const { jobs, engine } = vault;
  await prune(jobs.vault, jobs.retention, engine.time(), new AbortController().signal);
  expect(await secretsKept()).toHaveLength(1);
  expect(await outcome(app_token, secrets.at(-1) ?? '')).toBe('delivered');
});

it('an app that wants no signatures has nothing to rotate, and is told what to do', async () => {
  const { id } = await makeApp();
  const { status, error, detail } = await refusalOf(rotate(id));
  expect([status, error]).toEqual([409, 'conflict']);
  expect(detail).toContain('require_signature');
  expect(await statusOf(rotate(999_999))).toBe(404);
  expect(await statusOf(rotate(id, { grace_seconds: -1 }))).toBe(422);
});

it('the ETag covers whether signatures are wanted, and not the secret', async () => {
  const { id } = await makeApp();
  const tag = async () => (await show(id)).response.headers.get('etag');
  const before = await tag();
  const { headers } = (await patch(id, { require_signature: true })).response;
  expect(headers.get('etag')).not.toBe(before);
  expect(await tag()).toBe(headers.get('etag'));
  await dataOf(rotate(id));
  expect(await tag()).toBe(headers.get('etag'));
});

it('the audit trail says that signatures are wanted and that a secret was rotated, without any secret', async () => {
  const { id, signing_secret } = await makeSigning();
  const rotated = await dataOf(rotate(id, { grace_seconds: 60 }));
  await dataOf(patch(id, { require_signature: false }));
  const { data } = await audit();
  const [off, rotation, made] = data;
  expect(made).toMatchObject({ type: 'app.created', after: { require_signature: true } });
  expect(rotation).toMatchObject({
    type: 'app.signing_secret_rotated',
    target: `app:${id}`,
    after: { previous_valid_until: '2026-03-01T12:01:00.000Z' },
  });
  expect(off).toMatchObject({
    type: 'app.updated',
    before: { require_signature: true },
    after: { require_signature: false },
  });
  const secrets = [secret('one', signing_secret), secret('two', rotated.signing_secret)];
  expect(findSecrets(secrets, [{ name: 'the audit trail', content: JSON.stringify(data) }])).toEqual([]);
});

it('a secret lies sealed in the database, and goes with its app and its tenant', async () => {
  const { id, signing_secret } = await makeSigning();
  const [kept] = await secretsKept();
  expect(Buffer.from(kept?.sealed_secret ?? '').includes(signing_secret)).toBe(false);
  await makeSigning();
  expect(await remove(id)).toBe(204);
  expect(await secretsKept()).toHaveLength(1);
  const confirmed = { params: { path: { tenant: 'acme' }, query: { confirm: 'acme' } } };
  expect(await statusOf(client.DELETE('/admin/v1/tenants/{tenant}', confirmed))).toBe(204);
  expect(await secretsKept()).toEqual([]);
});

it('a rotation that is sent again with its Idempotency-Key is answered with the same secret, kept sealed', async () => {
  const { id, app_token } = await makeSigning();
  const header = { 'Idempotency-Key': 'once' };
  const send = () =>
    client.POST(ROTATE, { params: { path: { tenant: 'acme', id }, header }, parseAs: 'text' });
  const first = await dataOf(send());
  const again = await send();
  expect([again.data, again.response.headers.get('idempotent-replayed')]).toEqual([first, 'true']);
  const { signing_secret } = JSON.parse(first);
  expect(await outcome(app_token, signing_secret)).toBe('delivered');
  const [row] = await vault.engine.read.selectFrom('idempotent_replies').select('reply').execute();
  const canary = [secret('the secret', signing_secret)];
  expect(findSecrets(canary, [{ name: 'a reply', content: Buffer.from(row?.reply ?? '') }])).toEqual([]);
});
