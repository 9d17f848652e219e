/** A key is burned under load, on every engine, and on PostgreSQL with another replica beside it. */
import { describe, expect, it } from 'vitest';
import { SYSTEM_ORIGIN } from '../../src/audit/entry.ts';
import { DEMO_THROTTLE } from '../../src/domain/judge.ts';
import { parseAddress } from '../../src/domain/network.ts';
import { NetworkThrottle } from '../../src/domain/network-throttle.ts';
import { deliverKey } from '../../src/operations/delivery/deliver-key.ts';
import { burnKey } from '../../src/operations/keys/burn-key.ts';
import { disableKey } from '../../src/operations/keys/disable-key.ts';
import { DrainWatch } from '../../src/operations/keys/drain-keys.ts';
import { enableKey } from '../../src/operations/keys/enable-key.ts';
import { listHolders } from '../../src/operations/keys/list-holders.ts';
import { ENGINES } from '../support/engines.ts';
import { PLAIN_CLIENT } from '../support/plain-client.ts';
import type { PostgresRoom } from '../support/postgres-room.ts';
import { seedService, seedTenant } from '../support/seed.ts';
import type { Room } from '../support/storage-room.ts';

const CALLERS = 16;
const YEAR = 365 * 86_400_000;

function openReplica(room: Room): Promise<Room> | Room {
  return 'replica' in room ? (room as PostgresRoom).replica() : room;
}

