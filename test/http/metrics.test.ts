import { describe, expect, it } from 'vitest';
import { addApp, addService, addTenant, call, openFurnishedVault, openVault } from '../support/furnish.ts';
import { startReceiver } from '../support/http-receiver.ts';
import { type Family, parseMetrics, sampleOf } from '../support/scrape.ts';
import { type TestVault, testedEngine } from '../support/start-vault.ts';

/** What a survey of the database says holds for a while. */
const SURVEY_HOLDS_MS = 60_000;

async function scrape(vault: TestVault): Promise<Family[]> {
  vault.advance(SURVEY_HOLDS_MS);
  const { status, headers, text } = await vault.request('/metrics');
  expect([status, headers.get('content-type')]).toEqual([200, expect.stringContaining('text/plain')]);
  return parseMetrics(text);
}

it('/metrics takes no token and counts what was delivered, what was refused and why, and how long both took', async () => {
  const { vault, token } = await openFurnishedVault({ service: { max_daily_requests: 3 } });
  for (let at = 0; at < 5; at++) await vault.next('service=openai', { token });
  await vault.next('service=nowhere', { token });
  await vault.next('service=openai', { token: 'krc_wrong' });
  const families = await scrape(vault);
  expect(sampleOf(families, 'keyrotator_deliveries_total')).toBe(3);
  const refused = families.find(({ name }) => name === 'keyrotator_refusals_total')?.samples ?? [];
  expect(refused.length).toBeGreaterThan(15);
  expect(Object.fromEntries(refused.map(({ labels, value }) => [labels.reason, value]))).toMatchObject({
    'service daily limit reached': 2,
    'unknown service': 1,
    'invalid token': 1,
    'no active keys': 0,
    'storage unavailable': 0,
  });
  for (const [outcome, count] of [
    ['delivered', 3],
    ['refused', 4],
  ] as const) {
    expect(sampleOf(families, 'keyrotator_delivery_seconds_count', { outcome })).toBe(count);
    expect(sampleOf(families, 'keyrotator_delivery_seconds_sum', { outcome })).toBeGreaterThan(0);
    expect(sampleOf(families, 'keyrotator_delivery_seconds_bucket', { outcome, le: '+Inf' })).toBe(count);
  }
  expect(sampleOf(families, 'keyrotator_batch_deliveries_sum')).toBe(3);
  expect(sampleOf(families, 'keyrotator_commit_seconds_count')).toBeGreaterThan(0);
  const synced = sampleOf(families, 'keyrotator_sync_seconds_count');
  if (testedEngine === 'sqlite') expect(synced).toBeGreaterThan(0);
  else expect(synced).toBe(0);
  expect(sampleOf(families, 'keyrotator_deliveries_waiting')).toBe(0);
  expect(sampleOf(families, 'keyrotator_cache_entries', { cache: 'services' })).toBe(1);
  expect(sampleOf(families, 'keyrotator_cache_hits_total', { cache: 'tenants' })).toBeGreaterThan(0);
  expect(sampleOf(families, 'keyrotator_admin_requests_total', { status: '2xx' })).toBe(3);
});

it('counts wrong tokens apart from apps that ask too often, also where both are told to wait', async () => {
  const { vault } = await openFurnishedVault();
  const { token } = await addApp(vault, 'acme', { rate_limit: { per_minute: 1 } });
  for (let at = 0; at < 5; at++) await vault.next('service=openai', { token });
  const wrong = Array.from({ length: 203 }, () => vault.next('service=openai', { token: 'krc_wrong' }));
  const waits = (await Promise.all(wrong)).filter(({ status }) => status === 429);
  expect(waits).toHaveLength(3);
  const families = await scrape(vault);
  const refused = families.find(({ name }) => name === 'keyrotator_refusals_total')?.samples ?? [];
  expect(refused.find(({ labels }) => labels.reason === 'rate limit exceeded')?.value).toBe(7);
  expect(sampleOf(families, 'keyrotator_failed_authentications_total')).toBe(203);
});

it('counts wrong tokens of the administration with those of deliveries, and no administrator that may not', async () => {
  const { vault, token } = await openFurnishedVault();
  const ask = (bearer: string) =>
    vault.request('/admin/v1/tenants', { headers: { authorization: `Bearer ${bearer}` } });
  const viewer = { name: 'Viewer', role: 'viewer' };
  const { admin_token } = await call(vault, 'POST', '/tenants/acme/admin-tokens', viewer);
  const answers = [await ask('krr_wrong'), await ask(token), await ask(admin_token)];
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 403]);
  await vault.next('service=openai', { token: 'krc_wrong' });
  expect(sampleOf(await scrape(vault), 'keyrotator_failed_authentications_total')).toBe(3);
});

