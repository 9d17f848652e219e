/** Notices when everybody who held a key that is handed out no more has been given another one of its service. */
import { SYSTEM_ORIGIN } from '../../audit/entry.ts';
import { showTime } from '../../contract/common.ts';
import type { ClockReading } from '../../domain/clock.ts';
import { newEvent } from '../../events/catalogue.ts';
import type { ProviderKeyRow, Reader } from '../../storage/rows.ts';
import { addAuditEntry } from '../../storage/tables/audit-entries.ts';
import { listUndrainedKeys } from '../../storage/tables/due-keys.ts';
import {
  type DeliveredKey,
  type HolderPlace,
  listHoldersSince,
  listLastDelivered,
  othersSince,
} from '../../storage/tables/key-holders.ts';
import { addEvent } from '../../storage/tables/outbox.ts';
import { findKey, updateKey } from '../../storage/tables/provider-keys.ts';
import { findServiceById, updateService } from '../../storage/tables/services.ts';
import type { Vault } from '../vault/vault.ts';
import { showKeySettings } from './show-key.ts';
import { whoseKeys } from './whose-keys.ts';

/** So many are looked at in a run, and of more the next ones in the next: some are waited for in vain. */
const KEYS = 200;
/** Mostly it is known from the first who was given nothing that nothing has changed. */
const FIRST_HOLDERS = 8;
const HOLDERS = 200;
/** After that nobody who has not asked again is waited for: a burned key would be watched for ever. No grace is longer. */
const WATCHED_MS = 30 * 86_400_000;

export class DrainWatch {
  /**
   * Key → its last holder up to which all have been given another one: they are not asked about again. The name holds when
   * the key was withdrawn, for one that came back has new holders.
   */
  #places = new Map<string, HolderPlace>();
  /** The same of the round under way, and the key that it has come to. */
  #found = new Map<string, HolderPlace>();
  #after = 0;

  /**
   * Looks at the next of the keys that are withdrawn, and marks those that nobody holds any more, each once, with its event.
   * Returns how many there were.
   */
  async run(vault: Vault, time: ClockReading): Promise<number> {
    const { read } = vault.engine;
    const delivered = new Map<number, DeliveredKey[]>();
    let drained = 0;
    const page = await listUndrainedKeys(read, time.settled - WATCHED_MS, this.#after, KEYS);
    for (const key of page) {
      this.#after = key.id;
      const name = `${key.id}/${key.withdrawn_at}`;
      const ofService = delivered.get(key.service_id) ?? (await listLastDelivered(read, key.service_id));
      delivered.set(key.service_id, ofService);
      const place = await skipSupplied(read, key, ofService, this.#places.get(name) ?? null);
      if (place === 'end') drained += (await markDrained(vault, key, time)) ? 1 : 0;
      else if (place !== null) this.#found.set(name, place);
    }
    if (page.length < KEYS) this.#beginAgain();
    return drained;
  }

  #beginAgain(): void {
    this.#places = this.#found;
    this.#found = new Map();
    this.#after = 0;
  }
}

/** The last holder behind `place` before the first that has no other key; null where that is the very first. */
async function skipSupplied(
  read: Reader,
  key: ProviderKeyRow,
  delivered: readonly DeliveredKey[],
  place: HolderPlace | null,
): Promise<HolderPlace | null | 'end'> {
  const since = key.withdrawn_at ?? 0;
  const others = othersSince(delivered, key.id, since);
  for (let size = FIRST_HOLDERS; ; size = HOLDERS) {
    const holders = await listHoldersSince(read, key.id, size, place, others, since);
    for (const { app_id, ip, newer_at } of holders) {
      if (newer_at === null) return place;
      place = { app_id, ip };
    }
    if (holders.length < size) return 'end';
  }
}

async function markDrained(vault: Vault, seen: ProviderKeyRow, time: ClockReading): Promise<boolean> {
  return vault.engine.write({ tenantId: seen.tenant_id }, async (unit) => {
    const service = await findServiceById(unit, seen.service_id);
    const key = await findKey(unit, seen.service_id, seen.id);
    if (service === undefined || key === undefined) return false;
    // It came back meanwhile, or has retired.
    if (key.withdrawn_at !== seen.withdrawn_at || key.state !== seen.state || key.drained_at !== null)
      return false;
    const changes = { drained_at: time.now, updated_at: time.now };
    await updateKey(unit, key.id, changes);
    await updateService(unit, service.id, {});
    await addAuditEntry(unit, {
      at: time.now,
      tenant_id: service.tenant_id,
      type: 'key.drained',
      origin: SYSTEM_ORIGIN,
      target: `service:${service.slug}/key:${key.id}`,
      reason: 'everybody who held it has been given another key',
      before: showKeySettings(key, service.current_key_id),
      after: showKeySettings({ ...key, ...changes }, service.current_key_id),
    });
    const { tenantId, ...names } = await whoseKeys(unit, service);
    const { id: key_id, state } = key;
    const data = { ...names, key_id, state, retires_at: showTime(key.retires_at) };
    await addEvent(unit, newEvent('key.drained', tenantId, time.now, data));
    return true;
  });
}
