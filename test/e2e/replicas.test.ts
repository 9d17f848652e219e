/**
 * P2 over replicas: three processes of the real program on one database, 2,000 callers at once. A limit of N is N, every
 * delivery has its own ordinal, and keys take turns as if there were one process. REPLICA_ROUNDS=50 runs each limit that
 * often in a row.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Crowd } from '../support/crowd.ts';
import { getKey, type RawResponse } from '../support/raw-http.ts';
import { hammerAll, openSpreadCrowd, type Replicas, startReplicas } from '../support/replicas.ts';

const REPLICAS = 3;
const CALLERS = 2_000;
const LIMITS = [1, 100, 1_000];
const ROUNDS = Number(process.env.REPLICA_ROUNDS ?? 6);
const ROUND_MS = 20_000;

let replicas: Replicas;
let token: string;
let crowd: Crowd;

beforeAll(async () => {
  replicas = await startReplicas(REPLICAS);
  token = await replicas.addTenant('acme');
  crowd = await openSpreadCrowd(replicas.urls, CALLERS);
}, 60_000);
afterAll(async () => {
  crowd?.close();
  await replicas?.stop();
});

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1);
const sorted = (numbers: readonly number[]) => [...numbers].sort((one, other) => one - other);

/** All callers at once, and what became of them. */
async function rush(request: string | ((at: number) => string)) {
  const answers = await crowd.ask(request);
  expect(answers).toHaveLength(CALLERS);
  const delivered = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ status }) => status !== 200);
  return {
    delivered,
    ordinals: sorted(delivered.map(({ body }) => body.meta.usage_today)),
    deliveryIds: new Set(delivered.map(({ body }) => body.meta.delivery_id)),
    refusals: [...new Set(refused.map(({ status, body }) => `${status} ${body.error}`))],
  };
}

interface Row {
  readonly seq: number;
  readonly at: number;
  readonly usage_today: number;
  readonly delivery_id: string;
  readonly app_id: number | null;
  readonly key_id: number;
}

/** What is on record of a service, in the order of the commits. */
function recorded(serviceId: number): Promise<Row[]> {
  return replicas.database.query(
    'SELECT seq, at, usage_today, delivery_id, app_id, key_id FROM deliveries WHERE service_id = $1 ORDER BY seq',
    [serviceId],
  );
}

describe(`a limit of N is N for ${CALLERS} callers at once over ${REPLICAS} replicas, ${ROUNDS} times`, () => {
  it.each(LIMITS)('of a service: %i', { timeout: ROUNDS * ROUND_MS }, async (limit) => {
    for (let round = 1; round <= ROUNDS; round++) {
      const slug = `service-${limit}-${round}`;
      const { id } = await replicas.addService('acme', { slug, max_daily_requests: limit });
      const { ordinals, deliveryIds, refusals } = await rush(getKey(slug, token));
      expect(ordinals, `round ${round}`).toEqual(upTo(limit));
      expect(deliveryIds.size).toBe(limit);
      expect(refusals).toEqual(['429 service daily limit reached']);
      const rows = await recorded(id);
      expect(rows.map(({ usage_today }) => usage_today)).toEqual(upTo(limit));
      expect(new Set(rows.map(({ delivery_id }) => delivery_id))).toEqual(deliveryIds);
    }
  });

  it.each(LIMITS)(
    'of an app, beside another of the same limit: %i',
    { timeout: ROUNDS * ROUND_MS },
    async (limit) => {
      for (let round = 1; round <= ROUNDS; round++) {
        const slug = `app-${limit}-${round}`;
        const { id } = await replicas.addService('acme', { slug });
        const apps = [
          await replicas.addApp('acme', { max_daily_requests: limit }),
          await replicas.addApp('acme', { max_daily_requests: limit }),
        ];
        const requests = apps.map((app) => getKey(slug, app.token));
        const { ordinals, refusals } = await rush((at) => requests[at % 2] as string);
        const each = Math.min(limit, CALLERS / 2);
        expect(ordinals, `round ${round}`).toEqual(upTo(2 * each));
        expect(refusals).toEqual(each < CALLERS / 2 ? ['429 app daily limit reached'] : []);
        const rows = await recorded(id);
        for (const app of apps) expect(rows.filter(({ app_id }) => app_id === app.id)).toHaveLength(each);
      }
    },
  );

  it.each(LIMITS)('of an app in an hour: %i', { timeout: ROUNDS * ROUND_MS }, async (limit) => {
    for (let round = 1; round <= ROUNDS; round++) {
      const slug = `hour-${limit}-${round}`;
      const { id } = await replicas.addService('acme', { slug });
      const app = await replicas.addApp('acme', { rate_limit: { per_hour: limit } });
      const { delivered, refusals } = await rush(getKey(slug, app.token));
      expect(refusals).toEqual(['429 rate limit exceeded']);
      const rows = await recorded(id);
      expect(rows).toHaveLength(delivered.length);
      // Where an hour ends meanwhile there are two, and one of them is spent.
      const hours = Map.groupBy(rows, ({ at }) => Math.floor(Number(at) / 3_600_000));
      const counts = [...hours.values()].map((each) => each.length);
      expect(Math.max(...counts), `round ${round}`).toBe(limit);
    }
  });

  it.each(LIMITS)('of a key, beside another of 50: %i', { timeout: ROUNDS * ROUND_MS }, async (limit) => {
    for (let round = 1; round <= ROUNDS; round++) {
      const slug = `key-${limit}-${round}`;
      const service = { slug, policy: 'usage' };
      const limits = [limit, 50];
      const { keyIds } = await replicas.addService(
        'acme',
        service,
        limits.map((max_daily_requests) => ({ max_daily_requests })),
      );
      const { delivered, ordinals, refusals } = await rush(getKey(slug, token));
      expect(ordinals, `round ${round}`).toEqual(upTo(limit + 50));
      expect(refusals).toEqual(['429 key daily limit reached']);
      const ordinalsOf = (keyId: number | undefined) =>
        sorted(
          delivered
            .filter(({ body }: RawResponse) => body.meta.key_id === keyId)
            .map(({ body }) => body.meta.key_usage_today),
        );
      for (const [at, id] of keyIds.entries()) expect(ordinalsOf(id)).toEqual(upTo(limits[at] as number));
    }
  });
});

