import type { Transaction } from '../../storage/rows.ts';
import type { DueKey } from '../../storage/tables/due-keys.ts';
import type { Vault } from '../vault/vault.ts';

/** How many keys one look finds, and so how many one unit changes at most: deliveries wait for no more than that. */
const PAGE = 100;

/**
 * Works off the keys that are due, page by page, in a unit per service and page; `work` returns how many it changed, after
 * which `due` must not name them any more. Ends when nothing is due, or when a page could not be moved at all. Returns the sum.
 */
export async function forEachDue(
  vault: Vault,
  due: (limit: number) => Promise<readonly DueKey[]>,
  work: (unit: Transaction, serviceId: number, keyIds: readonly number[]) => Promise<number>,
): Promise<number> {
  let sum = 0;
  for (;;) {
    const page = await due(PAGE);
    let changed = 0;
    for (const [serviceId, keys] of Map.groupBy(page, ({ service_id }) => service_id)) {
      const [first] = keys;
      if (first === undefined) continue;
      const ids = keys.map(({ id }) => id);
      changed += await vault.engine.write({ tenantId: first.tenant_id }, (unit) =>
        work(unit, serviceId, ids),
      );
    }
    sum += changed;
    if (page.length < PAGE || changed === 0) return sum;
  }
}
