/** What is told of tokens that are used as they are not used. One vault for all: each test has apps and networks of its own. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ActivityRecorder } from '../../src/operations/usage/record-activity.ts';
import { watchRefusals } from '../../src/operations/usage/watch-refusals.ts';
import type { Vault } from '../../src/operations/vault/vault.ts';
import type { Engine } from '../../src/storage/engine.ts';
import { listMuchRefused } from '../../src/storage/tables/suspicious-refusals.ts';
import { addApp, addService, addTenant, call } from '../support/furnish.ts';
import { planOf } from '../support/query-plan.ts';
import { startVault, type TestVault, testedEngine } from '../support/start-vault.ts';
import { eventReader, type ToldEvent } from '../support/told-events.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
let vault: TestVault;
let token: string;
let told: (...types: readonly string[]) => Promise<ToldEvent[]>;

beforeAll(async () => {
  vault = await startVault({ env: { KEYROTATOR_TRUSTED_PROXIES: '127.0.0.1' } });
  token = await addTenant(vault, 'acme');
  await addService(vault, 'acme', { slug: 's' });
  told = eventReader(vault.engine);
});
afterAll(() => vault.stop());
beforeEach(async () => {
  await told();
});

const ask = (app: string, from: string, service = 's') =>
  vault.next(`service=${service}`, { token: app, headers: { 'x-forwarded-for': from } });
const patch = (suspicion: object) => call(vault, 'PATCH', '/tenants/acme', { suspicion });
const usual = { new_address: true, rate_factor: 10, refusals_per_minute: 30 };

describe('an app from an address that it never used', () => {
  /** The record of this replica is written, as the job does it. */
  const flush = () => vault.jobs.activity.flush(vault.jobs.vault);
  const use = async (app: string, ...networks: readonly string[]) => {
    for (const network of networks) expect((await ask(app, network)).status).toBe(200);
    await flush();
  };

  const deliveriesOf = async (id: number) => {
    const rows = await vault.engine.read.selectFrom('app_activity').selectAll().execute();
    return rows.find(({ app_id }) => app_id === id)?.hour_count;
  };
  /** The vault, where something happens before it begins to write. */
  const beforeWriting = (happens: () => Promise<unknown>): Vault => {
    const engine: Engine = Object.create(vault.engine, {
      write: {
        value: async (...unit: Parameters<Engine['write']>) => {
          await happens();
          return vault.engine.write(...unit);
        },
      },
      time: { value: () => vault.engine.time() },
      read: { value: vault.engine.read },
    });
    return { ...vault.jobs.vault, engine };
  };

  it('is told of after its first day of use, once per address and at most once an hour', async () => {
    const { id, token: app } = await addApp(vault, 'acme');
    vault.advance(3 * DAY);
    await use(app, '192.0.2.1', '192.0.2.2');
    vault.advance(DAY - 1);
    await use(app, '192.0.2.3');
    expect(await told()).toEqual([]);
    vault.advance(1);
    await use(app, '192.0.2.1', '192.0.2.3');
    expect(await told()).toEqual([]);
    await use(app, '198.51.100.7', '2001:db8:1:2::9');
    expect(await told()).toEqual([
      {
        type: 'access.suspicious',
        tenant: 'acme',
        app_id: id,
        cause: 'new address',
        network: '198.51.100.7',
        detail: 'The app was never used from 198.51.100.7 before, nor from 1 more that it is used from now.',
      },
    ]);
    await use(app, '198.51.100.8');
    expect(await told()).toEqual([]);
    vault.advance(HOUR);
    await use(app, '198.51.100.7', '198.51.100.8', '2001:db8:1:2:ffff::');
    expect(await told()).toMatchObject([{ network: '198.51.100.8' }]);
    vault.advance(HOUR);
    await use(app, '198.51.100.7', '198.51.100.8', '2001:db8:1:2:ffff::');
    expect(await told()).toEqual([]);
    await use(app, '2001:db8:1:3::9');
    expect(await told()).toMatchObject([{ network: '2001:db8:1:3::/64' }]);
  });

  it('within the hour after another is told of when that is over, once, though it is not used again', async () => {
    const { token: app } = await addApp(vault, 'acme');
    await use(app, '198.51.100.10');
    vault.advance(2 * DAY);
    await use(app, '198.51.100.11');
    expect(await told()).toMatchObject([{ network: '198.51.100.11' }]);
    vault.advance(2 * MINUTE);
    await use(app, '198.51.100.10', '192.0.2.66');
    vault.advance(HOUR - 2 * MINUTE - 1);
    await use(app, '198.51.100.11');
    expect(await told()).toEqual([]);
    vault.advance(1);
    await flush();
    expect(await told()).toMatchObject([{ network: '192.0.2.66' }]);
    vault.advance(HOUR);
    await use(app, '192.0.2.66');
    expect(await told()).toEqual([]);
  });

  it('is told of though another app is used from more networks than there is room for', async () => {
    const { id: flooded } = await addApp(vault, 'acme');
    const { id, token: app } = await addApp(vault, 'acme');
    await use(app, '203.0.113.20');
    vault.advance(DAY);
    const { activity } = vault.jobs;
    for (let n = 0; n < 60_000; n++) activity.count(flooded, `2001:db8:${n.toString(16)}::/64`);
    await use(app, '203.0.113.21');
    expect(await told()).toMatchObject([{ app_id: id, network: '203.0.113.21' }]);
  });

  it('is known after another start of the vault, and told of to nobody where that is off', async () => {
    const { token: app } = await addApp(vault, 'acme');
    await use(app, '203.0.113.1');
    vault.advance(DAY);
    await patch({ new_address: false });
    await use(app, '203.0.113.2');
    await patch(usual);
    const another = new ActivityRecorder();
    const id = Number((await call(vault, 'GET', '/tenants/acme/apps?limit=200')).data.at(-1).id);
    for (const network of ['203.0.113.1', '203.0.113.2']) another.count(id, network);
    await another.flush(vault.jobs.vault);
    expect(await told()).toEqual([]);
    another.count(id, '203.0.113.3');
    await another.flush(vault.jobs.vault);
    expect(await told()).toMatchObject([{ app_id: id, network: '203.0.113.3' }]);
  });

  it('that is deleted meanwhile costs the others nothing', async () => {
    const gone = await addApp(vault, 'acme');
    const stays = await addApp(vault, 'acme');
    await ask(gone.token, '192.0.2.50');
    await ask(stays.token, '192.0.2.50');
    await call(vault, 'DELETE', `/tenants/acme/apps/${gone.id}`);
    await flush();
    const rows = await vault.engine.read.selectFrom('app_networks').selectAll().execute();
    expect(rows.filter(({ network }) => network === '192.0.2.50')).toMatchObject([{ app_id: stays.id }]);
  });

  it('that is deleted while the record is written costs the others nothing', async () => {
    const gone = await addApp(vault, 'acme');
    const stays = await addApp(vault, 'acme');
    for (const app of [gone, stays]) await ask(app.token, '192.0.2.51');
    await vault.jobs.activity.flush(
      beforeWriting(() => call(vault, 'DELETE', `/tenants/acme/apps/${gone.id}`)),
    );
    expect(await deliveriesOf(stays.id)).toBe(1);
    const rows = await vault.engine.read.selectFrom('app_networks').selectAll().execute();
    expect(rows.filter(({ network }) => network === '192.0.2.51')).toMatchObject([{ app_id: stays.id }]);
  });

  it('is written down the next time where storage was away', async () => {
    const { id, token: app } = await addApp(vault, 'acme');
    for (let n = 0; n < 3; n++) await ask(app, '192.0.2.52');
    const away = beforeWriting(() => Promise.reject(new Error('storage is away')));
    await expect(vault.jobs.activity.flush(away)).rejects.toThrow('storage is away');
    await use(app, '192.0.2.52');
    await flush();
    expect(await deliveriesOf(id)).toBe(4);
  });
});

