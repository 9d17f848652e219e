import type { ClockReading } from '../../domain/clock.ts';
import { judgeNetworks } from '../../domain/suspicion.ts';
import { ofNewAddress } from '../../events/suspicions.ts';
import * as table from '../../storage/tables/app-activity.ts';
import { addEventOnce } from '../../storage/tables/outbox.ts';
import { findTold } from '../../storage/tables/told.ts';
import type { Vault } from '../vault/vault.ts';

/** An app that was used from networks, those that are `added` among them for the first time. */
export interface SuspiciousUse {
  readonly app: table.WatchedApp;
  readonly networks: readonly string[];
  readonly added: readonly string[];
}

/**
 * Tells of networks that apps were never used from, and remembers them. Where an app was told of already within the hour they
 * are not remembered: app → those that are to be told of when it is over.
 */
export async function tellOfNetworks(
  vault: Vault,
  uses: readonly SuspiciousUse[],
  time: ClockReading,
): Promise<Map<number, readonly string[]>> {
  const named = uses.map((use) => ({ use, name: ofNewAddress(use.app, '', 1, time).name }));
  const told = await findTold(
    vault.engine.read,
    [...new Set(uses.map(({ app }) => app.tenant_id))],
    named.map(({ name }) => name),
    time.settled,
  );
  const later = new Map<number, readonly string[]>();
  for (const { use, name } of named) {
    if (told.has(name) && use.networks.length === use.added.length) later.set(use.app.id, use.added);
    else later.set(use.app.id, await tellOrKeep(vault, use, time));
  }
  return later;
}

/** In one unit, so that another replica does not tell of them, too. Returns those that are kept for later. */
async function tellOrKeep(
  vault: Vault,
  { app: { id, tenant_id }, networks }: SuspiciousUse,
  time: ClockReading,
): Promise<readonly string[]> {
  return vault.engine.write({ tenantId: tenant_id }, async (unit) => {
    const [app] = await table.findWatchedApps(unit, [id]);
    if (app === undefined) return [];
    const known = (await table.findNetworks(unit, [id])).get(id) ?? [];
    const changes = judgeNetworks(known, networks, time.settled);
    const [network] = changes.added;
    const isTold =
      network === undefined ||
      !changes.suspicious ||
      !app.suspicion.new_address ||
      (await addEventOnce(unit, ofNewAddress(app, network, changes.added.length, time)));
    const remembered = isTold ? changes : { ...changes, added: [], forgotten: [] };
    await table.changeNetworks(unit, id, remembered, time.settled);
    return isTold ? [] : changes.added;
  });
}
