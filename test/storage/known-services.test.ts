import fc from 'fast-check';
import type { Kysely, QueryResult, UnknownRow } from 'kysely';
import { describe, expect, it } from 'vitest';
import { refuse } from '../../src/domain/refusal.ts';
import type { ServiceSubject } from '../../src/storage/configuration.ts';
import { loadService } from '../../src/storage/load-service.ts';
import type { Tables } from '../../src/storage/rows.ts';
import {
  activateAll,
  deleteKey,
  findKey,
  reweighBalance,
  updateKey,
} from '../../src/storage/tables/provider-keys.ts';
import { updateService } from '../../src/storage/tables/services.ts';
import { nameOfToken } from '../../src/vault/digests.ts';
import { ENGINES } from '../support/engines.ts';
import { openPostgresRoom } from '../support/postgres-room.ts';
import { seedKey, seedService, seedTenant } from '../support/seed.ts';
import type { Room } from '../support/storage-room.ts';

/** The service as the engine decides upon it now. */
async function remembered(room: Room, token: string, slug: string): Promise<ServiceSubject> {
  let seen: ServiceSubject | null = null;
  const lookup = { token: nameOfToken(token), digest: () => room.digests.ofToken(token), service: slug };
  await room.engine.deliver(lookup, ({ service }) => {
    seen = service;
    return { refusal: refuse('service disabled'), brokenKeys: [], auditEntries: [], events: [] };
  });
  if (seen === null) throw new Error(`no service ${slug}`);
  return seen;
}

/** What a decision depends on, of a service that was remembered or read anew. */
function show({ config, day, virtual, turn, keys }: ServiceSubject) {
  const { keys: held, keys_version: _, ...settings } = config;
  const served = [...held].map(({ id }) => [id, keys.get(id) ?? null]);
  // Sums of fractions, in one order or another.
  const rounded = Math.round(virtual * 1e9) / 1e9 + 0;
  return { settings, keys: [...held], served, day, virtual: rounded, turn };
}

const POLICIES = ['usage', 'failover', 'manual'] as const;
const which = fc.nat(20);
const action = fc.oneof(
  fc.record({ kind: fc.constant('deliver' as const), calls: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ kind: fc.constant('add' as const), position: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ kind: fc.constant('remove' as const), which }),
  fc.record({
    kind: fc.constant('change' as const),
    which,
    to: fc.record(
      {
        state: fc.constantFrom(
          'active' as const,
          'standby' as const,
          'disabled' as const,
          'retired' as const,
        ),
        weight: fc.integer({ min: 1, max: 3 }),
        position: fc.integer({ min: 1, max: 5 }),
        max_daily_requests: fc.constantFrom(null, 1, 100),
        decrypt_failed_at: fc.constantFrom(null, 1),
      },
      { requiredKeys: ['state'] },
    ),
  }),
  fc.record({ kind: fc.constant('policy' as const), policy: fc.constantFrom(...POLICIES), which }),
  fc.record({ kind: fc.constant('next day' as const) }),
);

