/** Many refusals in a minute, of an app or from a network. Served by the index refusals_by_minute. */
import { type RawBuilder, sql } from 'kysely';
import { SUSPICIOUS_REFUSALS } from '../../domain/suspicion.ts';
import type { Reader } from '../rows.ts';

export interface RefusedMuch {
  readonly tenant_id: number;
  readonly tenant: string;
  /** One of them is null. */
  readonly app_id: number | null;
  readonly network: string | null;
  readonly count: number;
}

/**
 * The apps, or the networks, that had as many refusals in `minute` as their tenant finds suspicious: of who asked, from where
 * or for what. Those of apps that were made after `madeBefore` do not count. The most refused first.
 */
export async function listMuchRefused(
  db: Reader,
  by: 'app' | 'network',
  minute: number,
  madeBefore: number,
): Promise<RefusedMuch[]> {
  const part: RawBuilder<string | number> =
    by === 'app' ? sql<number>`refusals.app_id` : sql<string>`refusals.network`;
  const count = sql<number>`sum(refusals.count)`;
  const rows = await db
    .selectFrom('refusals')
    .innerJoin('tenants', 'tenants.id', 'refusals.tenant_id')
    .leftJoin('apps', 'apps.id', 'refusals.app_id')
    .select(['refusals.tenant_id', 'tenants.slug as tenant', part.as('part'), count.as('count')])
    .where('refusals.minute', '=', minute)
    .where('refusals.reason', 'in', SUSPICIOUS_REFUSALS)
    .where('tenants.suspect_refusals_per_minute', 'is not', null)
    .where((where) =>
      by === 'app'
        ? where('apps.created_at', '<=', madeBefore)
        : where.and([
            where('refusals.network', 'not in', ['other', 'unknown']),
            where.or([where('refusals.app_id', '=', 0), where('apps.created_at', '<=', madeBefore)]),
          ]),
    )
    .groupBy(['refusals.tenant_id', 'tenants.slug', 'tenants.suspect_refusals_per_minute', 'part'])
    .having(sql<boolean>`sum(refusals.count) >= tenants.suspect_refusals_per_minute`)
    .orderBy('count', 'desc')
    .execute();
  return rows.map(({ part: of, ...row }) => ({
    ...row,
    app_id: by === 'app' ? Number(of) : null,
    network: by === 'network' ? String(of) : null,
  }));
}
