import { CompiledQuery } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { enableDueKeys } from '../../../src/operations/keys/enable-key.ts';
import { expireKeys } from '../../../src/operations/keys/expire-keys.ts';
import { retireDueKeys } from '../../../src/operations/keys/retire-keys.ts';
import { listExpiredKeys, listKeysToEnable, listKeysToRetire } from '../../../src/storage/tables/due-keys.ts';
import { listServicesWithTurnDue } from '../../../src/storage/tables/services.ts';
import { type Acme, startAcme } from '../../support/acme.ts';
import { dataOf, inAcme, type Schemas } from '../../support/admin-client.ts';
import { testedEngine } from '../../support/start-vault.ts';

const SECOND = 1000;
const HOUR = 3_600_000;
const SERVICE = '/admin/v1/tenants/{tenant}/services/{service}';
const ROTATE = '/admin/v1/tenants/{tenant}/services/{service}/rotate';
const KEYS = '/admin/v1/tenants/{tenant}/services/{service}/keys';
const IMPORT = '/admin/v1/tenants/{tenant}/services/{service}/keys/import';
const DISABLE = '/admin/v1/tenants/{tenant}/services/{service}/keys/{id}/disable';
const AT_13 = '2026-03-01T13:00:00.000Z';
let acme: Acme;

beforeEach(async () => {
  acme = await startAcme();
});
afterEach(() => acme.vault.stop());

const run = (operation: typeof expireKeys) => {
  const { vault } = acme.vault.jobs;
  return operation(vault, vault.engine.time());
};
const disable = (id: number, body: Schemas['Disabling']) =>
  dataOf(acme.client.POST(DISABLE, { ...inAcme({ service: 's', id }), body }));
const disableFor = (id: number, seconds: number) =>
  disable(id, { reason: 'x', auto_enable_after_seconds: seconds });
const rotate = (body: Schemas['Rotate']) =>
  dataOf(acme.client.POST(ROTATE, { ...inAcme({ service: 's' }), body }));

async function serviceWith(
  members: Partial<Schemas['NewService']>,
  keys: Record<string, Partial<Schemas['NewKey']>>,
): Promise<number[]> {
  await acme.service({ slug: 's', ...members });
  const ids = [];
  for (const [label, more] of Object.entries(keys)) ids.push((await acme.key('s', label, more)).id);
  return ids;
}

describe('keys whose end has come', () => {
  it('expire without anybody asking, the next becomes current, and all of it once', async () => {
    const [a, b, c] = await serviceWith({}, { a: { expires_at: AT_13 }, b: {}, c: { expires_at: AT_13 } });
    const after = await acme.lastAuditId();
    acme.vault.advance(HOUR - 1);
    expect(await run(expireKeys)).toBe(0);
    expect(await acme.states('s')).toBe('a*active, b standby, c standby');
    acme.vault.advance(1 + SECOND);
    expect(await run(expireKeys)).toBe(2);
    expect(await acme.states('s')).toBe('a expired, b*active, c expired');
    expect((await acme.keys('s'))[1]?.activated_at).toBe('2026-03-01T13:00:01.000Z');
    expect(await acme.deliver('s')).toBe('b');
    expect(await run(expireKeys)).toBe(0);
    expect(await acme.audit(after)).toMatchObject([
      { type: 'key.expired', target: `service:s/key:${a}`, actor: 'system' },
      { type: 'key.rotated', target: `service:s/key:${b}`, actor: 'system' },
      { type: 'key.expired', target: `service:s/key:${c}`, actor: 'system' },
    ]);
  });

  it('are handed out no more from that moment on, and are shown as expired once it was found', async () => {
    await serviceWith({}, { a: { expires_at: AT_13 }, b: { expires_at: AT_13 }, c: {} });
    const params = { path: { tenant: 'acme', service: 's' }, query: { status: 'expired' } } as const;
    const expired = async () => (await dataOf(acme.client.GET(KEYS, { params }))).data.length;
    acme.vault.advance(HOUR);
    expect(await acme.states('s')).toBe('a*active, b standby, c standby');
    expect(await expired()).toBe(0);
    expect(await acme.deliver('s')).toBe('c');
    expect(await acme.states('s')).toBe('a expired, b standby, c*active');
    expect(await expired()).toBe(1);
    expect(await run(expireKeys)).toBe(1);
    expect(await expired()).toBe(2);
  });

  it('expire under policies without a current key', async () => {
    await serviceWith({ policy: 'usage' }, { a: { expires_at: AT_13 }, b: {} });
    acme.vault.advance(HOUR);
    expect(await run(expireKeys)).toBe(1);
    expect(await acme.states('s')).toBe('a expired, b active');
  });

  it('leave the service without a current key where none can follow, until one is added', async () => {
    await serviceWith({}, { a: { expires_at: AT_13 } });
    acme.vault.advance(HOUR);
    await run(expireKeys);
    expect(await acme.states('s')).toBe('a expired');
    expect((await acme.show('s')).current_key_id).toBeNull();
    await acme.key('s', 'b');
    expect(await acme.states('s')).toBe('a expired, b*active');
  });

  it('are worked off in pages, however many there are', async () => {
    await serviceWith({ policy: 'usage' }, {});
    const keys = Array.from({ length: 450 }, (_, n) => ({
      label: `k${n}`,
      key: `sk-due-${n}-abc`,
      expires_at: AT_13,
    }));
    await dataOf(acme.client.POST(IMPORT, { ...inAcme({ service: 's' }), body: keys }));
    acme.vault.advance(HOUR);
    expect(await run(expireKeys)).toBe(450);
    const left = await acme.vault.engine.read
      .selectFrom('provider_keys')
      .select('id')
      .where('state', '!=', 'expired');
    expect(await left.execute()).toEqual([]);
  });

  it('do not end by a step of the wall clock until it has lasted an hour', async () => {
    await serviceWith({}, { a: { expires_at: AT_13 }, b: {} });
    acme.vault.stepWall(24 * HOUR);
    expect(await run(expireKeys)).toBe(0);
    expect(await acme.states('s')).toBe('a*active, b standby');
    expect(await acme.deliver('s'), 'what is too late by the wall clock is not handed out').toBe('b');
    acme.vault.stepWall(-24 * HOUR);
    expect(await acme.deliver('s')).toBe('a');
    acme.vault.stepWall(24 * HOUR);
    expect(await run(expireKeys)).toBe(0);
    acme.vault.advance(HOUR);
    expect(await run(expireKeys)).toBe(1);
    expect(await acme.states('s')).toBe('a expired, b*active');
  });
});

