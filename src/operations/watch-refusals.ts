import type { ClockReading } from '../domain/clock.ts';
import { LEARNING_MS } from '../domain/suspicion.ts';
import { ofRefusals } from '../events/suspicions.ts';
import { addEventOnce } from '../storage/tables/outbox.ts';
import { listMuchRefused } from '../storage/tables/suspicious-refusals.ts';
import { wasTold } from '../storage/tables/told.ts';
import type { Vault } from './vault.ts';

const MINUTE_MS = 60_000;
/** So many minutes are looked at, the running one included: what was refused is written a little later. */
const MINUTES = 3;
/** How many suspicions a run tells of at most. */
const MOST_TOLD = 100;

/** Tells of apps and networks that were refused as often in a minute as their tenant finds suspicious. Returns how many. */
export async function watchRefusals(vault: Vault, time: ClockReading): Promise<number> {
  const { read } = vault.engine;
  const { now, settled } = time;
  const running = now - (now % MINUTE_MS);
  let told = 0;
  for (let back = 0; back < MINUTES; back++) {
    for (const by of ['app', 'network'] as const) {
      const much = await listMuchRefused(read, by, running - back * MINUTE_MS, settled - LEARNING_MS);
      for (const { count, ...of } of much) {
        if (told >= MOST_TOLD) return told;
        const once = ofRefusals(of, count, time);
        if (await wasTold(read, of.tenant_id, once.name, settled)) continue;
        const isTold = await vault.engine.write({ tenantId: of.tenant_id }, (unit) =>
          addEventOnce(unit, once),
        );
        if (isTold) told++;
      }
    }
  }
  return told;
}
