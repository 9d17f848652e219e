/** The partitions of the history, one per day of UTC: made ahead of time, and removed as a whole. */
import { type RawBuilder, sql } from 'kysely';
import type pg from 'pg';
import type { DeliveriesToKeep, Engine } from '../engine.ts';
import type { Transaction } from '../rows.ts';
import { inSmallSteps } from '../small-steps.ts';
import { addLosses, anyBehind, type Loss, lostDeliveries } from '../tables/webhook-losses.ts';
import { kyselyOver } from './dialect.ts';
import { storageError } from './errors.ts';

const DAYS_AHEAD = 2;
const STEP = 500;
/** lock_not_available: somebody reads the history, and who waits for the lock would hold up deliveries. */
const LATER = '55P03';

const DAY_MS = 86_400_000;

interface Gone {
  readonly tenant_id: number;
  readonly seq: number;
  readonly at: number;
}

const removeOldest = (since: number) => sql<Gone>`
DELETE FROM deliveries_default
WHERE ctid = ANY (ARRAY(SELECT ctid FROM deliveries_default WHERE at < ${since} LIMIT ${STEP}))
RETURNING tenant_id, seq, at`;

const OLDEST_DAY = sql<{ name: string | null }>`
SELECT min(relname) AS name FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
WHERE inhparent = 'deliveries'::regclass AND relname ~ '^deliveries_[0-9]{8}$'`;

/** Makes the partitions of the next days, where they are missing and nobody is in the way. */
export async function makePartitions(pool: pg.Pool): Promise<void> {
  await orLater(pool.query('SELECT make_delivery_partitions($1)', [DAYS_AHEAD]));
}

/** Removes whole days, and from the default partition rows; a day that somebody reads goes another time. */
export async function pruneDeliveries(
  engine: Pick<Engine, 'write' | 'tidy'>,
  pool: pg.Pool,
  keep: DeliveriesToKeep,
  stopping: AbortSignal,
): Promise<void> {
  const db = kyselyOver(pool);
  while (!stopping.aborted) {
    if (!(await orLater(db.transaction().execute((unit) => dropOldestDay(unit, keep))))) break;
  }
  await inSmallSteps(engine, stopping, async (unit) => {
    const { rows } = await removeOldest(keep.since).execute(unit);
    await addLosses(unit, await lostWith(unit, rows));
    return rows.length === STEP ? 'more' : 'done';
  });
}

/** Removes the oldest day, and says who was yet to be sent what was in it; whether there was one to remove. */
async function dropOldestDay(unit: Transaction, { since, rows }: DeliveriesToKeep): Promise<boolean> {
  const name = (await OLDEST_DAY.execute(unit)).rows[0]?.name ?? null;
  if (name === null) return false;
  const endsAt = Date.parse(name.replace(/^\D+(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3')) + DAY_MS;
  const lost = endsAt <= since || rows !== null ? await lostIn(unit, name) : [];
  const dropped = await sql<{ day: string | null }>`
    SELECT drop_delivery_partition(${since}, ${rows}) AS day`.execute(unit);
  const { day = null } = dropped.rows[0] ?? {};
  if (day === null) return false;
  await addLosses(unit, lost);
  return true;
}

/** The table's own columns bear the names that are asked for. */
async function lostIn(unit: Transaction, table: string): Promise<Loss[]> {
  const day = sql.table(table);
  const newest = await sql<{ seq: number | null }>`SELECT max(seq) AS seq FROM ${day}`.execute(unit);
  const seq = newest.rows[0]?.seq ?? null;
  return seq !== null && (await anyBehind(unit, seq)) ? lostDeliveries(unit, day) : [];
}

async function lostWith(unit: Transaction, gone: readonly Gone[]): Promise<Loss[]> {
  const last = Math.max(...gone.map(({ seq }) => seq));
  if (gone.length === 0 || !(await anyBehind(unit, last))) return [];
  const column = (of: (each: Gone) => number): RawBuilder<unknown> => sql`${gone.map(of)}::bigint[]`;
  const [tenants, seqs, times] = [
    column(({ tenant_id }) => tenant_id),
    column(({ seq }) => seq),
    column(({ at }) => at),
  ];
  return lostDeliveries(
    unit,
    sql`(SELECT * FROM unnest(${tenants}, ${seqs}, ${times}) AS each (tenant_id, seq, at))`,
  );
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
