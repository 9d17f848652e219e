import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Crowd, openCrowd } from '../../support/crowd.ts';
import { addApp, addService, addTenant, call } from '../../support/furnish.ts';
import { getKey, type RawResponse } from '../../support/raw-http.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const LIMITS = [1, 100, 1_000];
const CROWDS = [200, 2_000];

let vault: TestVault;
let token: string;
const crowds = new Map<number, Crowd>();

beforeAll(async () => {
  vault = await startVault();
  token = await addTenant(vault, 'acme');
  for (const size of CROWDS) crowds.set(size, await openCrowd(vault.url, size));
});
afterAll(async () => {
  for (const crowd of crowds.values()) crowd.close();
  await vault.stop();
});

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1);
const sorted = (numbers: readonly number[]) => [...numbers].sort((one, other) => one - other);

/** All of a crowd at once, and what became of it. */
async function rush(callers: number, request: string | ((at: number) => string)) {
  const answers = (await crowds.get(callers)?.ask(request)) ?? [];
  expect(answers).toHaveLength(callers);
  const delivered = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ status }) => status !== 200);
  return {
    delivered,
    ordinals: sorted(delivered.map(({ body }) => body.meta.usage_today)),
    deliveryIds: new Set(delivered.map(({ body }) => body.meta.delivery_id)),
    refusals: [...new Set(refused.map(({ status, body }) => `${status} ${body.error}`))],
    waits: new Set(refused.map((answer) => Number(answer.field('retry-after')) > 0)),
  };
}

/** What is on record of a service, in the order of the commits. */
async function recorded(
  slug: string,
): Promise<{ usage_today: number; delivery_id: string; app_id: number | null }[]> {
  const { id } = await call(vault, 'GET', `/tenants/acme/services/${slug}`);
  return vault.engine.read
    .selectFrom('deliveries')
    .select(['usage_today', 'delivery_id', 'app_id'])
    .where('service_id', '=', id)
    .orderBy('seq')
    .execute();
}

const CASES = CROWDS.flatMap((callers) => LIMITS.map((limit) => ({ callers, limit })));

describe('a limit of N is N', () => {
  it.each(CASES)('of a service: $limit for $callers callers at once', async ({ callers, limit }) => {
    const slug = `service-${callers}-${limit}`;
    await addService(vault, 'acme', { slug, max_daily_requests: limit });
    const { ordinals, deliveryIds, refusals, waits } = await rush(callers, getKey(slug, token));
    const expected = Math.min(limit, callers);
    expect(ordinals).toEqual(upTo(expected));
    expect(deliveryIds.size).toBe(expected);
    expect(refusals).toEqual(callers > limit ? ['429 service daily limit reached'] : []);
    expect(waits.has(false)).toBe(false);
    const rows = await recorded(slug);
    expect(rows.map(({ usage_today }) => usage_today)).toEqual(upTo(expected));
    expect(new Set(rows.map(({ delivery_id }) => delivery_id))).toEqual(deliveryIds);
  });

  it.each(CASES)(
    'of an app: $limit for $callers callers at once, and another app has its own',
    async ({ callers, limit }) => {
      const slug = `app-${callers}-${limit}`;
      await addService(vault, 'acme', { slug });
      const one = await addApp(vault, 'acme', { max_daily_requests: limit });
      const other = await addApp(vault, 'acme', { max_daily_requests: limit });
      const requests = [getKey(slug, one.token), getKey(slug, other.token)];
      const { ordinals, refusals } = await rush(callers, (at) => requests[at % 2] as string);
      const each = Math.min(limit, callers / 2);
      expect(ordinals).toEqual(upTo(2 * each));
      expect(refusals).toEqual(callers / 2 > limit ? ['429 app daily limit reached'] : []);
      const rows = await recorded(slug);
      expect(rows.filter(({ app_id }) => app_id === one.id)).toHaveLength(each);
      expect(rows.filter(({ app_id }) => app_id === other.id)).toHaveLength(each);
    },
  );

  it.each(CASES)(
    'of a key: $limit for $callers callers at once, whatever the others of the service have',
    async ({ callers, limit }) => {
      const slug = `key-${callers}-${limit}`;
      const keys = await addService(vault, 'acme', { slug, policy: 'usage' }, [
        { max_daily_requests: limit },
        { max_daily_requests: 50 },
      ]);
      const { delivered, ordinals, refusals } = await rush(callers, getKey(slug, token));
      const expected = Math.min(limit + 50, callers);
      expect(ordinals).toEqual(upTo(expected));
      expect(refusals).toEqual(callers > limit + 50 ? ['429 key daily limit reached'] : []);
      const ordinalsOf = (keyId: number | undefined) =>
        sorted(
          delivered
            .filter(({ body }: RawResponse) => body.meta.key_id === keyId)
            .map(({ body }) => body.meta.key_usage_today),
        );
      const counts = keys.map(({ id }) => ordinalsOf(id).length);
      for (const { id } of keys) expect(ordinalsOf(id)).toEqual(upTo(ordinalsOf(id).length));
      expect(counts[0]).toBeLessThanOrEqual(limit);
      expect(counts[1]).toBeLessThanOrEqual(50);
      if (callers > limit + 50) expect(counts).toEqual([limit, 50]);
    },
  );
});
