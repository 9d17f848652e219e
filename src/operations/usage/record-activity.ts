/**
 * Sums from where and how often apps are delivered keys, and tells of what is suspicious in it. A delivery adds to memory
 * alone; a few rows for each app that is in use are written now and then. What was not written when the process ends is lost:
 * a network that is still used is found again.
 */
import { LRUCache } from 'lru-cache';
import type { ClockReading } from '../../domain/clock.ts';
import { HOUR_MS, utcWindow } from '../../domain/rate-limit.ts';
import { isUnusualRate, judgeNetworks, type NetworkChanges } from '../../domain/suspicion.ts';
import { ofUnusualRate } from '../../events/suspicions.ts';
import type { Engine } from '../../storage/engine.ts';
import type { AppActivityTable, Reader } from '../../storage/rows.ts';
import * as table from '../../storage/tables/app-activity.ts';
import { addEventOnce } from '../../storage/tables/outbox.ts';
import type { Vault } from '../vault/vault.ts';
import { ActivitySums, type Used } from './activity-sums.ts';
import { type SuspiciousUse, tellOfNetworks } from './tell-of-networks.ts';

const MOST_APPS = 10_000;
const MOST_LOOKED = 50_000;
/** How many apps a unit writes, so that deliveries are not held up for long. */
const STEP = 100;
/** A network that is known is looked at again after so long. */
const LOOKED_AT_AGAIN_MS = 86_400_000;

export class ActivityRecorder {
  readonly #sums = new ActivitySums();
  /** `app/network` → when it was looked at. */
  readonly #looked = new LRUCache<string, number>({ max: MOST_LOOKED });
  /** App → until when its unusual rate is told of. */
  readonly #toldRates = new LRUCache<number, number>({ max: MOST_APPS });

  /** A delivery to an app, from a client network. */
  count(appId: number, network: string): void {
    this.#sums.count(appId, network);
  }

  /** Writes what was summed, and tells of what is suspicious. What could not be written is kept for the next time. */
  async flush(vault: Vault): Promise<void> {
    const used = this.#sums.take();
    for (let at = 0; at < used.length; at += STEP) {
      try {
        await this.#record(vault, used.slice(at, at + STEP), vault.engine.time());
      } catch (error) {
        for (const [id, { count, networks }] of used.slice(at)) this.#sums.add(id, count, networks);
        throw error;
      }
    }
  }

  async #record(vault: Vault, used: readonly Used[], time: ClockReading): Promise<void> {
    const { engine } = vault;
    const { settled } = time;
    const apps = await findApps(engine.read, used);
    const there = used.filter(([id]) => apps.has(id));
    if (there.length === 0) return;
    const unlooked = there.map(([id, { networks }]) => [id, this.#unlooked(id, networks, settled)] as const);
    const looking = unlooked.filter(([, networks]) => networks.length > 0);
    const known = await table.findNetworks(
      engine.read,
      looking.map(([id]) => id),
    );
    const plain: [number, NetworkChanges][] = [];
    const suspicious: SuspiciousUse[] = [];
    for (const [id, networks] of looking) {
      const app = apps.get(id) as table.WatchedApp;
      const changes = judgeNetworks(known.get(id) ?? [], networks, settled);
      if (changes.suspicious && app.suspicion.new_address)
        suspicious.push({ app, networks, added: changes.added });
      else plain.push([id, changes]);
    }
    const activity = await write(engine, there, plain, settled);
    for (const [, use] of there) use.count = 0;
    const untold = await tellOfNetworks(vault, suspicious, time);
    for (const [id, networks] of looking) {
      const later = new Set(untold.get(id));
      this.#sums.add(id, 0, later);
      for (const network of networks) if (!later.has(network)) this.#looked.set(`${id}/${network}`, settled);
    }
    for (const row of activity) await this.#tellOfRate(vault, apps.get(row.app_id), row, time);
  }

  #unlooked(appId: number, networks: Iterable<string>, settled: number): string[] {
    return [...networks].filter((network) => {
      const at = this.#looked.get(`${appId}/${network}`);
      return at === undefined || settled - at >= LOOKED_AT_AGAIN_MS;
    });
  }

  async #tellOfRate(
    vault: Vault,
    app: table.WatchedApp | undefined,
    activity: AppActivityTable,
    time: ClockReading,
  ): Promise<void> {
    if (app === undefined || !isUnusualRate(activity, app.suspicion.rate_factor, time.settled)) return;
    if ((this.#toldRates.get(app.id) ?? 0) > time.settled) return;
    const once = ofUnusualRate(app, activity, time);
    await vault.engine.write({ tenantId: app.tenant_id }, (unit) => addEventOnce(unit, once));
    this.#toldRates.set(app.id, once.until);
  }
}

async function findApps(db: Reader, used: readonly Used[]): Promise<Map<number, table.WatchedApp>> {
  const ids = used.map(([id]) => id);
  return new Map((await table.findWatchedApps(db, ids)).map((app) => [app.id, app]));
}

/** Returns how the apps that had deliveries are used since. */
async function write(
  engine: Engine,
  used: readonly Used[],
  changed: readonly (readonly [number, NetworkChanges])[],
  settled: number,
): Promise<AppActivityTable[]> {
  const delivered = used.filter(([, { count }]) => count > 0);
  if (delivered.length === 0 && changed.length === 0) return [];
  return engine.write('nothing', async (unit) => {
    // An app that was deleted since must not be in the way of the others.
    const left = await findApps(unit, used);
    for (const [id, changes] of changed)
      if (left.has(id)) await table.changeNetworks(unit, id, changes, settled);
    const counts = delivered.filter(([id]) => left.has(id)).map(([app_id, { count }]) => ({ app_id, count }));
    if (counts.length === 0) return [];
    return table.addActivity(unit, counts, utcWindow(settled, HOUR_MS).starts_at, settled);
  });
}
