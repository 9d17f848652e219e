import type { Origin } from '../../audit/entry.ts';
import type { BurnedKeyView, BurnKey } from '../../contract/keys.ts';
import { serves } from '../../domain/policy-key.ts';
import { newEvent } from '../../events/catalogue.ts';
import type { ProviderKeyRow, ServiceRow, Transaction } from '../../storage/rows.ts';
import { addAuditEntry } from '../../storage/tables/audit-entries.ts';
import { listHolders } from '../../storage/tables/key-holders.ts';
import { addEvent } from '../../storage/tables/outbox.ts';
import { updateKey } from '../../storage/tables/provider-keys.ts';
import { updateService } from '../../storage/tables/services.ts';
import { type KeyPath, requireKey, requireService, requireServiceOf } from '../services/find-service.ts';
import type { Vault } from '../vault/vault.ts';
import { settleCurrent } from './current-key.ts';
import { showHolder } from './list-holders.ts';
import { tellIfNoneServes } from './no-active-keys.ts';
import { showKey, showKeySettings } from './show-key.ts';
import { tellLastKey } from './tell-last-key.ts';
import { whoseKeys } from './whose-keys.ts';

/** So many holders the answer has at most; all of them are in the list of holders. */
const MOST_HOLDERS = 10_000;

/**
 * Takes a key out of service for good, whatever state it is in. Every delivery that was decided before is on record when
 * this resolves, and none is decided after it, on any replica: so the holders are all that ever will be. Where the key was the
 * current one, the next becomes current. Burning once more changes nothing, and lists them again.
 */
export async function burnKey(
  vault: Vault,
  origin: Origin,
  path: KeyPath,
  { reason }: BurnKey,
): Promise<BurnedKeyView> {
  const { tenant_id } = await requireService(vault.engine.read, path);
  return vault.engine.write({ tenantId: tenant_id }, async (unit) => {
    const service = await requireServiceOf(unit, tenant_id, path.service);
    const before = await requireKey(unit, service, path.key);
    if (before.state !== 'burned') await burn(vault, unit, origin, service, before, reason);
    const holders = await listHolders(unit, before.id, MOST_HOLDERS + 1, null);
    const after = await requireServiceOf(unit, tenant_id, path.service);
    return {
      ...(await showKey(vault, unit, after, await requireKey(unit, after, before.id))),
      holders: holders.slice(0, MOST_HOLDERS).map(showHolder),
      more_holders: holders.length > MOST_HOLDERS,
    };
  });
}

async function burn(
  vault: Vault,
  unit: Transaction,
  origin: Origin,
  service: ServiceRow,
  before: ProviderKeyRow,
  reason: string,
): Promise<void> {
  const time = vault.engine.time();
  const changes = {
    state: 'burned' as const,
    disabled_reason: reason,
    auto_enable_at: null,
    retires_at: null,
    cooling_until: null,
    drained_at: null,
    // When it was withdrawn is taken from this: by a clock that had leapt ahead, nobody would be given another key since.
    updated_at: time.settled,
  };
  await updateKey(unit, before.id, changes);
  await updateService(unit, service.id, {});
  await addAuditEntry(unit, {
    at: time.now,
    tenant_id: service.tenant_id,
    type: 'key.burned',
    origin,
    target: `service:${service.slug}/key:${before.id}`,
    reason,
    before: showKeySettings(before, service.current_key_id),
    after: showKeySettings({ ...before, ...changes }, null),
  });
  const { tenantId, ...names } = await whoseKeys(unit, service);
  const data = { ...names, key_id: before.id, reason };
  await addEvent(unit, newEvent('key.burned', tenantId, time.now, data));
  if (before.id === service.current_key_id) await settleCurrent(unit, service, time, origin);
  await tellLastKey(unit, service, before, time);
  if (serves(before)) await tellIfNoneServes(unit, service, time);
}
