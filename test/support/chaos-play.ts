/** The tenants, services and apps of the chaos test, what its callers ask for, and what its administrator does meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Administrator, type Errand, Switch } from './chaos-cast.ts';
import type { Limits } from './chaos-findings.ts';
import type { Random } from './random.ts';

const ROTATED = ['403 invalid token', '429 rate limit exceeded'];
const MAX_CHURNING_KEYS = 12;

export interface Play {
  /** What callers ask for, each at the time that it asks. */
  readonly errands: readonly (() => Errand | null)[];
  /** What is served at all times. */
  readonly steady: Errand;
  readonly limits: Limits;
  /** Makes changes until `over` says so; resolves when everything is given back. */
  change(over: () => boolean): Promise<void>;
}

export async function furnish(administrator: Administrator, random: Random): Promise<Play> {
  const limits: Limits = { service: new Map(), app: new Map(), key: new Map(), equalKeys: 0, circle: 0 };

  async function addService(tenant: string, slug: string, more: object, keys: readonly object[]) {
    const { id } = await administrator.insist('POST', `/${tenant}/services`, () => ({ slug, ...more }));
    const keyIds: number[] = [];
    for (const key of keys) keyIds.push(await administrator.addKey(`${tenant}/services/${slug}`, key));
    return { id: id as number, keyIds };
  }
  async function addApp(more: object = {}): Promise<{ id: number; token: string }> {
    const app = { name: 'An app', services: 'all', ...more };
    const { id, app_token } = await administrator.insist('POST', '/acme/apps', () => app);
    return { id, token: app_token };
  }
  async function addTenant(slug: string): Promise<string> {
    return (await administrator.insist('POST', '', () => ({ slug }))).client_token;
  }

  const token = await addTenant('acme');
  const rivalToken = await addTenant('rival');
  const calmToken = await addTenant('calm');
  const usage = { policy: 'usage' };
  const turns = await addService('acme', 'turns', usage, [{}, {}, {}]);
  await addService('acme', 'manual', {}, [{}, {}, {}]);
  const churn = await addService('acme', 'churn', usage, [{}, {}, {}]);
  const time = { policy: 'time', rotate_every_minutes: 1, on_expiry: 'cycle' };
  const circle = await addService('acme', 'circle', time, [{}, {}, {}]);
  const keyLimits = [100, 150];
  const capped = await addService(
    'acme',
    'capped',
    usage,
    keyLimits.map((max_daily_requests) => ({ max_daily_requests })),
  );
  await addService('rival', 'openai', usage, [{}, {}]);
  await addService('calm', 'openai', usage, [{}, {}]);
  const plain = await addApp();
  const toggled = { ...(await addApp()), switch: new Switch() };
  const limited = await addApp({ max_daily_requests: 400 });
  const rotated = await addApp();
  limits.equalKeys = turns.id;
  limits.circle = circle.id;
  limits.app.set(limited.id, 400);
  for (const [at, id] of capped.keyIds.entries()) limits.key.set(id, keyLimits[at] as number);

  const [churningKey = 0] = churn.keyIds;
  const churning = new Switch();
  const rivalAddresses = new Switch();
  const tokens = [{ token: rotated.token, switch: new Switch() }];
  let newest: { readonly id: number; readonly slug: string; limit: number } | null = null;
  let named = 0;

  const changes: readonly (() => Promise<unknown>)[] = [
    async () => {
      const slug = `limited-${++named}`;
      const limit = Math.ceil(random.between(0, 80));
      const added = await administrator.try('POST', '/acme/services', { slug, max_daily_requests: limit });
      if (added === null) return;
      limits.service.set(added.id, limit);
      await administrator.addKey(`acme/services/${slug}`);
      newest = { id: added.id, slug, limit };
    },
    async () => {
      if (newest === null) return;
      newest.limit += Math.ceil(random.between(0, 30));
      limits.service.set(newest.id, newest.limit);
      await administrator.try('PATCH', `/acme/services/${newest.slug}`, { max_daily_requests: newest.limit });
    },
    () => administrator.try('POST', '/acme/services/manual/rotate', {}),
    () => administrator.try('PATCH', '/acme/services/turns', { name: `Name ${++named}` }),
    async () => {
      if (churn.keyIds.length < MAX_CHURNING_KEYS) {
        (churn.keyIds as number[]).push(await administrator.addKey('acme/services/churn'));
      }
    },
  ];

  async function rotateToken(): Promise<void> {
    const old = tokens.at(-1);
    old?.switch.move('moving');
    const { app_token } = await administrator.insist('POST', `/acme/apps/${rotated.id}/rotate-token`);
    old?.switch.move('off');
    const next = { token: app_token as string, switch: new Switch() };
    next.switch.move('on');
    tokens.push(next);
  }

  const reason = { reason: 'chaos' };
  const key = `/acme/services/churn/keys/${churningKey}`;
  const app = `/acme/apps/${toggled.id}`;
  const switching: readonly (() => Promise<void>)[] = [
    () =>
      administrator.offAndOn(toggled.switch, ['POST', `${app}/disable`, reason], ['POST', `${app}/enable`]),
    () => administrator.offAndOn(churning, ['POST', `${key}/disable`, reason], ['POST', `${key}/enable`]),
    () =>
      administrator.offAndOn(
        rivalAddresses,
        ['PATCH', '/rival', { denied_ips: ['198.51.100.0/24'] }],
        ['PATCH', '/rival', { denied_ips: [] }],
      ),
    rotateToken,
    () =>
      random
        .pick(changes)()
        .then(() => {}),
  ];

  function limitedErrand(as: string): () => Errand | null {
    return () =>
      newest === null
        ? null
        : { service: newest.slug, token: as, refusals: ['429 service daily limit reached'] };
  }
  const steady = { service: 'turns', token };
  return {
    steady,
    limits,
    errands: [
      () => steady,
      () => ({ service: 'turns', token: plain.token }),
      limitedErrand(token),
      limitedErrand(plain.token),
      () => ({
        service: 'manual',
        token: toggled.token,
        refusals: ['401 token disabled'],
        switch: toggled.switch,
      }),
      () => ({ service: 'manual', token: limited.token, refusals: ['429 app daily limit reached'] }),
      () => ({ service: 'churn', token, key: { id: churningKey, switch: churning } }),
      () => ({ service: 'circle', token: plain.token }),
      () => ({ service: 'capped', token, refusals: ['429 key daily limit reached'] }),
      () => ({
        service: 'openai',
        token: rivalToken,
        refusals: ['403 ip not allowed'],
        switch: rivalAddresses,
      }),
      () => {
        const asked = random.next() < 0.8 ? tokens.at(-1) : random.pick(tokens);
        return asked === undefined ? null : { service: 'manual', ...asked, refusals: ROTATED };
      },
      () => ({ service: 'openai', token: calmToken }),
    ],
    async change(over) {
      await Promise.all(
        switching.map(async (act) => {
          while (!over()) {
            await sleep(random.between(200, 1_500));
            await act();
          }
        }),
      );
    },
  };
}
