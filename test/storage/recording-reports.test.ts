/** Reports as they are recorded: many in one unit, each once, with what they do to their keys or not at all. */
import { describe, expect, it, vi } from 'vitest';
import { clientNetwork, parseAddress } from '../../src/domain/network.ts';
import { recognizeCaller } from '../../src/operations/delivery/recognize-caller.ts';
import { recoverKeys } from '../../src/operations/keys/recover-keys.ts';
import { type ReportAnswer, type ReportBody, reportKey } from '../../src/operations/reports/report-key.ts';
import { ReportQueue } from '../../src/operations/reports/report-queue.ts';
import { prune } from '../../src/operations/upkeep/prune.ts';
import type { Vault } from '../../src/operations/vault/vault.ts';
import type { Engine, WriteScope } from '../../src/storage/engine.ts';
import { StorageError } from '../../src/storage/errors.ts';
import { updateApp } from '../../src/storage/tables/apps.ts';
import { ENGINES } from '../support/engines.ts';
import { PLAIN_CLIENT } from '../support/plain-client.ts';
import { openPostgresRoom } from '../support/postgres-room.ts';
import { seedApp, seedService, seedTenant } from '../support/seed.ts';
import { answerOf, type Room, reasonOf } from '../support/storage-room.ts';

/** The room's vault with an engine whose units are told to `each` before they run, which may reject for them. */
function watched(room: Room, each: (scope: WriteScope) => Promise<void>): Vault {
  const engine = new Proxy<Engine>(room.engine, {
    get(target, name) {
      if (name === 'write') {
        const write: Engine['write'] = (scope, work) =>
          target.write(scope, async (unit) => {
            const result = await work(unit);
            await each(scope);
            return result;
          });
        return write;
      }
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  return { engine, keyring: room.keyring, digests: room.digests };
}

/** What these reports do not say. */
const ABOUT = { status: null, retry_after_seconds: null, request_id: 'req' } as const;

/** Reports through a queue of its own, as one replica does. */
function reporting(vault: Vault) {
  const context = { ...vault, reports: new ReportQueue(vault) };
  return (token: string, delivery_id: string, outcome: ReportBody['outcome'], ip = '203.0.113.1') => {
    const address = parseAddress(ip);
    return reportKey(
      context,
      { token, address, client: PLAIN_CLIENT },
      {
        ...ABOUT,
        delivery_id,
        outcome,
        network: clientNetwork(address),
      },
    );
  };
}

/** Puts reports into the queue, all of them at once. */
function submitting(queue: ReportQueue) {
  return (
    tenant_id: number,
    delivery_id: string,
    outcome: ReportBody['outcome'],
    retry_after_seconds: number | null = null,
  ) => {
    const caller = { tenant_id, app_id: null, nonce: null };
    const from = { ip: null, network: 'unknown' };
    return queue.submit({ ...ABOUT, caller, delivery_id, outcome, ...from, retry_after_seconds });
  };
}

const HOUR_MS = 3_600_000;

const saidOf = (answer: ReportAnswer) => (answer.refusal === null ? answer.state : answer.refusal.reason);

async function deliver(room: Room, token: string, count: number): Promise<string[]> {
  const outcomes = await Promise.all(Array.from({ length: count }, () => room.deliver(token, 'openai')));
  return outcomes.map((outcome) => answerOf(outcome).delivery_id);
}

async function seedTenants(room: Room, count: number) {
  const tenants = [];
  for (let at = 0; at < count; at++) {
    const tenant = await seedTenant(room, `tenant-${at}`);
    await seedService(room, tenant.id, 'openai', {}, [{}, {}]);
    tenants.push(tenant);
  }
  return tenants;
}

const keyStates = (room: Room) =>
  room.rows<{ tenant_id: number; cools: number }>(
    'SELECT tenant_id, count(cooling_until) AS cools FROM provider_keys GROUP BY tenant_id ORDER BY tenant_id',
  );

for (const engine of ENGINES) {
  describe(`reports on ${engine.name}`, () => {
    it('of several tenants share a unit, and those that cool a key have one for each tenant', async () => {
      const room = await engine.open();
      const units: WriteScope[] = [];
      const report = reporting(watched(room, async (scope) => void units.push(scope)));
      const tenants = await seedTenants(room, 3);
      const plain = await Promise.all(tenants.map(({ token }) => deliver(room, token, 60)));
      const answers = await Promise.all(
        tenants.flatMap(({ token }, at) => (plain[at] ?? []).map((id) => report(token, id, 'ok'))),
      );
      expect(new Set(answers.map(saidOf))).toEqual(new Set(['active']));
      expect(units.length).toBeLessThan(10);
      expect(new Set(units)).toEqual(new Set(['nothing']));

      units.length = 0;
      const limited = await Promise.all(tenants.map(({ token }) => deliver(room, token, 20)));
      const cooled = await Promise.all(
        tenants.flatMap(({ token }, at) =>
          (limited[at] ?? []).map((id) => report(token, id, 'rate_limited')),
        ),
      );
      expect(new Set(cooled.map(saidOf))).toEqual(new Set(['cooling']));
      expect(units.filter((scope) => scope !== 'nothing')).toHaveLength(3);
      expect((await keyStates(room)).map(({ cools }) => Number(cools))).toEqual([1, 1, 1]);
      expect(await room.rows('SELECT delivery_id FROM reports')).toHaveLength(240);
    });

    it('a delivery that a clock which ran ahead has made is reported on once, and one of too far ahead not at all', async () => {
      const room = await engine.open();
      const [{ token } = { token: '' }] = await seedTenants(room, 1);
      const ahead = async (ms: number) => {
        room.stepWall(ms);
        const [id = ''] = await deliver(room, token, 1);
        room.stepWall(-ms);
        return id;
      };
      const report = reporting(room);
      const [near, far] = [await ahead(20 * HOUR_MS), await ahead(25 * HOUR_MS)];
      expect(saidOf(await report(token, far, 'ok'))).toBe('unknown delivery');
      expect(saidOf(await report(token, near, 'ok'))).toBe('active');
      // As long as the delivery is recent, what was reported on it is not forgotten.
      room.advance(43 * HOUR_MS);
      const retention = { days: 30, deliveries: null };
      await prune(room, retention, room.engine.time(), new AbortController().signal);
      expect(saidOf(await report(token, near, 'ok'))).toBe('already reported');
    });

    it('are on record with what they do or not at all, and one tenant whose unit fails leaves the others alone', async () => {
      const room = await engine.open();
      const [one, other] = await seedTenants(room, 2);
      if (one === undefined || other === undefined) throw new Error('two tenants were asked for');
      const vault = watched(room, async (scope) => {
        if (scope !== 'nothing' && scope.tenantId === one.id) throw new StorageError('TEST', 'it failed');
      });
      const report = reporting(vault);
      const [mine = ''] = await deliver(room, one.token, 1);
      const [theirs = ''] = await deliver(room, other.token, 1);
      const [failed, taken] = await Promise.allSettled([
        report(one.token, mine, 'rate_limited'),
        report(other.token, theirs, 'rate_limited'),
      ]);
      expect(failed).toMatchObject({ status: 'rejected', reason: { code: 'TEST' } });
      expect(taken).toMatchObject({ status: 'fulfilled', value: { refusal: null, state: 'cooling' } });
      expect((await keyStates(room)).map(({ cools }) => Number(cools))).toEqual([0, 1]);
      expect(await room.rows('SELECT delivery_id FROM reports')).toEqual([{ delivery_id: theirs }]);
      // It was not lost: the client sends it again.
      expect(saidOf(await reporting(room)(one.token, mine, 'rate_limited'))).toBe('cooling');
    });

    it('that stand in the way of something else are tried again; where storage fails, whoever waits is told', async () => {
      const room = await engine.open();
      const [tenant] = await seedTenants(room, 1);
      const token = tenant?.token ?? '';
      const failures: string[] = ['40P01', '40001'];
      const report = reporting(
        watched(room, async () => {
          const code = failures.shift();
          if (code !== undefined) throw new StorageError(code, 'as storage would');
        }),
      );
      const [first = '', ...rest] = await deliver(room, token, 301);
      expect(saidOf(await report(token, first, 'ok'))).toBe('active');
      failures.push(...Array(2).fill('SQLITE_FULL'));
      const outcomes = await Promise.allSettled(rest.map((id) => report(token, id, 'ok')));
      expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
      failures.length = 0;
      const again = await Promise.all(rest.map((id) => report(token, id, 'ok')));
      expect(new Set(again.map(saidOf))).toEqual(new Set(['active']));
    });

    it('of a tenant that floods leave room for those of others', async () => {
      const room = await engine.open();
      const [one, other] = await seedTenants(room, 2);
      const gate = Promise.withResolvers<void>();
      const queue = new ReportQueue(watched(room, () => gate.promise));
      const submit = (tenant_id: number, delivery_id: string) =>
        queue.submit({
          ...ABOUT,
          caller: { tenant_id, app_id: null, nonce: null },
          delivery_id,
          outcome: 'ok',
          ip: null,
          network: 'unknown',
        });
      const [first = ''] = await deliver(room, one?.token ?? '', 1);
      const [theirs = ''] = await deliver(room, other?.token ?? '', 1);
      const flood = [submit(one?.id ?? 0, first)];
      for (let at = 0; at < 2_500; at++) flood.push(submit(one?.id ?? 0, 'x'));
      const outcomes = Promise.allSettled(flood);
      const others = submit(other?.id ?? 0, theirs);
      gate.resolve();
      expect(await others).toMatchObject({ refusal: null, state: 'active' });
      const failed = (await outcomes).filter(({ status }) => status === 'rejected');
      expect(failed).toMatchObject([{ reason: { code: 'BUSY' } }]);
    });

    it('are answered in time where storage stands still, and taken again once it goes on', async () => {
      const room = await engine.open();
      const [tenant] = await seedTenants(room, 1);
      const [first = '', second = ''] = await deliver(room, tenant?.token ?? '', 2);
      const gate = Promise.withResolvers<void>();
      const queue = new ReportQueue(
        watched(room, () => gate.promise),
        200,
      );
      const submit = (delivery_id: string) =>
        queue.submit({
          ...ABOUT,
          caller: { tenant_id: tenant?.id ?? 0, app_id: null, nonce: null },
          delivery_id,
          outcome: 'ok',
          ip: null,
          network: 'unknown',
        });
      await expect(submit(first)).rejects.toMatchObject({ code: 'TIMEOUT' });
      await expect(submit(second)).rejects.toMatchObject({ code: 'TIMEOUT' });
      gate.resolve();
      // The unit that stood still is on disk after all, and so is what came behind it.
      await vi.waitFor(async () => {
        expect(await room.rows('SELECT delivery_id FROM reports')).toHaveLength(2);
      });
      expect(await submit(first)).toMatchObject({ refusal: { reason: 'already reported' } });
    });

    it('that come at once cool a bucket once, for the longest that one asks for', async () => {
      const room = await engine.open();
      const tenant = await seedTenant(room, 'acme');
      const keys = Array(30).fill({ bucket: 'account' });
      await seedService(room, tenant.id, 'openai', { policy: 'usage' }, keys);
      const ids = await deliver(room, tenant.token, 40);
      const submit = submitting(new ReportQueue(room));
      const waits = ids.map((_, at) => 2 + 3 * at);
      const cools = await Promise.all(
        ids.map((id, at) => submit(tenant.id, id, 'rate_limited', waits[at] ?? null)),
      );
      expect(new Set(cools.map((answer) => answer.refusal === null && answer.state))).toEqual(
        new Set(['cooling']),
      );
      const [ends] = await room.rows<{ least: number; rows: number }>(
        `SELECT min(cooling_until) AS least, (SELECT count(*) FROM audit_entries WHERE type = 'key.cooling') AS rows
         FROM provider_keys`,
      );
      const longest = room.engine.time().now + Math.max(...waits) * 1_000;
      expect(Math.abs(Number(ends?.least) - longest)).toBeLessThan(2_000);
      expect(Number(ends?.rows)).toBe(30);
    });

    it('of many keys have several units, between which others are heard; the tenants take turns', async () => {
      const room = await engine.open();
      const [one, other] = [await seedTenant(room, 'one'), await seedTenant(room, 'other')];
      const many = Array(320).fill({ bucket: 'account' });
      await seedService(room, one.id, 'openai', { policy: 'usage' }, many);
      await seedService(room, other.id, 'openai', {}, [{}]);
      const ids = await deliver(room, one.token, 210);
      const [theirs = ''] = await deliver(room, other.token, 1);
      const units: WriteScope[] = [];
      const submit = submitting(new ReportQueue(watched(room, async (scope) => void units.push(scope))));
      const answered: string[] = [];
      const all = [
        ...ids.map((id) => submit(one.id, id, 'rate_limited').then(() => answered.push(id))),
        submit(other.id, theirs, 'ok').then(() => answered.push(theirs)),
      ];
      await Promise.all(all);
      const alone = units.filter((scope) => scope !== 'nothing');
      expect(alone.length).toBeGreaterThanOrEqual(3);
      expect(answered.indexOf(theirs)).toBeLessThan(2);
      expect(await room.rows('SELECT delivery_id FROM reports')).toHaveLength(211);
      const [row] = await room.rows<{ rows: number }>(
        "SELECT count(*) AS rows FROM audit_entries WHERE type = 'key.cooling'",
      );
      expect(Number(row?.rows)).toBe(303);
    });

    it('cool a bucket of very many keys a hundred at a time', async () => {
      const room = await engine.open();
      const tenant = await seedTenant(room, 'acme');
      const keys = Array(130).fill({ bucket: 'account' });
      await seedService(room, tenant.id, 'openai', { policy: 'usage' }, keys);
      const report = reporting(room);
      const cooled: number[] = [];
      for (let at = 0; at < 2; at++) {
        const [id = ''] = await deliver(room, tenant.token, 1);
        await report(tenant.token, id, 'rate_limited');
        cooled.push(...(await keyStates(room)).map(({ cools }) => Number(cools)));
      }
      expect(cooled).toEqual([101, 130]);
      expect(reasonOf(await room.deliver(tenant.token, 'openai'))).toBe('no active keys');
    });

    it('who sends one is recognized without a trace: nothing is counted, and nothing written', async () => {
      const room = await engine.open();
      const [tenant] = await seedTenants(room, 1);
      const before = await room.rows('SELECT * FROM counters');
      const request = { token: tenant?.token ?? '', address: null, client: PLAIN_CLIENT };
      expect(await recognizeCaller(room, request)).toMatchObject({
        refusal: null,
        recognized: { tenant_id: tenant?.id, app_id: null, nonce: null },
      });
      expect(await room.rows('SELECT * FROM counters')).toEqual(before);
      expect(room.batches).toEqual([]);
    });
  });
}

describe('reports to two replicas', () => {
  it('are taken once, cool a key once, and tell once of it and of its return', async () => {
    const one = await openPostgresRoom();
    const other = await one.replica();
    const [tenant] = await seedTenants(one, 1);
    const token = tenant?.token ?? '';
    const ids = await deliver(one, token, 30);
    const answers = await Promise.all(
      [one, other].map((room) => {
        const report = reporting(room);
        return Promise.all(ids.map((id) => report(token, id, 'rate_limited')));
      }),
    );
    const said = Map.groupBy(answers.flat().map(saidOf), (each) => each);
    expect([...said].map(([what, { length }]) => [what, length]).toSorted()).toEqual([
      ['already reported', 30],
      ['cooling', 30],
    ]);
    one.advance(30_000);
    const recovered = await Promise.all([one, other].map((room) => recoverKeys(room, one.engine.time())));
    expect(recovered.toSorted()).toEqual([0, 1]);
    const events = await one.rows<{ type: string }>('SELECT type FROM outbox ORDER BY seq');
    expect(events.map(({ type }) => type)).toEqual(['key.cooling', 'key.recovered']);
  });

  it('are refused by the very next one once the app was switched off on the other', async () => {
    const one = await openPostgresRoom();
    const other = await one.replica();
    const [tenant] = await seedTenants(one, 1);
    const tenantId = tenant?.id ?? 0;
    const app = await seedApp(one, tenantId);
    const ids = await deliver(other, app.token, 20);
    const report = reporting(other);
    const takes = async () => saidOf(await report(app.token, ids.pop() ?? '', 'ok'));
    const switched = (enabled: number) =>
      one.engine.write({ tenantId }, (unit) => updateApp(unit, app.id, { enabled }));
    for (let round = 0; round < 5; round++) {
      expect(await takes()).toBe('active');
      await switched(0);
      expect(await takes()).toBe('token disabled');
      await switched(1);
      // A refusal may be repeated for a second.
      one.advance(1_000);
    }
  });

  it('are refused as well where one from elsewhere was refused a moment before', async () => {
    const one = await openPostgresRoom();
    const other = await one.replica();
    const [tenant] = await seedTenants(one, 1);
    const tenantId = tenant?.id ?? 0;
    const app = await seedApp(one, tenantId, { allowed_ips: '["203.0.113.1"]' });
    const report = reporting(other);
    const takes = async (ip: string) => saidOf(await report(app.token, 'x', 'ok', ip));
    expect(await takes('203.0.113.1')).toBe('unknown delivery');
    expect(await takes('203.0.113.9')).toBe('ip not allowed');
    await one.engine.write({ tenantId }, (unit) => updateApp(unit, app.id, { enabled: 0 }));
    expect(await takes('203.0.113.1')).toBe('token disabled');
  });
});