describe('an app that asks far more often than usual', () => {
  const use = async (id: number, count: number) => {
    for (let n = 0; n < count; n++) vault.jobs.activity.count(id, '192.0.2.1');
    await vault.jobs.activity.flush(vault.jobs.vault);
  };

  it('is told of once an hour, by the hours in which it was used', async () => {
    const { id } = await addApp(vault, 'acme');
    for (const count of [20, 40, 0, 30]) {
      if (count > 0) await use(id, count);
      vault.advance(HOUR);
    }
    vault.advance(DAY);
    await use(id, 150);
    await use(id, 149);
    expect(await told()).toEqual([]);
    await use(id, 1);
    expect(await told()).toEqual([
      {
        type: 'access.suspicious',
        tenant: 'acme',
        app_id: id,
        cause: 'unusual rate',
        network: null,
        detail: '300 deliveries so far in this hour of UTC, where 30.0 are usual.',
      },
    ]);
    await use(id, 500);
    expect(await told()).toEqual([]);
  });

  it('is not told of in its first day, nor where that is off', async () => {
    const { id } = await addApp(vault, 'acme');
    await use(id, 5_000);
    vault.advance(DAY);
    await patch({ rate_factor: null });
    await use(id, 100_000);
    await patch(usual);
    expect(await told()).toEqual([]);
  });
});

