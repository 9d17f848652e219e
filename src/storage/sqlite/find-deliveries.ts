/** Finds deliveries by their ids, without an index that every delivery would have to write. */
import { sql } from 'kysely';
import type { DeliveryRow, Reader } from '../rows.ts';

/**
 * Id → the delivery, of those that were made `since` then, in Unix milliseconds. A binary search by place, for ids ascend as
 * places do: only one process writes the file, each id that it makes is greater than the one before, and its first one
 * than the last one in the file. Places have gaps: what is compared is the first delivery at a place or after it. The first
 * step is a power of two, and longer than any file.
 */
export async function findDeliveries(
  db: Reader,
  ids: readonly string[],
  since: number,
): Promise<Map<string, DeliveryRow>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<DeliveryRow>`
WITH RECURSIVE search (id, place, step) AS (
  SELECT value, (SELECT min(seq) FROM deliveries), 1 << 40 FROM json_each(${JSON.stringify(ids)})
  UNION ALL
  SELECT id,
    CASE WHEN (SELECT delivery_id FROM deliveries WHERE seq >= place + step ORDER BY seq LIMIT 1) <= id
      THEN place + step ELSE place END,
    step / 2
  FROM search WHERE step > 0
)
SELECT deliveries.* FROM search
JOIN deliveries ON seq = (SELECT min(seq) FROM deliveries WHERE seq >= place)
WHERE step = 0 AND delivery_id = id AND at >= ${since}`.execute(db);
  return new Map(rows.map((row) => [row.delivery_id, row]));
}
