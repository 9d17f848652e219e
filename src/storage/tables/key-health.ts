/** What was reported of keys since they were last reported to be well. */
import type { Transaction } from '../rows.ts';

/** Nothing is held against the key any more. */
export async function forgetHealth(unit: Transaction, keyId: number): Promise<void> {
  await unit.deleteFrom('key_health').where('key_id', '=', keyId).execute();
}
