/** Removes deliveries row by row from the oldest end; units and batches take turns, so the units are short and rare. */
import { sql } from 'kysely';
import type { DeliveriesToKeep, Engine } from '../engine.ts';
import type { Transaction } from '../rows.ts';
import { inSmallSteps } from '../small-steps.ts';
import { addLosses, anyBehind, lostDeliveries } from '../tables/webhook-losses.ts';

const STEP = 400;

export function pruneDeliveries(
  engine: Pick<Engine, 'write' | 'tidy'>,
  keep: DeliveriesToKeep,
  stopping: AbortSignal,
): Promise<void> {
  return inSmallSteps(engine, stopping, async (unit) => {
    const removed = await removeOldest(unit, keep);
    return removed === STEP ? 'more' : 'done';
  });
}

/** Removes up to {@link STEP} rows; resolves with how many. */
async function removeOldest(unit: Transaction, { since, rows }: DeliveriesToKeep): Promise<number> {
  const newest = await unit
    .selectFrom('deliveries')
    .select((of) => of.fn.max('seq').as('seq'))
    .executeTakeFirst();
  const last = newest?.seq ?? 0;
  const beyond = rows === null ? 0 : last - rows;
  const oldest = await unit
    .selectFrom('deliveries')
    .select(['seq', 'at'])
    .orderBy('seq')
    .limit(STEP)
    .execute();
  const old = oldest.filter(({ seq, at }) => seq !== last && (at < since || seq <= beyond));
  const end = old.at(-1);
  if (end === undefined) return 0;
  if (await anyBehind(unit, end.seq)) {
    const gone = sql`(SELECT tenant_id, seq, at FROM deliveries WHERE seq <= ${end.seq} AND (at < ${since} OR seq <= ${beyond}))`;
    await addLosses(unit, await lostDeliveries(unit, gone));
  }
  await unit
    .deleteFrom('deliveries')
    .where('seq', '<=', end.seq)
    .where((where) => where.or([where('at', '<', since), where('seq', '<=', beyond)]))
    .execute();
  return old.length;
}
