import type { DeliveryRow, Reader } from '../rows.ts';

/** Times in Unix milliseconds, `to` exclusive. */
export interface DeliveryFilter {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly app?: number | undefined;
  readonly key?: number | undefined;
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