describe('repeated refusals', () => {
  const refuse = async (app: string, count: number, from: string, service = 'nowhere') => {
    for (let n = 0; n < count; n++) expect((await ask(app, from, service)).status).toBeGreaterThan(400);
  };
  const refusalOf = async (tenant: string) => {
    const { id: tenant_id } = await vault.engine.read
      .selectFrom('tenants')
      .select('id')
      .where('slug', '=', tenant)
      .executeTakeFirstOrThrow();
    return { tenant_id, app_id: 0, service_id: 0, reason: 'unknown service', requestId: 'req_1' };
  };
  const watch = async () => {
    await vault.jobs.refusals.flush(vault.jobs.vault);
    return watchRefusals(vault.jobs.vault, vault.engine.time());
  };

  it('of an app in a minute are told of, and those from a network, each once an hour', async () => {
    const { id, token: app } = await addApp(vault, 'acme');
    vault.advance(DAY);
    await refuse(app, 15, '192.0.2.60');
    await refuse(app, 14, '192.0.2.61');
    expect(await watch()).toBe(0);
    await refuse(app, 1, '192.0.2.61');
    vault.advance(MINUTE);
    expect(await watch()).toBe(1);
    const suspicious = { type: 'access.suspicious', tenant: 'acme', cause: 'refusals' };
    expect(await told()).toEqual([
      { ...suspicious, app_id: id, network: null, detail: '30 refusals within a minute.' },
    ]);
    await refuse(token, 30, '192.0.2.62');
    expect(await watch()).toBe(1);
    expect(await watch()).toBe(0);
    expect(await told()).toEqual([
      { ...suspicious, app_id: null, network: '192.0.2.62', detail: '30 refusals within a minute.' },
    ]);
    vault.advance(HOUR);
    expect(await watch()).toBe(0);
    await refuse(token, 30, '192.0.2.62');
    expect(await watch()).toBe(1);
  });

  it('of a tenant that has very many are counted in one event, and keep no other tenant from its own', async () => {
    const other = await addTenant(vault, 'other');
    const { now } = vault.engine.time();
    const refusal = await refusalOf('acme');
    for (let n = 0; n < 110 * 31; n++)
      vault.jobs.refusals.count({ ...refusal, network: `2001:db8:9:${n % 110}::/64` }, now);
    await refuse(other, 30, '192.0.2.80');
    expect(await watch()).toBe(11);
    const events = await told();
    expect(events.filter(({ tenant }) => tenant === 'other')).toMatchObject([{ network: '192.0.2.80' }]);
    const details = events.filter(({ tenant }) => tenant === 'acme').map(({ detail }) => detail);
    expect(details).toEqual([
      ...Array(9).fill('31 refusals within a minute.'),
      '31 refusals within a minute. So it is with 100 more apps or networks.',
    ]);
    expect(await watch(), 'the others are told of by and by').toBe(10);
    await told();
    vault.advance(5 * MINUTE);
  });

  it('over several minutes, of limits, of a new app, or where that is off are none', async () => {
    const { token: young } = await addApp(vault, 'acme');
    await refuse(young, 31, '192.0.2.70');
    await refuse(token, 16, '192.0.2.71');
    vault.advance(MINUTE);
    await refuse(token, 16, '192.0.2.71');
    await call(vault, 'POST', '/tenants/acme/services', { slug: 'spent', enabled: false });
    await refuse(token, 31, '192.0.2.72', 'spent');
    expect(await watch()).toBe(0);
    await patch({ refusals_per_minute: null });
    await refuse(token, 40, '192.0.2.73');
    expect(await watch()).toBe(0);
    await patch(usual);
  });

  it.skipIf(testedEngine !== 'sqlite').each(['app', 'network'] as const)(
    'by %s are looked up by their minute, however many there are',
    async (by) => {
      const plan = await planOf(vault.engine.read, (db) => listMuchRefused(db, by, 60_000, 0));
      expect(plan).toMatch(/SEARCH refusals USING INDEX refusals_by_minute /);
    },
  );
});

describe('the thresholds of a tenant', () => {
  it('are merged by a change, and checked', async () => {
    expect((await patch({ rate_factor: 3 })).suspicion).toEqual({ ...usual, rate_factor: 3 });
    expect((await patch({ refusals_per_minute: null })).suspicion).toEqual({
      new_address: true,
      rate_factor: 3,
      refusals_per_minute: null,
    });
    for (const wrong of [
      { rate_factor: 1 },
      { refusals_per_minute: 0 },
      { new_address: null },
      { more: 1 },
    ]) {
      const reply = await vault.admin('PATCH', '/tenants/acme', { suspicion: wrong });
      expect(reply.status, JSON.stringify(wrong)).toBe(422);
    }
    await patch(usual);
  });
});
