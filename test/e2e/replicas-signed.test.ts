/** Signed requests over replicas: a nonce that was spent at one is spent at all, also in the same instant. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exchange, getKey, type RawResponse } from '../support/raw-http.ts';
import { openSpreadCrowd, type Replicas, startReplicas } from '../support/replicas.ts';
import { sign } from '../support/sign-request.ts';

const CALLERS = 40;
let replicas: Replicas;
beforeAll(async () => {
  replicas = await startReplicas(2);
}, 60_000);
afterAll(() => replicas?.stop());

function outcomeOf({ status, body }: RawResponse): string {
  return status === 200 ? 'delivered' : `${status} ${body.error}`;
}

async function furnish() {
  const slug = `tenant-${crypto.randomUUID()}`;
  await replicas.addTenant(slug);
  await replicas.addService(slug, { slug: 'openai' });
  const body = { name: 'An app', services: 'all', require_signature: true };
  const app = await replicas.call('POST', `/tenants/${slug}/apps`, body);
  return { ...app, path: `/tenants/${slug}/apps/${app.id}`, service: `/tenants/${slug}/services/openai` };
}

const now = () => Math.floor(Date.now() / 1000);

it('of many requests with one nonce, spread over the replicas, a single one is served', async () => {
  const { app_token, signing_secret: secret, service } = await furnish();
  const crowd = await openSpreadCrowd(replicas.urls, CALLERS);
  for (let round = 1; round <= 10; round++) {
    const request = getKey('openai', app_token, sign({ secret, timestamp: now() }));
    const outcomes = (await crowd.ask(request)).map(outcomeOf);
    expect(outcomes.filter((each) => each === 'delivered')).toHaveLength(1);
    expect(outcomes.filter((each) => each === '403 invalid signature')).toHaveLength(CALLERS - 1);
    expect((await replicas.call('GET', service)).usage_today).toBe(round);
  }
  crowd.close();
});

it('requests with nonces of their own are all served', async () => {
  const { app_token, signing_secret: secret } = await furnish();
  const crowd = await openSpreadCrowd(replicas.urls, CALLERS);
  for (let round = 0; round < 5; round++) {
    const answers = await crowd.ask(() => getKey('openai', app_token, sign({ secret, timestamp: now() })));
    expect(answers.map(outcomeOf)).toEqual(answers.map(() => 'delivered'));
  }
  crowd.close();
});

it('what one replica has served the other refuses, and a secret that was replaced neither takes any more', async () => {
  const { app_token, signing_secret: secret, path } = await furnish();
  for (let round = 0; round < 10; round++) {
    const [one = '', other = ''] = round % 2 === 0 ? replicas.urls : replicas.urls.toReversed();
    const request = getKey('openai', app_token, sign({ secret, timestamp: now() }));
    expect(outcomeOf(await exchange(one, request))).toBe('delivered');
    expect(outcomeOf(await exchange(other, request))).toBe('403 invalid signature');
  }
  const rotated = await replicas.call('POST', `${path}/rotate-signing-secret`);
  const ask = async (url: string, signing: string) =>
    outcomeOf(await exchange(url, getKey('openai', app_token, sign({ secret: signing, timestamp: now() }))));
  for (const url of replicas.urls) expect(await ask(url, secret)).toBe('403 invalid signature');
  // A refusal may be repeated from memory for a second.
  for (const url of replicas.urls)
    await expect.poll(() => ask(url, rotated.signing_secret), { timeout: 2_000 }).toBe('delivered');
});
