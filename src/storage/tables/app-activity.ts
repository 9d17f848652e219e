/** How apps are used: from which networks, and how often in an hour. */
import { sql } from 'kysely';
import {
  type KnownNetwork,
  type NetworkChanges,
  type Suspicion,
  USUAL_HOURS,
} from '../../domain/suspicion.ts';
import type { AppActivityTable, Reader, Transaction } from '../rows.ts';
import { readSuspicion } from './tenants.ts';

/** An app with what its tenant finds suspicious. */
export interface WatchedApp {
  readonly id: number;
  readonly tenant_id: number;
  readonly tenant: string;
  readonly suspicion: Suspicion;
}

/** Those of the apps that are there. */
export async function findWatchedApps(db: Reader, ids: readonly number[]): Promise<WatchedApp[]> {
  const rows = await db
    .selectFrom('apps')
    .innerJoin('tenants', 'tenants.id', 'apps.tenant_id')
    .select(['apps.id', 'apps.tenant_id', 'tenants.slug as tenant'])
    .select(['suspect_new_address', 'suspect_rate_factor', 'suspect_refusals_per_minute'])
    .where('apps.id', 'in', ids)
    .orderBy('apps.id')
    .execute();
  return rows.map(({ id, tenant_id, tenant, ...columns }) => ({
    id,
    tenant_id,
    tenant,
    suspicion: readSuspicion(columns),
  }));
}

/**
 * Adds deliveries to the hour of UTC that they were in; an hour that is over becomes part of what is usual. Of each app once,
 * and of apps that are there. Returns how they are used since.
 */
export function addActivity(
  unit: Transaction,
  counts: readonly { readonly app_id: number; readonly count: number }[],
  hourStartsAt: number,
  settled: number,
): Promise<AppActivityTable[]> {
  const over = sql<boolean>`app_activity.hour_starts_at < excluded.hour_starts_at`;
  const hours = sql`CASE WHEN app_activity.hours < ${USUAL_HOURS} THEN app_activity.hours + 1 ELSE ${USUAL_HOURS} END`;
  return unit
    .insertInto('app_activity')
    .values(
      counts.map(({ app_id, count }) => ({
        app_id,
        since: settled,
        hour_starts_at: hourStartsAt,
        hour_count: count,
        usual: 0,
        hours: 0,
      })),
    )
    .onConflict((conflict) =>
      conflict.column('app_id').doUpdateSet({
        usual: sql`CASE WHEN ${over} THEN app_activity.usual
          + (app_activity.hour_count - app_activity.usual) / (${hours}) ELSE app_activity.usual END`,
        hours: sql`CASE WHEN ${over} THEN ${hours} ELSE app_activity.hours END`,
        hour_count: sql`CASE WHEN ${over} THEN 0 ELSE app_activity.hour_count END + excluded.hour_count`,
        hour_starts_at: sql`CASE WHEN ${over} THEN excluded.hour_starts_at ELSE app_activity.hour_starts_at END`,
      }),
    )
    .returningAll()
    .execute();
}

/** App → the networks that it is known to be used from. */
export async function findNetworks(
  db: Reader,
  appIds: readonly number[],
): Promise<Map<number, KnownNetwork[]>> {
  if (appIds.length === 0) return new Map();
  const rows = await db.selectFrom('app_networks').selectAll().where('app_id', 'in', appIds).execute();
  return Map.groupBy(rows, ({ app_id }) => app_id);
}

/** Notes networks that an app, which is there, is used from, and forgets others. */
export async function changeNetworks(
  unit: Transaction,
  appId: number,
  { added, seenAgain, forgotten }: NetworkChanges,
  settled: number,
): Promise<void> {
  if (forgotten.length > 0) {
    await unit
      .deleteFrom('app_networks')
      .where('app_id', '=', appId)
      .where('network', 'in', forgotten)
      .execute();
  }
  const seen = [...added, ...seenAgain];
  if (seen.length === 0) return;
  await unit
    .insertInto('app_networks')
    .values(seen.map((network) => ({ app_id: appId, network, first_at: settled, last_at: settled })))
    .onConflict((conflict) => conflict.columns(['app_id', 'network']).doUpdateSet({ last_at: settled }))
    .execute();
}