for (const engine of ENGINES) {
  describe(`burning a key on ${engine.name}`, () => {
    it('lists every address that ever gets it, though deliveries are under way on every replica', async () => {
      const room = await engine.open();
      const replicas = [room, await openReplica(room)];
      const { id: tenantId, token } = await seedTenant(room, 'acme');
      const { keyIds } = await seedService(room, tenantId, 's', {}, [{}, {}]);
      const [leaked = 0, next = 0] = keyIds;
      const demoThrottle = new NetworkThrottle(DEMO_THROTTLE);
      const got = new Map<number, Set<string>>(keyIds.map((id) => [id, new Set()]));
      let calls = 0;
      let stopped = false;
      /** From another address each time. */
      async function call(vault: Room): Promise<void> {
        while (!stopped) {
          const ip = `10.1.${(++calls >> 8) & 255}.${calls & 255}`;
          const request = {
            token,
            service: 's',
            address: parseAddress(ip),
            client: PLAIN_CLIENT,
            mask: false,
          };
          const outcome = await deliverKey({ ...vault, demoThrottle }, request);
          if (outcome.refusal === null) got.get(outcome.key.id)?.add(ip);
        }
      }
      const more = async (id: number, count: number) => {
        const until = (got.get(id)?.size ?? 0) + count;
        while ((got.get(id)?.size ?? 0) < until) await new Promise((resolve) => setImmediate(resolve));
      };
      const load = Array.from({ length: CALLERS }, (_, at) => call(replicas[at % 2] as Room));
      await more(leaked, 100);
      const path = { tenant: 'acme', service: 's', key: leaked };
      const { holders, state } = await burnKey(room, SYSTEM_ORIGIN, path, { reason: 'leaked' });
      const known = new Set(holders.map(({ ip }) => ip));
      await more(next, 200);
      stopped = true;
      await Promise.all(load);
      expect(state).toBe('burned');
      expect([...(got.get(leaked) ?? [])].filter((ip) => !known.has(ip))).toEqual([]);
      expect(known.size).toBeGreaterThanOrEqual(100);
      const page = { list: '', limit: 200, after: null, place: null };
      expect((await listHolders(room, path, page)).data.map(({ ip }) => ip)).toEqual(
        [...known].sort().slice(0, 200),
      );
    });

    it('is not drained while one of very many has no other key, wherever that one is in the order', async () => {
      const room = await engine.open();
      const { id: tenantId, token } = await seedTenant(room, 'acme');
      const { keyIds } = await seedService(room, tenantId, 's', {}, [{}, {}]);
      const [leaked = 0, next = 0] = keyIds;
      const watch = new DrainWatch();
      const drain = () => watch.run(room, room.engine.time());
      /** As deliveries to the addresses of these numbers would have left it. */
      const hold = (key_id: number, numbers: readonly number[]) =>
        room.engine.write('nothing', async (unit) => {
          const at = room.engine.time().now;
          const row = { key_id, app_id: 0, first_at: at, last_at: at };
          const rows = numbers.map((number) => ({ ...row, ip: `10.0.0.${number}` }));
          await unit.insertInto('key_holders').values(rows).execute();
        });
      const numbers = Array.from({ length: 450 }, (_, at) => at);
      await hold(leaked, numbers);
      await burnKey(room, SYSTEM_ORIGIN, { tenant: 'acme', service: 's', key: leaked }, { reason: 'leaked' });
      room.advance(1);
      await room.deliver(token, 's');
      expect(await drain()).toBe(0);
      await hold(next, numbers.slice(0, -1));
      expect(await drain()).toBe(0);
      await hold(next, numbers.slice(-1));
      expect(await drain()).toBe(1);
    });

    it('while the clock is a year ahead for a moment leaves it to be drained, and silences no event', async () => {
      const room = await engine.open();
      const { id: tenantId, token } = await seedTenant(room, 'acme');
      const { keyIds } = await seedService(room, tenantId, 's', {}, [{}, {}]);
      const { keyIds: lone } = await seedService(room, tenantId, 't', {}, [{}]);
      await room.deliver(token, 's');
      const leaked = { tenant: 'acme', service: 's', key: keyIds[0] ?? 0 };
      const only = { tenant: 'acme', service: 't', key: lone[0] ?? 0 };
      room.stepWall(YEAR);
      await disableKey(room, SYSTEM_ORIGIN, leaked, { reason: 'it may have leaked' });
      await burnKey(room, SYSTEM_ORIGIN, leaked, { reason: 'it has leaked' });
      await disableKey(room, SYSTEM_ORIGIN, only, { reason: 'tried out' });
      room.stepWall(-YEAR);
      room.advance(3_601_000);
      await enableKey(room, SYSTEM_ORIGIN, only);
      await disableKey(room, SYSTEM_ORIGIN, only, { reason: 'tried out' });
      const told = await room.rows("SELECT type FROM outbox WHERE type = 'service.no_active_keys'");
      expect(told).toHaveLength(2);
      await room.deliver(token, 's');
      expect(await new DrainWatch().run(room, room.engine.time())).toBe(1);
    });

    it('of very many keys looks at 200 at a time, and comes to each in its turn', async () => {
      const room = await engine.open();
      const { id: tenantId, token } = await seedTenant(room, 'acme');
      const { keyIds } = await seedService(room, tenantId, 's', { policy: 'usage' }, Array(451).fill({}));
      const [first = 0] = keyIds;
      const last = keyIds.at(-2) ?? 0;
      // All but the first and the last of the burned ones are held, one of them by a client that comes back.
      const BACK = '10.0.0.2';
      const kept = keyIds.filter((id) => id !== first && id < last);
      const at = room.engine.time().now;
      await room.engine.write({ tenantId }, async (unit) => {
        const row = { app_id: 0, first_at: at, last_at: at };
        const rows = kept.map((key_id, place) => ({ ...row, key_id, ip: place === 0 ? BACK : '10.0.0.1' }));
        await unit.insertInto('key_holders').values(rows).execute();
        const burned = { state: 'burned', updated_at: at } as const;
        await unit.updateTable('provider_keys').set(burned).where('id', '<=', last).execute();
      });
      room.advance(1);
      await room.deliver(token, 's');
      const watch = new DrainWatch();
      const runs: number[] = [];
      for (let run = 0; run < 6; run++) {
        if (run === 3) {
          const row = { key_id: keyIds.at(-1) ?? 0, app_id: 0, ip: BACK };
          const later = room.engine.time().now + 1;
          await room.engine.write('nothing', (unit) =>
            unit
              .insertInto('key_holders')
              .values({ ...row, first_at: later, last_at: later })
              .execute(),
          );
        }
        runs.push(await watch.run(room, room.engine.time()));
      }
      expect(runs).toEqual([1, 0, 1, 1, 0, 0]);
    });

    it('is drained once, whichever replica looks', async () => {
      const room = await engine.open();
      const replicas = [room, await openReplica(room)];
      const { id: tenantId, token } = await seedTenant(room, 'acme');
      const { keyIds } = await seedService(room, tenantId, 's', {}, [{}, {}]);
      await room.deliver(token, 's');
      const path = { tenant: 'acme', service: 's', key: keyIds[0] ?? 0 };
      await burnKey(room, SYSTEM_ORIGIN, path, { reason: 'leaked' });
      room.advance(1);
      await room.deliver(token, 's');
      const times = await Promise.all(
        replicas.map((vault) => new DrainWatch().run(vault, room.engine.time())),
      );
      expect(times.reduce((sum, each) => sum + each, 0)).toBe(1);
      const rows = await room.rows("SELECT type FROM outbox WHERE type = 'key.drained'");
      expect(rows).toHaveLength(1);
    });
  });
}
