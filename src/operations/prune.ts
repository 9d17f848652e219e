/** Removes what has been kept long enough, in steps small enough that deliveries do not feel them. */
import type { ClockReading } from '../domain/clock.ts';
import type { Transaction } from '../storage/rows.ts';
import type { Vault } from './vault.ts';

const STEP = 500;
const DAY_MS = 86_400_000;
/** Counters outlive their window by this, so that a clock that is off by weeks finds them. */
const COUNTER_DAYS = 40;

/** Prunes up to `time.settled`; resolves with how many deliveries went. The newest delivery always stays. */
export async function prune(vault: Vault, retentionDays: number, time: ClockReading): Promise<number> {
  const before = time.settled - retentionDays * DAY_MS;
  let pruned = 0;
  for (;;) {
    const step = await vault.engine.write('nothing', (unit) => pruneDeliveries(unit, before));
    pruned += step;
    if (step < STEP) break;
  }
  await vault.engine.write('nothing', async (unit) => {
    await unit.deleteFrom('refusals').where('minute', '<', before).execute();
    await unit.deleteFrom('outbox').where('at', '<', before).execute();
    await unit
      .deleteFrom('webhook_retries')
      .where('source', '=', 'outbox')
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom('outbox').select('seq').whereRef('outbox.seq', '=', 'webhook_retries.seq'))),
      )
      .execute();
    await unit
      .deleteFrom('tokens')
      .where('valid_until', '<', time.settled - DAY_MS)
      .execute();
    await pruneCounters(unit, time.settled - COUNTER_DAYS * DAY_MS);
  });
  return pruned;
}

async function pruneDeliveries(unit: Transaction, before: number): Promise<number> {
  const oldest = await unit
    .selectFrom('deliveries')
    .select(['seq', 'at'])
    .orderBy('seq')
    .limit(STEP)
    .execute();
  const newest = await unit
    .selectFrom('deliveries')
    .select((of) => of.fn.max('seq').as('seq'))
    .executeTakeFirstOrThrow();
  const old = oldest.filter(({ seq, at }) => at < before && seq !== newest.seq);
  const last = old.at(-1);
  if (last === undefined) return 0;
  await unit.deleteFrom('deliveries').where('seq', '<=', last.seq).where('at', '<', before).execute();
  await unit
    .deleteFrom('webhook_retries')
    .where('source', '=', 'delivery')
    .where('seq', '<=', last.seq)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(selectFrom('deliveries').select('seq').whereRef('deliveries.seq', '=', 'webhook_retries.seq')),
      ),
    )
    .execute();
  return old.length;
}

/** The newest window of each subject stays: it says when the subject was last used, and which day it has spent. */
async function pruneCounters(unit: Transaction, before: number): Promise<void> {
  await unit
    .deleteFrom('counters')
    .where('ends_at', '<', before)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('counters as newer')
          .select('newer.starts_at')
          .whereRef('newer.subject', '=', 'counters.subject')
          .whereRef('newer.subject_id', '=', 'counters.subject_id')
          .whereRef('newer.starts_at', '>', 'counters.starts_at'),
      ),
    )
    .execute();
}