/** How far apart the keys' shares (their deliveries by their weights) ever were in these deliveries. */
function spread(rows: readonly Row[], weights: ReadonlyMap<number, number>): number {
  const shares = new Map([...weights.keys()].map((id) => [id, 0]));
  let widest = 0;
  for (const { key_id } of rows) {
    shares.set(key_id, (shares.get(key_id) ?? Number.NaN) + 1 / (weights.get(key_id) ?? Number.NaN));
    widest = Math.max(widest, Math.max(...shares.values()) - Math.min(...shares.values()));
  }
  return widest;
}

const equal = (keyIds: readonly number[]) => new Map(keyIds.map((id) => [id, 1]));

describe(`keys take turns over ${REPLICAS} replicas`, () => {
  const CALLERS_EACH = 16;
  const DELIVERIES_EACH = 250;

  it('equal keys are never more than one delivery apart, also when one joins and when one returns', async () => {
    const { id, keyIds } = await replicas.addService('acme', { slug: 'turns', policy: 'usage' }, [
      {},
      {},
      {},
    ]);
    const path = '/tenants/acme/services/turns/keys';
    const hammering = await hammerAll(replicas.urls, CALLERS_EACH, getKey('turns', token));
    /** The place in the order of deliveries by which everything answered so far is done. */
    const place = async () => (await recorded(id)).at(-1)?.seq ?? 0;
    const [first = 0, ...others] = keyIds;

    await hammering.more(DELIVERIES_EACH);
    const beforeJoin = await place();
    const { id: joined } = await replicas.call('POST', path, { label: 'New', key: 'sk-that-joins-at-noon' });
    const afterJoin = await place();
    await hammering.more(DELIVERIES_EACH);
    const beforeLeave = await place();
    await replicas.call('POST', `${path}/${first}/disable`, { reason: 'test' });
    const afterLeave = await place();
    await hammering.more(DELIVERIES_EACH);
    const beforeReturn = await place();
    await replicas.call('POST', `${path}/${first}/enable`);
    const afterReturn = await place();
    await hammering.more(DELIVERIES_EACH);
    await hammering.stop();

    for (const { answers } of hammering.each) {
      expect(new Set(answers.map(({ response }) => response.status))).toEqual(new Set([200]));
    }
    const rows = await recorded(id);
    const between = (from: number, until: number) => rows.filter(({ seq }) => seq > from && seq <= until);
    const phases = [
      { phase: 'at first', rows: between(0, beforeJoin), keys: keyIds },
      { phase: 'joined', rows: between(afterJoin, beforeLeave), keys: [...keyIds, joined] },
      { phase: 'left', rows: between(afterLeave, beforeReturn), keys: [...others, joined] },
      { phase: 'returned', rows: between(afterReturn, Number.POSITIVE_INFINITY), keys: [...keyIds, joined] },
    ];
    for (const { phase, rows, keys } of phases) {
      expect(rows.length, phase).toBeGreaterThan(DELIVERIES_EACH);
      expect(spread(rows, equal(keys)), phase).toBe(1);
    }
    expect(rows.map(({ usage_today }) => usage_today)).toEqual(upTo(rows.length));
  });

  it('each key gets its weight', async () => {
    const weights = [1, 2, 5];
    const { id, keyIds } = await replicas.addService(
      'acme',
      { slug: 'weights', policy: 'usage' },
      weights.map((weight) => ({ weight })),
    );
    const hammering = await hammerAll(replicas.urls, CALLERS_EACH, getKey('weights', token));
    await hammering.more(2 * DELIVERIES_EACH);
    await hammering.stop();
    const rows = await recorded(id);
    expect(rows.length).toBeGreaterThanOrEqual(REPLICAS * DELIVERIES_EACH);
    const weightOf = new Map(keyIds.map((id, at) => [id, weights[at] as number]));
    // The bound of start-time fair queueing for the two lightest keys: 1/1 + 1/2.
    expect(spread(rows, weightOf)).toBeLessThanOrEqual(1.5);
    const whole = rows.slice(0, rows.length - (rows.length % 8));
    const counts = keyIds.map((id) => whole.filter(({ key_id }) => key_id === id).length);
    expect(counts).toEqual(weights.map((weight) => (whole.length / 8) * weight));
  });
});
