/** Removes sums that statistics are not asked for any more: the finer they are, the sooner. */
import type { ClockReading } from '../../domain/clock.ts';
import { BUCKETS_MS } from '../../storage/roll-up.ts';
import { inSmallSteps } from '../../storage/small-steps.ts';
import * as table from '../../storage/tables/retention.ts';
import type { Vault } from '../vault/vault.ts';

const DAY_MS = 86_400_000;
/** For how many days usage is known by the minute, the hour and the day. */
export const USAGE_DAYS = { minute: 7, hour: 100, day: 1_100 } as const;
/** Of how many buckets a step removes what there is. */
const BUCKETS_PER_STEP = 60;

export async function pruneUsage(vault: Vault, time: ClockReading, stopping: AbortSignal): Promise<void> {
  for (let after = -1; !stopping.aborted; ) {
    const next = await table.nextWithUsage(vault.engine.read, after);
    if (next === null) return;
    after = next.tenantId;
    for (const granularity of ['minute', 'hour', 'day'] as const) {
      // Nobody can ask any more for what a tenant has had that is gone.
      const before = next.exists ? time.settled - USAGE_DAYS[granularity] * DAY_MS : Number.POSITIVE_INFINITY;
      const oldest = await table.oldestUsage(vault.engine.read, next.tenantId, BUCKETS_MS[granularity]);
      if (oldest === null || oldest >= before) continue;
      await pruneTenant(vault, next.tenantId, BUCKETS_MS[granularity], before, stopping);
    }
  }
}

function pruneTenant(
  vault: Vault,
  tenantId: number,
  bucketMs: number,
  before: number,
  stopping: AbortSignal,
): Promise<void> {
  return inSmallSteps(vault.engine, stopping, async (unit) => {
    const oldest = await table.oldestUsage(unit, tenantId, bucketMs);
    if (oldest === null || oldest >= before) return 'done';
    const until = Math.min(before, oldest + BUCKETS_PER_STEP * bucketMs);
    await table.removeUsage(unit, tenantId, bucketMs, until);
    return 'more';
  });
}
