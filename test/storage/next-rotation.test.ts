/** The job that ends turns finds them by a time that is written down: whatever happens to a service, it is when the turn ends. */
import fc from 'fast-check';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { SYSTEM_ORIGIN } from '../../src/audit/entry.ts';
import { newKey } from '../../src/contract/keys.ts';
import { newService, rotateServiceBody, type ServicePatch } from '../../src/contract/services.ts';
import { turnEndsAt } from '../../src/domain/policy.ts';
import { Problem } from '../../src/domain/problem.ts';
import { disableKey } from '../../src/operations/keys/disable-key.ts';
import { enableKey } from '../../src/operations/keys/enable-key.ts';
import { createKey, deleteKey } from '../../src/operations/keys/keys.ts';
import { rotateService } from '../../src/operations/keys/rotate-service.ts';
import { createService, updateService } from '../../src/operations/services/services.ts';
import { turnRule } from '../../src/storage/configuration.ts';
import { listMigrations } from '../../src/storage/migrations.ts';
import { findService } from '../../src/storage/tables/services.ts';
import { HOUR, MADE_AT, runJobs } from '../support/due-jobs.ts';
import { ENGINES } from '../support/engines.ts';
import { seedTenant } from '../support/seed.ts';
import type { Room } from '../support/storage-room.ts';

const PATCHES: readonly ServicePatch[] = [
  { policy: 'time', rotate_every_minutes: 90 },
  { policy: 'time', rotation_schedule: '0 * * * *', rotate_every_minutes: null },
  { policy: 'time', rotation_schedule: '30 2 * * *', rotate_every_minutes: 600 },
  { timezone: 'America/New_York' },
  { on_expiry: 'cycle' },
  { on_expiry: 'retire' },
  { policy: 'manual' },
  { policy: 'usage' },
];

type Act =
  | { readonly kind: 'patch'; readonly patch: ServicePatch }
  | { readonly kind: 'add' | 'rotate' | 'deliver' | 'job' }
  | { readonly kind: 'disable' | 'enable' | 'delete'; readonly key: number }
  | { readonly kind: 'pass' | 'step'; readonly ms: number };

const hours = fc.integer({ min: 1, max: 30 });
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.constantFrom(...PATCHES).map((patch): Act => ({ kind: 'patch', patch })),
  fc.constantFrom<Act>({ kind: 'add' }, { kind: 'rotate' }, { kind: 'deliver' }, { kind: 'job' }),
  fc.constantFrom<Act>({ kind: 'deliver' }, { kind: 'job' }),
  fc.record({
    kind: fc.constantFrom('disable' as const, 'enable' as const, 'delete' as const),
    key: fc.nat(5),
  }),
  hours.map((count): Act => ({ kind: 'pass', ms: count * (HOUR / 2) })),
  fc.integer({ min: -48, max: 48 }).map((count): Act => ({ kind: 'step', ms: count * HOUR })),
);

/** A delivery that ends a turn. */
const FIRST: readonly Act[] = [{ kind: 'pass', ms: 2 * HOUR }, { kind: 'deliver' }];

/** What cannot be done as the service is, is refused, and nothing comes of it. */
async function perform(room: Room, token: string, service: string, act: Act, number: number): Promise<void> {
  const path = { tenant: 'acme', service };
  const keyOf = async (at: number) => {
    const keys = await room.engine.read
      .selectFrom('provider_keys')
      .innerJoin('services', 'services.id', 'provider_keys.service_id')
      .select('provider_keys.id')
      .where('slug', '=', service)
      .orderBy('provider_keys.id')
      .execute();
    return { ...path, key: keys[at % Math.max(1, keys.length)]?.id ?? 0 };
  };
  try {
    switch (act.kind) {
      case 'patch':
        return void (await updateService(room, SYSTEM_ORIGIN, path, act.patch, () => {}));
      case 'add': {
        const key = newKey.parse({ label: 'Key', key: `sk-${service}-${number}-0123456789` });
        return void (await createKey(room, SYSTEM_ORIGIN, path, key));
      }
      case 'rotate':
        return void (await rotateService(room, SYSTEM_ORIGIN, path, rotateServiceBody.parse({})));
      case 'deliver':
        return void (await room.deliver(token, service));
      case 'job':
        return await runJobs(room);
      case 'disable':
        return void (await disableKey(room, SYSTEM_ORIGIN, await keyOf(act.key), { reason: 'x' }));
      case 'enable':
        return void (await enableKey(room, SYSTEM_ORIGIN, await keyOf(act.key)));
      case 'delete':
        return await deleteKey(room, SYSTEM_ORIGIN, await keyOf(act.key), null);
      case 'pass':
        return room.advance(act.ms);
      case 'step':
        return room.stepWall(act.ms);
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
}

/** When the turn of the current key ends by the rule, and when it does by what is written. */
async function ends(room: Room, tenantId: number, slug: string): Promise<(number | null)[]> {
  const service = await findService(room.engine.read, tenantId, slug);
  if (service === undefined) throw new Error('there is no service');
  const current = await room.engine.read
    .selectFrom('provider_keys')
    .select('activated_at')
    .where('id', '=', service.current_key_id)
    .executeTakeFirst();
  return [turnEndsAt(turnRule(service), current?.activated_at ?? null), service.next_rotation_at];
}

it.each(ENGINES)('on $name, whatever is done', async ({ open }) => {
  const room = await open({ at: MADE_AT });
  const { id, token } = await seedTenant(room, 'acme');
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 20, maxLength: 60 }), async (acts) => {
      const slug = `s${++runs}`;
      const input = newService.parse({ slug, policy: 'time', rotate_every_minutes: 60 });
      await createService(room, SYSTEM_ORIGIN, 'acme', input);
      for (const key of [0, 1]) await perform(room, token, slug, { kind: 'add' }, key);
      let number = 2;
      for (const act of [...FIRST, ...acts]) {
        await perform(room, token, slug, act, number++);
        const [byRule, written] = await ends(room, id, slug);
        expect(written, JSON.stringify(act)).toBe(byRule);
      }
      await perform(room, token, slug, { kind: 'job' }, number);
      const [, written] = await ends(room, id, slug);
      if (written !== null) expect(written).toBeGreaterThan(room.engine.time().settled);
    }),
    { numRuns: 4, endOnFailure: true },
  );
});

it.each(ENGINES)(
  'on $name, of the services that were there before it was written down',
  async ({ name, open }) => {
    const room = await open({ at: MADE_AT });
    const { id: tenantId } = await seedTenant(room, 'acme');
    const kinds = [{ policy: 'time', rotate_every_minutes: 60 }, { policy: 'manual' }, { policy: 'usage' }];
    for (const [at, kind] of kinds.entries()) {
      await createService(room, SYSTEM_ORIGIN, 'acme', newService.parse({ slug: `s${at}`, ...kind }));
      await perform(room, '', `s${at}`, { kind: 'add' }, 0);
    }
    const written = () => room.rows('SELECT slug, next_rotation_at FROM services ORDER BY id');
    const before = await written();
    const migration = listMigrations(name as 'sqlite' | 'postgres').find(
      ({ name }) => name === 'rotation-schedules',
    );
    const update = migration?.sql.split(';').find((statement) => statement.trim().startsWith('UPDATE')) ?? '';
    await room.engine.write({ tenantId }, async (unit) => {
      await unit.updateTable('services').set({ next_rotation_at: null }).execute();
      await sql.raw(update).execute(unit);
    });
    expect(await written()).toEqual(before);
    expect(before[0]).toMatchObject({ next_rotation_at: Date.parse(MADE_AT) + HOUR });
  },
);