it('says how many services and apps have nearly or wholly used their daily limit, and forgets it with the day', async () => {
  const { vault, token } = await openFurnishedVault({ service: { max_daily_requests: 10 } });
  await addService(vault, 'acme', { slug: 'free' });
  await addService(vault, 'acme', { slug: 'idle', max_daily_requests: 5 });
  const app = await addApp(vault, 'acme', { max_daily_requests: 1 });
  const used = async () => {
    const families = await scrape(vault);
    const of = (subject: string) => [
      sampleOf(families, 'keyrotator_daily_limits', { subject }),
      sampleOf(families, 'keyrotator_daily_limits_used', { subject, share: '0.9' }),
      sampleOf(families, 'keyrotator_daily_limits_used', { subject, share: '1' }),
    ];
    return { services: of('service'), apps: of('app') };
  };
  const deliver = async (times: number, by = token) => {
    for (let at = 0; at < times; at++) await vault.next('service=openai', { token: by });
  };
  await deliver(8);
  expect(await used()).toEqual({ services: [2, 0, 0], apps: [1, 0, 0] });
  await deliver(1, app.token);
  expect(await used()).toEqual({ services: [2, 1, 0], apps: [1, 1, 1] });
  await deliver(1);
  expect(await used()).toEqual({ services: [2, 1, 1], apps: [1, 1, 1] });
  vault.advance(86_400_000);
  expect(await used()).toEqual({ services: [2, 0, 0], apps: [1, 0, 0] });
});

it('a key that does not decrypt is told of in the log once, and counted until it is deleted, though another one serves', async () => {
  const logLines: string[] = [];
  const { vault, token, keys } = await openFurnishedVault({ keys: [{}, {}], logLines });
  const [broken, whole] = keys;
  await vault.engine.write({ tenantId: 1 }, (unit) =>
    unit
      .updateTable('provider_keys')
      .set({ sealed_key: Buffer.alloc(64, 1) })
      .where('id', '=', broken?.id ?? 0)
      .execute(),
  );
  const count = async () => sampleOf(await scrape(vault), 'keyrotator_keys_broken');
  expect(await count()).toBe(0);
  for (let at = 0; at < 3; at++) {
    const { status, body } = await vault.next('service=openai', { token });
    expect([status, body.meta.key_id]).toEqual([200, whole?.id]);
  }
  expect(await count()).toBe(1);
  const told = logLines.map((line) => JSON.parse(line)).filter(({ level }) => level >= 40);
  expect(told).toEqual([
    expect.objectContaining({
      level: 40,
      key_id: broken?.id,
      service_id: 1,
      tenant_id: 1,
      msg: expect.stringContaining('does not decrypt'),
    }),
  ]);
  await call(vault, 'DELETE', `/tenants/acme/services/openai/keys/${broken?.id}`);
  expect(await count()).toBe(0);
});

it('a tenant whose data key does not unwrap is told of in the log once, however often it asks, and no key of it counts as broken', async () => {
  const logLines: string[] = [];
  const { vault, token } = await openFurnishedVault({ keys: [{}, {}], logLines });
  const { keyring } = vault.jobs.vault;
  await vault.engine.write({ tenantId: 1 }, (unit) =>
    unit
      .updateTable('data_keys')
      .set({ sealed: keyring.newDataKey(2, 1) })
      .where('tenant_id', '=', 1)
      .execute(),
  );
  keyring.forget(1);
  for (let at = 0; at < 3; at++) {
    const { status, body } = await vault.next('service=openai', { token });
    expect([status, body.error]).toEqual([500, 'key decrypt failed']);
  }
  const told = logLines.map((line) => JSON.parse(line)).filter(({ level }) => level >= 40);
  expect(told).toEqual([
    expect.objectContaining({ level: 50, tenant_id: 1, msg: expect.stringContaining('data key') }),
  ]);
  expect(sampleOf(await scrape(vault), 'keyrotator_keys_broken')).toBe(0);
});

