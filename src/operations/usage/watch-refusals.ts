import type { ClockReading } from '../../domain/clock.ts';
import { LEARNING_MS } from '../../domain/suspicion.ts';
import type { OnceEvent } from '../../events/once.ts';
import { ofRefusals } from '../../events/suspicions.ts';
import type { Reader } from '../../storage/rows.ts';
import { addEventOnce } from '../../storage/tables/outbox.ts';
import { listMuchRefused, type RefusedMuch } from '../../storage/tables/suspicious-refusals.ts';
import { findTold } from '../../storage/tables/told.ts';
import type { Vault } from '../vault/vault.ts';

const MINUTE_MS = 60_000;
/** So many minutes are looked at, the running one included: what was refused is written a little later. */
const MINUTES = 3;
/** How many suspicions a run tells a tenant of at most; the last of them says how many more there are. */
const MOST_TOLD = 10;

/** Tells of apps and networks that were refused as often in a minute as their tenant finds suspicious. Returns how many. */
export async function watchRefusals(vault: Vault, time: ClockReading): Promise<number> {
  let told = 0;
  for (const [tenantId, much] of await listRefusedMuch(vault.engine.read, time)) {
    const untold = await untoldOf(vault.engine.read, tenantId, much, time);
    if (untold.length === 0) continue;
    told += await vault.engine.write({ tenantId }, async (unit) => {
      const isNew: boolean[] = [];
      for (const once of untold) isNew.push(await addEventOnce(unit, once));
      return isNew.filter(Boolean).length;
    });
  }
  return told;
}

/** Tenant → its apps and networks that were refused much, the newest minute first, and in it apps before networks. */
async function listRefusedMuch(
  db: Reader,
  { now, settled }: ClockReading,
): Promise<Map<number, RefusedMuch[]>> {
  const running = now - (now % MINUTE_MS);
  const much: RefusedMuch[] = [];
  for (let back = 0; back < MINUTES; back++) {
    for (const by of ['app', 'network'] as const)
      much.push(...(await listMuchRefused(db, by, running - back * MINUTE_MS, settled - LEARNING_MS)));
  }
  return Map.groupBy(much, ({ tenant_id }) => tenant_id);
}

/** What the tenant is to be told of now. Those that it is not told of, since they are too many, are left for the next run. */
async function untoldOf(
  db: Reader,
  tenantId: number,
  much: readonly RefusedMuch[],
  time: ClockReading,
): Promise<OnceEvent[]> {
  const named = new Map<string, RefusedMuch>();
  for (const of of much) {
    const { name } = ofRefusals(of, 0, time);
    if (!named.has(name)) named.set(name, of);
  }
  const told = await findTold(db, [tenantId], [...named.keys()], time.settled);
  const untold = [...named].filter(([name]) => !told.has(name)).map(([, of]) => of);
  return untold
    .slice(0, MOST_TOLD)
    .map((of, at) => ofRefusals(of, at === MOST_TOLD - 1 ? untold.length - MOST_TOLD : 0, time));
}