for (const engine of ENGINES) {
  describe(`what ${engine.name} remembers of a service`, () => {
    it('is what it would read anew, whatever has been changed, added, removed and served', async () => {
      const room = await engine.open();
      const { id: tenantId, token } = await seedTenant(room, 'acme');
      let services = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...POLICIES),
          fc.array(action, { minLength: 5, maxLength: 25 }),
          async (policy, actions) => {
            const slug = `service-${++services}`;
            const service = await seedService(room, tenantId, slug, { policy }, [{}, {}, {}]);
            const ids = [...service.keyIds];
            const pick = (n: number) => ids[n % ids.length] ?? 0;
            for (const each of actions) {
              if (each.kind === 'next day') room.advance(86_400_000);
              if (each.kind === 'deliver') {
                await Promise.all(Array.from({ length: each.calls }, () => room.deliver(token, slug)));
              }
              if (each.kind === 'add') {
                ids.push(await seedKey(room, tenantId, service, { position: each.position }));
              }
              await room.engine.write({ tenantId }, async (unit) => {
                if (each.kind === 'change') {
                  const key = await findKey(unit, service.id, pick(each.which));
                  if (key !== undefined) await updateKey(unit, key.id, each.to);
                  if (key !== undefined && each.to.weight !== undefined) {
                    await reweighBalance(unit, key.id, key.weight, each.to.weight);
                  }
                }
                if (each.kind === 'remove') {
                  await updateService(unit, service.id, { current_key_id: null });
                  await deleteKey(unit, pick(each.which));
                  ids.splice(each.which % ids.length, 1);
                }
                if (each.kind === 'policy') {
                  const current_key_id = each.policy === 'manual' ? pick(each.which) || null : null;
                  await updateService(unit, service.id, { policy: each.policy, current_key_id });
                }
              });
              const known = await remembered(room, token, slug);
              const anew = await loadService(room.engine.read, tenantId, slug, null);
              if (anew === null) throw new Error(`no service ${slug}`);
              // A new day is opened in memory before it is counted in.
              if (known.day?.starts_at !== anew.day?.starts_at) continue;
              expect(show(known)).toEqual(show(anew));
            }
          },
        ),
        { numRuns: 12 },
      );
    });

    it('is brought up to date by reading the keys that have changed, not the others', async () => {
      const room = await engine.open();
      const { id: tenantId } = await seedTenant(room, 'acme');
      const keys = Array.from({ length: 1_200 }, () => ({}));
      const { keyIds } = await seedService(room, tenantId, 'openai', { policy: 'usage' }, keys);
      const { db, rows, sealed } = counting(room.engine.read as Kysely<Tables>);
      const known = await loadService(db, tenantId, 'openai', null);
      expect(rows()).toBeGreaterThan(1_200);
      const changed = keyIds[700] as number;
      await room.engine.write({ tenantId }, (unit) => updateKey(unit, changed, { state: 'disabled' }));
      const refreshed = await loadService(db, tenantId, 'openai', known);
      expect(rows()).toBeLessThan(5);
      expect([...(refreshed?.config.keys ?? [])].map(({ id }) => id)).toEqual(
        keyIds.filter((id) => id !== changed),
      );
      await room.engine.write({ tenantId }, (unit) => deleteKey(unit, keyIds[900] as number));
      const withoutOne = await loadService(db, tenantId, 'openai', refreshed);
      expect(sealed()).toBe(0);
      expect([...(withoutOne?.config.keys ?? [])].map(({ id }) => id)).toEqual(
        keyIds.filter((id) => id !== changed && id !== keyIds[900]),
      );
    });

    it('is brought up to date where one statement has changed or removed very many keys', async () => {
      const room = await engine.open();
      const { id: tenantId } = await seedTenant(room, 'acme');
      const keys = Array.from({ length: 1_200 }, () => ({}));
      const { id, keyIds } = await seedService(room, tenantId, 'openai', { policy: 'manual' }, keys);
      const { read } = room.engine;
      const known = await loadService(read, tenantId, 'openai', null);
      await room.engine.write({ tenantId }, (unit) => activateAll(unit, id, 1));
      const activated = await loadService(read, tenantId, 'openai', known);
      expect([...(activated?.config.keys ?? [])].map(({ state }) => state)).toEqual(
        keyIds.map(() => 'active'),
      );
      const removed = keyIds.slice(1, 1_001);
      await room.engine.write({ tenantId }, (unit) =>
        unit.deleteFrom('provider_keys').where('id', 'in', removed).execute(),
      );
      const rest = await loadService(read, tenantId, 'openai', activated);
      expect(rest?.config.keys_removed).toBe(1_000);
      expect([...(rest?.config.keys ?? [])].map(({ id }) => id)).toEqual(
        keyIds.filter((id) => !removed.includes(id)),
      );
    });
  });
}

it('a change of all keys of a service on PostgreSQL updates the row of the service once, not once for each key', async () => {
  const room = await openPostgresRoom();
  const { id: tenantId } = await seedTenant(room, 'acme');
  const { id } = await seedService(room, tenantId, 'openai', { policy: 'manual' }, [{}, {}, {}, {}]);
  const untouched = await seedService(room, tenantId, 'untouched');
  const versions = () =>
    room.rows<{ id: number; keys_version: number }>('SELECT id, keys_version FROM services');
  const before = await versions();
  await room.engine.write({ tenantId }, (unit) => activateAll(unit, id, 1));
  const version = (before.find((row) => row.id === id)?.keys_version ?? 0) + 1;
  expect(await versions()).toEqual(
    expect.arrayContaining([{ id, keys_version: version }, before.find((row) => row.id === untouched.id)]),
  );
  expect(
    await room.rows(
      `SELECT DISTINCT version FROM provider_keys WHERE state = 'active' AND service_id = ${id} AND updated_at = 1`,
    ),
  ).toEqual([{ version }]);
});

/** The same database, and how many rows it has answered with since it was asked last, those of keys by themselves. */
function counting(db: Kysely<Tables>): { db: Kysely<Tables>; rows(): number; sealed(): number } {
  let rows = 0;
  let sealed = 0;
  const plugin = {
    transformQuery: ({ node }: { node: never }) => node,
    async transformResult({ result }: { result: QueryResult<UnknownRow> }) {
      rows += result.rows.length;
      sealed += result.rows.filter((row) => 'sealed_key' in row).length;
      return result;
    },
  };
  const take = () => {
    const taken = rows;
    rows = 0;
    sealed = 0;
    return taken;
  };
  return { db: db.withPlugin(plugin as never), rows: take, sealed: () => sealed };
}