it('probes that succeed leave no line in the log above debug', async () => {
  const logLines: string[] = [];
  const vault = await openVault({ logLines });
  for (const probe of ['/healthz', '/readyz', '/metrics']) await vault.request(probe);
  await vault.admin('GET', '/whoami');
  const answered = logLines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'answered');
  expect(answered.map(({ route, level }) => [route, level])).toEqual([
    ['/healthz', 20],
    ['/readyz', 20],
    ['/metrics', 20],
    ['/admin/v1/whoami', 30],
  ]);
});

describe('webhooks', () => {
  it('are as late as the oldest event that an endpoint has not taken, until it has', async () => {
    let answer = 500;
    const receiver = await startReceiver((_request, response) => void response.writeHead(answer).end());
    const { vault, token } = await openFurnishedVault({
      env: { KEYROTATOR_WEBHOOK_ALLOWED_ADDRESSES: '127.0.0.1' },
      service: { max_daily_requests: 2 },
    });
    const url = `http://127.0.0.1:${receiver.port}/`;
    for (const events of [['*'], ['key.delivered']])
      await call(vault, 'POST', '/tenants/acme/webhooks', { url, events });
    const state = async () => {
      const families = await scrape(vault);
      const endpoints = Object.fromEntries(
        ['working', 'failing', 'paused', 'disabled'].map((each) => [
          each,
          sampleOf(families, 'keyrotator_webhook_endpoints', { state: each }),
        ]),
      );
      return {
        ...endpoints,
        lag: sampleOf(families, 'keyrotator_webhook_lag_seconds'),
        due: sampleOf(families, 'keyrotator_webhook_retries_due'),
      };
    };
    expect(await state()).toEqual({ working: 2, failing: 0, paused: 0, disabled: 0, lag: 0, due: 0 });
    await vault.next('service=openai', { token });
    expect(await state()).toMatchObject({ working: 2, lag: 60, due: 0 });

    await vault.jobs.dispatcher.runOnce();
    expect(await state()).toMatchObject({ working: 1, failing: 1, lag: 120, due: 1 });
    answer = 204;
    await vault.jobs.dispatcher.runOnce();
    expect(await state()).toMatchObject({ working: 2, failing: 0, lag: 0, due: 0 });

    await vault.next('service=openai', { token });
    expect(await state()).toMatchObject({ lag: 60 });
    const families = await scrape(vault);
    expect(sampleOf(families, 'keyrotator_webhook_attempts_total', { result: 'http_status' })).toBe(1);
    expect(sampleOf(families, 'keyrotator_webhook_attempts_total', { result: 'ok' })).toBe(1);
    await receiver.close();
  });
});

it('tells how long ago each job succeeded and what room the database has', async () => {
  const vault = await openVault();
  const families = await scrape(vault);
  const ages = families.find(({ name }) => name === 'keyrotator_job_age_seconds')?.samples ?? [];
  expect(ages.map(({ labels }) => labels.name)).toEqual(expect.arrayContaining(['prune', 'send-webhooks']));
  for (const { value } of ages) expect(value).toBe(SURVEY_HOLDS_MS / 1000);
  expect(sampleOf(families, 'keyrotator_database_bytes', { part: 'database' })).toBeGreaterThan(0);
  const free = sampleOf(families, 'keyrotator_disk_free_bytes');
  if (testedEngine === 'sqlite') expect(free).toBeGreaterThan(0);
  else expect(free).toBeUndefined();
  expect(sampleOf(families, 'keyrotator_ready')).toBe(1);
});

it('has as many series for many tenants as for none, and none that names one', async () => {
  const { vault, token } = await openFurnishedVault({ service: { max_daily_requests: 5 } });
  const series = async () =>
    (await scrape(vault))
      .filter(({ name }) => name.startsWith('keyrotator_'))
      .flatMap(({ samples }) => samples.map(({ name, labels }) => JSON.stringify([name, labels])));
  await vault.next('service=openai', { token });
  const before = await series();
  for (const slug of ['zebra', 'yak', 'xenops']) {
    const client = await addTenant(vault, slug);
    await addService(vault, slug, { slug: `of-${slug}`, max_daily_requests: 1 });
    const { token: appToken } = await addApp(vault, slug, { name: slug });
    await vault.next(`service=of-${slug}`, { token: appToken });
    await vault.next(`service=of-${slug}`, { token: client });
    await vault.next(`service=${slug}&${slug}=1`, { token: client });
    await vault.request(`/${slug}`);
    await vault.admin('GET', `/tenants/${slug}/services/of-${slug}/keys/9`);
  }
  expect(await series()).toEqual(before);
});