describe('turns under time that are over', () => {
  const TIME = { policy: 'time', rotate_every_minutes: 60 } as const;

  it('expire the current key, the next is activated now, and never twice', async () => {
    await serviceWith(TIME, { a: {}, b: {}, c: {} });
    acme.vault.advance(HOUR - 1);
    expect(await run(expireKeys)).toBe(0);
    acme.vault.advance(1 + 30 * SECOND);
    expect(await run(expireKeys)).toBe(1);
    expect(await acme.states('s')).toBe('a expired, b*active, c standby');
    expect((await acme.keys('s'))[1]?.activated_at).toBe('2026-03-01T13:00:30.000Z');
    expect(await run(expireKeys)).toBe(0);
    acme.vault.advance(10 * HOUR);
    expect(await run(expireKeys)).toBe(1);
    expect(await acme.states('s')).toBe('a expired, b expired, c*active');
  });

  it('send the current key to the end of its circle where the service cycles', async () => {
    await serviceWith({ ...TIME, on_expiry: 'cycle' }, { a: {}, b: {} });
    for (const expected of ['a standby, b*active', 'a*active, b standby']) {
      acme.vault.advance(HOUR);
      expect(await run(expireKeys)).toBe(1);
      expect(await acme.states('s')).toBe(expected);
    }
  });

  it('begin again with the only key of a circle, and expire the only key otherwise', async () => {
    await serviceWith({ ...TIME, on_expiry: 'cycle' }, { a: {} });
    acme.vault.advance(HOUR);
    expect(await run(expireKeys)).toBe(1);
    expect((await acme.keys('s'))[0]).toMatchObject({ state: 'active', current: true, activated_at: AT_13 });
    expect(await run(expireKeys)).toBe(0);
    const body = { on_expiry: 'retire' } as const;
    await dataOf(acme.client.PATCH(SERVICE, { ...inAcme({ service: 's' }), body }));
    acme.vault.advance(HOUR);
    expect(await run(expireKeys)).toBe(1);
    expect(await acme.states('s')).toBe('a expired');
    expect(await acme.deliver('s')).toBe('no active keys');
  });

  it('come to the same whether a delivery or the schedule is first', async () => {
    await serviceWith(TIME, { a: {}, b: {}, c: {} });
    const after = await acme.lastAuditId();
    acme.vault.advance(HOUR);
    expect(await acme.deliver('s')).toBe('b');
    const byDelivery = await acme.keys('s');
    expect(await run(expireKeys)).toBe(0);
    expect(await acme.keys('s')).toEqual(byDelivery);
    expect(await acme.states('s')).toBe('a expired, b*active, c standby');
    expect(await acme.audit(after)).toMatchObject([{ type: 'key.expired' }, { type: 'key.rotated' }]);
  });
});

