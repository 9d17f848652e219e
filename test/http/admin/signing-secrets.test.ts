/** The secrets that the requests of an app are signed with: when there is one, and who is shown it. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { prune } from '../../../src/operations/prune.ts';
import { findSecrets, secret } from '../../support/secret-search.ts';
import { sign } from '../../support/sign-request.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const APPS = '/tenants/acme/apps';
const SECRET = /^krs_[\w-]{43}$/;
let vault: TestVault;

beforeEach(async () => {
  vault = await startVault();
  await vault.admin('POST', '/tenants', { slug: 'acme' });
  await vault.admin('POST', '/tenants/acme/services', { slug: 'openai' });
  const key = { label: 'one', key: 'sk-one-0123456789abcdefghij' };
  await vault.admin('POST', '/tenants/acme/services/openai/keys', key);
});

afterEach(() => vault.stop());

async function makeApp(members: object = {}) {
  const body = { name: 'a', services: 'all', ...members };
  return (await vault.admin('POST', APPS, body)).body;
}

async function outcome(token: string, signingSecret: string): Promise<string> {
  const timestamp = Math.floor(vault.clock.wall() / 1000);
  const headers = sign({ secret: signingSecret, timestamp });
  const { status, body } = await vault.next('service=openai', { token, headers });
  return status === 200 ? 'delivered' : body.error;
}

const rotate = (id: number, body: object = {}) =>
  vault.admin('POST', `${APPS}/${id}/rotate-signing-secret`, body);

const patch = (id: number, body: object) => vault.admin('PATCH', `${APPS}/${id}`, body);

const secretsKept = () => vault.engine.read.selectFrom('signing_secrets').selectAll().execute();

it('an app that wants signatures is made with a secret, which is shown this once', async () => {
  const { app_token, signing_secret, ...view } = await makeApp({ require_signature: true });
  expect(signing_secret).toMatch(SECRET);
  expect(view.require_signature).toBe(true);
  expect((await vault.admin('GET', `${APPS}/${view.id}`)).body).toEqual(view);
  expect((await patch(view.id, { require_signature: true, name: 'b' })).body).not.toHaveProperty(
    'signing_secret',
  );
  expect(await outcome(app_token, signing_secret)).toBe('delivered');
});

it('the PATCH that turns signatures on answers with a secret, each time another one', async () => {
  const { id, app_token } = await makeApp();
  const first = (await patch(id, { require_signature: true })).body.signing_secret;
  expect(first).toMatch(SECRET);
  expect(await outcome(app_token, first)).toBe('delivered');
  const off = (await patch(id, { require_signature: false })).body;
  expect(off).not.toHaveProperty('signing_secret');
  expect(await secretsKept()).toEqual([]);
  const second = (await patch(id, { require_signature: true })).body.signing_secret;
  expect(second).not.toBe(first);
  expect(await outcome(app_token, first)).toBe('invalid signature');
  expect(await outcome(app_token, second)).toBe('delivered');
});

it('a rotation answers with a new secret; without a grace the old one ends at once', async () => {
  const { id, app_token, signing_secret } = await makeApp({ require_signature: true });
  const { status, body } = await rotate(id);
  expect([status, Object.keys(body).toSorted()]).toEqual([200, ['previous_valid_until', 'signing_secret']]);
  expect(body).toEqual({
    signing_secret: expect.stringMatching(SECRET),
    previous_valid_until: '2026-03-01T12:00:00.000Z',
  });
  expect(await outcome(app_token, signing_secret)).toBe('invalid signature');
  expect(await outcome(app_token, body.signing_secret)).toBe('delivered');
});

it('of many rotations with a grace the latest four secrets are valid, and ended ones are pruned', async () => {
  const { id, app_token, signing_secret } = await makeApp({ require_signature: true });
  const secrets = [signing_secret];
  for (let time = 0; time < 5; time++)
    secrets.push((await rotate(id, { grace_seconds: 3_600 })).body.signing_secret);
  const outcomes = await Promise.all(secrets.map((each) => outcome(app_token, each)));
  expect(outcomes.map((each) => each === 'delivered')).toEqual([false, false, true, true, true, true]);
  vault.advance(26 * 3_600_000);
  const { jobs, engine } = vault;
  await prune(jobs.vault, jobs.retention, engine.time(), new AbortController().signal);
  expect(await secretsKept()).toHaveLength(1);
  expect(await outcome(app_token, secrets.at(-1))).toBe('delivered');
});

it('an app that wants no signatures has nothing to rotate, and is told what to do', async () => {
  const { id } = await makeApp();
  const { status, body } = await rotate(id);
  expect([status, body.error]).toEqual([409, 'conflict']);
  expect(body.detail).toContain('require_signature');
  expect((await rotate(999_999)).status).toBe(404);
  expect((await rotate(id, { grace_seconds: -1 })).status).toBe(422);
});

it('the ETag covers whether signatures are wanted, and not the secret', async () => {
  const { id } = await makeApp();
  const path = `${APPS}/${id}`;
  const tag = async () => (await vault.admin('GET', path)).headers.get('etag');
  const before = await tag();
  const { headers } = await patch(id, { require_signature: true });
  expect(headers.get('etag')).not.toBe(before);
  expect(await tag()).toBe(headers.get('etag'));
  await rotate(id);
  expect(await tag()).toBe(headers.get('etag'));
});

it('the audit trail says that signatures are wanted and that a secret was rotated, without any secret', async () => {
  const { id, signing_secret } = await makeApp({ require_signature: true });
  const rotated = await rotate(id, { grace_seconds: 60 });
  await patch(id, { require_signature: false });
  const { data } = (await vault.admin('GET', '/tenants/acme/audit')).body;
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
  const secrets = [secret('one', signing_secret), secret('two', rotated.body.signing_secret)];
  expect(findSecrets(secrets, [{ name: 'the audit trail', content: JSON.stringify(data) }])).toEqual([]);
});

it('a secret lies sealed in the database, and goes with its app and its tenant', async () => {
  const { id, signing_secret } = await makeApp({ require_signature: true });
  const [kept] = await secretsKept();
  expect(Buffer.from(kept?.sealed_secret ?? '').includes(signing_secret)).toBe(false);
  await makeApp({ require_signature: true });
  await vault.admin('DELETE', `${APPS}/${id}`);
  expect(await secretsKept()).toHaveLength(1);
  await vault.admin('DELETE', '/tenants/acme?confirm=acme');
  expect(await secretsKept()).toEqual([]);
});

it('a rotation that is sent again with its Idempotency-Key is answered with the same secret, kept sealed', async () => {
  const { id, app_token } = await makeApp({ require_signature: true });
  const send = () =>
    vault.request(`/admin/v1${APPS}/${id}/rotate-signing-secret`, {
      method: 'POST',
      headers: { authorization: `Bearer ${vault.rootToken}`, 'idempotency-key': 'once' },
    });
  const first = await send();
  const again = await send();
  expect(first.status).toBe(200);
  expect([again.text, again.headers.get('idempotent-replayed')]).toEqual([first.text, 'true']);
  expect(await outcome(app_token, first.body.signing_secret)).toBe('delivered');
  const [row] = await vault.engine.read.selectFrom('idempotent_replies').select('reply').execute();
  const canary = [secret('the secret', first.body.signing_secret)];
  expect(findSecrets(canary, [{ name: 'a reply', content: Buffer.from(row?.reply ?? '') }])).toEqual([]);
});
