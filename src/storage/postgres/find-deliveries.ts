/** Finds deliveries by their ids. */
import type { DeliveryRow, Reader } from '../rows.ts';

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
    // So that only the latest partitions are looked at.
    .where('at', '>=', since)
    .execute();
  return new Map(rows.map((row) => [row.delivery_id, row]));
}