describe('keys disabled for a time', () => {
  it('come back when it is over, each once', async () => {
    const [a = 0] = await serviceWith({}, { a: {}, b: {} });
    await disableFor(a, 600);
    const after = await acme.lastAuditId();
    acme.vault.advance(600 * SECOND - 1);
    expect(await run(enableDueKeys)).toBe(0);
    acme.vault.advance(1);
    expect(await run(enableDueKeys)).toBe(1);
    expect(await run(enableDueKeys)).toBe(0);
    expect(await acme.states('s')).toBe('a standby, b*active');
    expect((await acme.keys('s'))[0]).toMatchObject({ auto_enable_at: null, disabled_reason: null });
    expect(await acme.audit(after)).toMatchObject([
      { type: 'key.enabled', target: `service:s/key:${a}`, actor: 'system' },
    ]);
  });

  it('become current where none is', async () => {
    const [a = 0] = await serviceWith({}, { a: {} });
    await disableFor(a, 600);
    acme.vault.advance(600 * SECOND);
    await run(enableDueKeys);
    expect(await acme.states('s')).toBe('a*active');
    expect(await acme.deliver('s')).toBe('a');
  });

  it('expire instead where their end has come meanwhile', async () => {
    const [a = 0] = await serviceWith({}, { a: { expires_at: AT_13 }, b: {} });
    await disableFor(a, 2 * 3600);
    acme.vault.advance(2 * HOUR);
    expect(await run(enableDueKeys)).toBe(1);
    expect(await acme.states('s')).toBe('a expired, b*active');
    expect(await run(enableDueKeys)).toBe(0);
  });

  it('stay away where somebody disabled them for good meanwhile, or until a step of the clock is believed', async () => {
    const [a = 0, b = 0] = await serviceWith({}, { a: {}, b: {}, c: {} });
    await disableFor(a, 600);
    await disable(a, { reason: 'for good' });
    await disableFor(b, 600);
    acme.vault.stepWall(HOUR);
    expect(await run(enableDueKeys)).toBe(0);
    acme.vault.advance(HOUR);
    expect(await run(enableDueKeys)).toBe(1);
    expect(await acme.states('s')).toBe('a disabled, b standby, c*active');
  });
});

describe('retiring keys', () => {
  it('are retired when their grace is over, each once', async () => {
    const [a] = await serviceWith({}, { a: {}, b: {} });
    await rotate({ retire_old: true, grace_seconds: 60 });
    const after = await acme.lastAuditId();
    acme.vault.advance(60 * SECOND - 1);
    expect(await run(retireDueKeys)).toBe(0);
    acme.vault.advance(1);
    expect(await run(retireDueKeys)).toBe(1);
    expect(await run(retireDueKeys)).toBe(0);
    expect(await acme.states('s')).toBe('a retired, b*active');
    expect(await acme.audit(after)).toMatchObject([
      { type: 'key.retired', target: `service:s/key:${a}`, actor: 'system' },
    ]);
  });

  it('are not retired by a step of the wall clock until it has lasted an hour', async () => {
    await serviceWith({}, { a: {}, b: {} });
    await rotate({ retire_old: true, grace_seconds: 60 });
    acme.vault.stepWall(24 * HOUR);
    expect(await run(retireDueKeys)).toBe(0);
    expect(await acme.states('s')).toBe('a retiring, b*active');
    acme.vault.advance(HOUR);
    expect(await run(retireDueKeys)).toBe(1);
  });
});

describe('looking for what is due', () => {
  it.skipIf(testedEngine !== 'sqlite').each([
    ['turns that are over', listServicesWithTurnDue, 'services_by_next_rotation'],
    ['keys to expire', listExpiredKeys, 'provider_keys_by_expiry'],
    ['keys to enable', listKeysToEnable, 'provider_keys_by_auto_enable'],
    ['keys to retire', listKeysToRetire, 'provider_keys_by_retirement'],
  ] as const)('finds %s by an index that holds nothing else', async (_what, list, index) => {
    const { read } = acme.vault.engine;
    const asked: CompiledQuery[] = [];
    const watched = read.withPlugin({
      transformQuery({ node, queryId }) {
        asked.push(read.getExecutor().compileQuery(node, queryId));
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    await list(watched, 0, 1);
    const [{ sql, parameters }] = asked as [CompiledQuery];
    const plan = await read.executeQuery(CompiledQuery.raw(`EXPLAIN QUERY PLAN ${sql}`, [...parameters]));
    expect(JSON.stringify(plan.rows)).toContain(`USING INDEX ${index} `);
    expect(JSON.stringify(plan.rows)).not.toContain('SCAN');
  });
});
