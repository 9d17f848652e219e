import type { DeliveryRow, Reader } from '../rows.ts';

/** Times in Unix milliseconds, `to` exclusive. */
export interface DeliveryFilter {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly app?: number | undefined;
  readonly key?: number | undefined;
}

/** Id → the delivery, of those that were made `since` then, in Unix milliseconds. */
export async function findDeliveries(
  db: Reader,
  ids: readonly string[],
  since: number,
): Promise<Map<string, DeliveryRow>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('deliveries')
    .selectAll()
    .where('delivery_id', 'in', ids)
    // Where history is in partitions, only the latest are looked at.
    .where('at', '>=', since)
    .execute();
  return new Map(rows.map((row) => [row.delivery_id, row]));
}

/** Newest first; `after` is the seq that ended the page before. */
export function listDeliveries(
  db: Reader,
  serviceId: number,
  filter: DeliveryFilter,
  limit: number,
  after: number | null,
): Promise<DeliveryRow[]> {
  let query = db.selectFrom('deliveries').selectAll().where('service_id', '=', serviceId);
  if (filter.from !== undefined) query = query.where('at', '>=', filter.from);
  if (filter.to !== undefined) query = query.where('at', '<', filter.to);
  if (filter.app !== undefined) query = query.where('app_id', '=', filter.app);
  if (filter.key !== undefined) query = query.where('key_id', '=', filter.key);
  if (after !== null) query = query.where('seq', '<', after);
  return query.orderBy('seq', 'desc').limit(limit).execute();
}
