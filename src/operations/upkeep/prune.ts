/** Removes what has been kept long enough, in steps small enough that deliveries do not feel them. */
import type { ClockReading } from '../../domain/clock.ts';
import { REPORTABLE_MS } from '../../domain/key-health.ts';
import type { Transaction } from '../../storage/rows.ts';
import { inSmallSteps } from '../../storage/small-steps.ts';
import { removeOldestReplies } from '../../storage/tables/idempotent-replies.ts';
import { removeOldestReports } from '../../storage/tables/reports.ts';
import * as table from '../../storage/tables/retention.ts';
import { forgetTold } from '../../storage/tables/told.ts';
import { removeOldestAttempts } from '../../storage/tables/webhook-attempts.ts';
import { REPLIES_MS } from '../idempotency.ts';
import type { Vault } from '../vault/vault.ts';
import { pruneUsage } from './prune-usage.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** For how many days deliveries, refusals and events stay on record, and how many deliveries at most; null for any number. */
export interface Retention {
  readonly days: number;
  readonly deliveries: number | null;
}

/** Prunes up to `time.settled`; what is left to do when `stopping` is aborted is done another time. */
export async function prune(
  vault: Vault,
  retention: Retention,
  time: ClockReading,
  stopping: AbortSignal,
): Promise<void> {
  const { engine } = vault;
  // What lies in the log takes room of its own: on a disk that is full, this is what the first step needs.
  await engine.tidy();
  const since = time.settled - retention.days * DAY_MS;
  await engine.pruneDeliveries({ since, rows: retention.deliveries }, stopping);
  const whileSome = (remove: (unit: Transaction) => Promise<boolean>) =>
    inSmallSteps(engine, stopping, async (unit) => ((await remove(unit)) ? 'more' : 'done'));
  await whileSome((unit) => table.removeOldestRefusals(unit, since));
  await whileSome((unit) => table.removeOldestEvents(unit, since));
  const reported = time.settled - REPORTABLE_MS - HOUR_MS;
  // By the time of each step: what was reported since the first is none of the future.
  await whileSome((unit) => removeOldestReports(unit, reported, engine.time().now + REPORTABLE_MS));
  await whileSome((unit) => removeOldestAttempts(unit, since));
  await whileSome((unit) => removeOldestReplies(unit, time.settled - REPLIES_MS));
  await engine.write('nothing', async (unit) => {
    await table.removeOrphanedRetries(unit);
    await table.removeEndedTokens(unit, time.settled - DAY_MS);
    await table.removeEndedSecrets(unit, time.settled - DAY_MS);
    await forgetTold(unit, time.settled);
  });
  await pruneUsage(vault, time, stopping);
}
