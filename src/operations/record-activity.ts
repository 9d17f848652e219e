/**
 * Sums from where and how often apps are delivered keys, and tells of what is suspicious in it. A delivery adds to memory
 * alone; a few rows for each app that is in use are written now and then. What was not written when the process ends is lost:
 * a network that is still used is found again.
 */
import { LRUCache } from 'lru-cache';
import type { ClockReading } from '../domain/clock.ts';
import { HOUR_MS, utcWindow } from '../domain/rate-limit.ts';
import { isUnusualRate, judgeNetworks, type NetworkChanges } from '../domain/suspicion.ts';
import { ofNewAddress, ofUnusualRate } from '../events/suspicions.ts';
import type { AppActivityTable } from '../storage/rows.ts';
import * as table from '../storage/tables/app-activity.ts';
import { addEventOnce } from '../storage/tables/outbox.ts';
import type { Vault } from './vault.ts';

const MOST_APPS = 10_000;
const MOST_NETWORKS = 50_000;
/** How many apps a unit writes, so that deliveries are not held up for long. */
const STEP = 100;
/** A network that is known is looked at again after so long. */
const LOOKED_AT_AGAIN_MS = 86_400_000;

interface Use {
  count: number;
  readonly networks: Set<string>;
}

/** An app as it was used since the last time, with those of its networks that are to be looked at. */
type Used = readonly [appId: number, use: Use];

export class ActivityRecorder {
  #apps = new Map<number, Use>();
  #networks = 0;
  /** `app/network` → when it was looked at. */
  readonly #looked = new LRUCache<string, number>({ max: MOST_NETWORKS });
  /** App → until when its unusual rate is told of. */
  readonly #toldRates = new LRUCache<number, number>({ max: MOST_APPS });

  /** A delivery to an app, from a client network. */
  count(appId: number, network: string): void {
    let use = this.#apps.get(appId);
    if (use === undefined) {
      if (this.#apps.size >= MOST_APPS) return;
      use = { count: 0, networks: new Set() };
      this.#apps.set(appId, use);
    }
    use.count++;
    if (use.networks.has(network) || this.#networks >= MOST_NETWORKS) return;
    use.networks.add(network);
    this.#networks++;
  }

  /** Writes what was summed, and tells of what is suspicious. */
  async flush(vault: Vault): Promise<void> {
    const used = [...this.#apps].sort(([one], [other]) => one - other);
    this.#apps = new Map();
    this.#networks = 0;
    for (let at = 0; at < used.length; at += STEP) {
      const time = vault.engine.time();
      await this.#record(vault, used.slice(at, at + STEP), time);
    }
  }

  async #record(vault: Vault, used: readonly Used[], time: ClockReading): Promise<void> {
    const { engine } = vault;
    const { settled } = time;
    const apps = new Map(
      (
        await table.findWatchedApps(
          engine.read,
          used.map(([id]) => id),
        )
      ).map((app) => [app.id, app]),
    );
    const there = used.filter(([id]) => apps.has(id));
    if (there.length === 0) return;
    const unlooked = there.map(([id, { networks }]) => [id, this.#unlooked(id, networks, settled)] as const);
    const looking = unlooked.filter(([, networks]) => networks.length > 0);
    const known = await table.findNetworks(
      engine.read,
      looking.map(([id]) => id),
    );
    const plain: [number, NetworkChanges][] = [];
    const suspicious: [table.WatchedApp, readonly string[]][] = [];
    for (const [id, networks] of looking) {
      const app = apps.get(id) as table.WatchedApp;
      const changes = judgeNetworks(known.get(id) ?? [], networks, settled);
      if (changes.suspicious && app.suspicion.new_address) suspicious.push([app, networks]);
      else plain.push([id, changes]);
    }
    const hour = utcWindow(settled, HOUR_MS).starts_at;
    const counts = there.map(([app_id, { count }]) => ({ app_id, count }));
    const activity = await engine.write('nothing', async (unit) => {
      for (const [id, changes] of plain) await table.changeNetworks(unit, id, changes, settled);
      return table.addActivity(unit, counts, hour, settled);
    });
    for (const [app, networks] of suspicious) await tellOfNetworks(vault, app, networks, time);
    for (const [id, networks] of looking)
      for (const network of networks) this.#looked.set(`${id}/${network}`, settled);
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

/** Remembers the networks and tells of them in one unit, so that another replica does not tell of them, too. */
async function tellOfNetworks(
  vault: Vault,
  { id, tenant_id }: table.WatchedApp,
  networks: readonly string[],
  time: ClockReading,
): Promise<void> {
  await vault.engine.write({ tenantId: tenant_id }, async (unit) => {
    const [app] = await table.findWatchedApps(unit, [id]);
    if (app === undefined) return;
    const known = (await table.findNetworks(unit, [id])).get(id) ?? [];
    const changes = judgeNetworks(known, networks, time.settled);
    await table.changeNetworks(unit, id, changes, time.settled);
    const [network] = changes.added;
    if (network === undefined || !changes.suspicious || !app.suspicion.new_address) return;
    await addEventOnce(unit, ofNewAddress(app, network, changes.added.length, time));
  });
}
