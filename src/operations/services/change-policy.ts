import type { Origin } from '../../audit/entry.ts';
import type { ClockReading } from '../../domain/clock.ts';
import type { ServiceRow, Transaction } from '../../storage/rows.ts';
import { activateAll, standDownAll, updateKey } from '../../storage/tables/provider-keys.ts';
import { updateService } from '../../storage/tables/services.ts';
import { hasCurrentKey, settleCurrent } from '../keys/current-key.ts';

/**
 * Moves the keys of a service to the states that its new policy knows; `after` is the row with the new policy, written
 * already. Where keys serve side by side, all that stood by become active and none is current; where one is to be current
 * and none was, it is the first by position that is usable, and the others stand by. A turn under `time` begins now.
 * Returns the id of the key that is current then.
 */
export async function changePolicy(
  unit: Transaction,
  before: ServiceRow,
  after: ServiceRow,
  time: ClockReading,
  origin: Origin,
): Promise<number | null> {
  const { id, current_key_id: current } = before;
  if (before.policy === after.policy) return current;
  if (!hasCurrentKey(after.policy)) {
    if (!hasCurrentKey(before.policy)) return null;
    await activateAll(unit, id, time.now);
    await updateService(unit, id, { current_key_id: null });
    return null;
  }
  if (!hasCurrentKey(before.policy)) {
    await standDownAll(unit, id, time.now);
  } else if (after.policy === 'time' && current !== null) {
    await updateKey(unit, current, { activated_at: time.settled, updated_at: time.now });
  }
  return settleCurrent(unit, after, time, origin);
}
