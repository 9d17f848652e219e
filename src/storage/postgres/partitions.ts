/** The partitions of the history, one per day of UTC: made ahead of time, and removed as a whole. */
import { sql } from 'kysely';
import type pg from 'pg';
import type { DeliveriesToKeep, Engine } from '../engine.ts';
import { inSmallSteps } from '../small-steps.ts';
import { storageError } from './errors.ts';

const DAYS_AHEAD = 2;
const STEP = 500;
/** lock_not_available: somebody reads the history, and who waits for the lock would hold up deliveries. */
const LATER = '55P03';

const removeOldest = (since: number) => sql`
DELETE FROM deliveries_default
WHERE ctid = ANY (ARRAY(SELECT ctid FROM deliveries_default WHERE at < ${since} LIMIT ${STEP}))`;

/** Makes the partitions of the next days, where they are missing and nobody is in the way. */
export async function makePartitions(pool: pg.Pool): Promise<void> {
  await orLater(pool.query('SELECT make_delivery_partitions($1)', [DAYS_AHEAD]));
}

/** Removes whole days, and from the default partition rows; a day that somebody reads goes another time. */
export async function pruneDeliveries(
  engine: Pick<Engine, 'write' | 'tidy'>,
  pool: pg.Pool,
  { since, rows }: DeliveriesToKeep,
  stopping: AbortSignal,
): Promise<void> {
  while (!stopping.aborted) {
    const dropped = await orLater(
      pool.query<{ day: string | null }>('SELECT drop_delivery_partition($1, $2) AS day', [since, rows]),
    );
    if (!dropped?.rows[0]?.day) break;
  }
  await inSmallSteps(engine, stopping, async (unit) => {
    const { numAffectedRows } = await removeOldest(since).execute(unit);
    return numAffectedRows === BigInt(STEP) ? 'more' : 'done';
  });
}

async function orLater<T>(query: Promise<T>): Promise<T | null> {
  try {
    return await query;
  } catch (thrown) {
    const error = storageError(thrown);
    if (error.code === LATER) return null;
    throw error;
  }
}
