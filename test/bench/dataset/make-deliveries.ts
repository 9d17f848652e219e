/**
 * Puts a history into a vault, by the hour: what each hour's deliveries would have left is there as a whole or not at all.
 * Whoever has the vault open does not know of it: it is to be opened anew.
 */
import { sql } from 'kysely';
import type { Vault } from '../../../src/operations/vault/vault.ts';
import { Holders } from '../../../src/storage/holders.ts';
import { rollUpDeliveries } from '../../../src/storage/roll-up.ts';
import type { NewDelivery, Reader, Transaction } from '../../../src/storage/rows.ts';
import { type Shape, TENANT_SLUGS } from './shape.ts';
import { type Place, Traffic } from './traffic.ts';
import { INSERT_DELIVERIES, PUT_BALANCES, PUT_COUNTERS, PUT_HOLDERS, PUT_USAGE } from './wide-insert.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** How many services share the half that is not the hot one's. */
const OTHERS = 1_000;
/** How many hours are made between two times that the database's files are kept in bounds. */
const TIDY_EVERY = 4;

export interface DeliveriesOptions {
  readonly engine: 'sqlite' | 'postgres';
  /** Told how many deliveries have come. */
  readonly progress: (deliveries: number) => void;
}

/** Makes those hours that are not there yet. They end with the hour in which its first tenant was made. */
export async function makeDeliveries(
  vault: Vault,
  { deliveries, days }: Shape,
  { engine, progress }: DeliveriesOptions,
): Promise<void> {
  if (deliveries === 0) return;
  const { read } = vault.engine;
  const minutes = days * 24 * 60;
  const traffic = new Traffic(await readPlaces(read), deliveries / minutes);
  const startsAt = (await firstHour(read)) - minutes * MINUTE_MS;
  const { last } = await read
    .selectFrom('deliveries')
    .select((of) => of.fn.max('at').as('last'))
    .executeTakeFirstOrThrow();
  if (engine === 'postgres') await makePartitions(vault, startsAt, days);
  const holders = new Holders();
  let made = 0;
  for (let minute = 0, hour = startsAt; minute < minutes; minute += 60, hour += HOUR_MS) {
    const rows = Array.from({ length: 60 }, (_, at) =>
      traffic.minute(hour + at * MINUTE_MS, minute + at),
    ).flat();
    const totals = traffic.takeTotals();
    made += rows.length;
    progress(made);
    if (last !== null && hour <= last) continue;
    await vault.engine.write('nothing', async (unit) => {
      await INSERT_DELIVERIES.run(unit, rows as Required<NewDelivery>[]);
      await PUT_COUNTERS.run(unit, totals.counters);
      await PUT_BALANCES.run(unit, totals.balances);
      await PUT_USAGE.run(unit, rollUpDeliveries(rows));
      await PUT_HOLDERS.run(unit, holders.toWrite(rows));
      const endsDay = (hour + HOUR_MS) % DAY_MS === 0;
      if (endsDay || minute + 60 >= minutes) await removePastWindows(unit);
    });
    if ((minute / 60) % TIDY_EVERY === 0) await vault.engine.tidy();
  }
  if (engine === 'postgres') await moveTenants(vault);
}

/** The vault does so with the first delivery that a window counts. */
async function removePastWindows(unit: Transaction): Promise<void> {
  await sql`DELETE FROM counters WHERE EXISTS (
    SELECT 1 FROM counters AS newer WHERE newer.subject = counters.subject
      AND newer.subject_id = counters.subject_id AND newer.starts_at > counters.starts_at)`.execute(unit);
}

/** There each day lies in a partition, which is made before the day begins. */
async function makePartitions(vault: Vault, startsAt: number, days: number): Promise<void> {
  const first = startsAt - (startsAt % DAY_MS);
  await vault.engine.write('nothing', async (unit) => {
    for (let day = first; day <= startsAt + days * DAY_MS; day += DAY_MS) {
      const name = `deliveries_${new Date(day).toISOString().slice(0, 10).replaceAll('-', '')}`;
      const { rows } = await sql`SELECT 1 FROM pg_class WHERE oid = to_regclass(${name})`.execute(unit);
      if (rows.length > 0) continue;
      await sql`CREATE TABLE ${sql.table(name)} PARTITION OF deliveries
        FOR VALUES FROM (${sql.lit(day)}) TO (${sql.lit(day + DAY_MS)})`.execute(unit);
    }
  });
}

/** There a tenant's row has the place of its last delivery. */
async function moveTenants(vault: Vault): Promise<void> {
  await vault.engine.write('nothing', (unit) =>
    sql`UPDATE tenants SET last_seq = coalesce(
          (SELECT max(seq) FROM deliveries WHERE deliveries.tenant_id = tenants.id), last_seq)`.execute(unit),
  );
}

/** The first service of the data set, which is the hot one, and those of its other tenants, with the keys that serve and an app each. */
async function readPlaces(read: Reader): Promise<Place[]> {
  const services = read
    .selectFrom('services')
    .select(['id', 'tenant_id'])
    .where('tenant_id', 'in', (of) =>
      of.selectFrom('tenants').select('id').where('slug', 'like', TENANT_SLUGS),
    )
    .orderBy('id');
  const hot = await services.limit(1).executeTakeFirstOrThrow();
  const others = await services.where('tenant_id', '!=', hot.tenant_id).limit(OTHERS).execute();
  const places: Place[] = [];
  for (const { id, tenant_id } of [hot, ...others]) {
    const keys = await read
      .selectFrom('provider_keys')
      .select('id')
      .where('service_id', '=', id)
      .where('state', '=', 'active')
      .orderBy('id')
      .execute();
    const app = await read
      .selectFrom('apps')
      .select('id')
      .where('tenant_id', '=', tenant_id)
      .orderBy('id')
      .limit(1)
      .executeTakeFirstOrThrow();
    places.push({ tenantId: tenant_id, serviceId: id, keyIds: keys.map((key) => key.id), appId: app.id });
  }
  return places;
}

async function firstHour(read: Reader): Promise<number> {
  const { at } = await read
    .selectFrom('tenants')
    .select((of) => of.fn.min('created_at').as('at'))
    .where('slug', 'like', TENANT_SLUGS)
    .executeTakeFirstOrThrow();
  return Number(at) - (Number(at) % HOUR_MS);
}
