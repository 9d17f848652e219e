/** Ends what has ended by the settled time, whether or not anybody asks for a key. */
import { SYSTEM_ORIGIN } from '../../audit/entry.ts';
import type { ClockReading } from '../../domain/clock.ts';
import { howCurrentEnded } from '../../domain/policy.ts';
import { newEvent } from '../../events/catalogue.ts';
import type { ProviderKeyRow, ServiceRow, Transaction } from '../../storage/rows.ts';
import { addAuditEntry } from '../../storage/tables/audit-entries.ts';
import { findKeys, listExpiredKeys } from '../../storage/tables/due-keys.ts';
import { addEvent } from '../../storage/tables/outbox.ts';
import { updateKey } from '../../storage/tables/provider-keys.ts';
import { findServiceById, listServicesWithTurnDue, updateService } from '../../storage/tables/services.ts';
import type { Vault } from '../vault/vault.ts';
import { loadTurn, noteTurnEnd, settleCurrent } from './current-key.ts';
import { forEachDue } from './due-keys.ts';
import { tellIfNoneServes } from './no-active-keys.ts';
import { showKeySettings } from './show-key.ts';
import { tellLastKey } from './tell-last-key.ts';
import { whoseKeys } from './whose-keys.ts';

const PAGE = 100;

/**
 * Keys whose `expires_at` the settled time has reached expire, and so do, or go to the end of their circle, the current
 * keys of `time` services whose turn is over; where one was current, the next becomes current, activated now. The same as
 * a delivery would have done, each once. Returns how many keys ended.
 */
export async function expireKeys(vault: Vault, time: ClockReading): Promise<number> {
  const due = (limit: number) => listExpiredKeys(vault.engine.read, time.settled, limit);
  const expired = await forEachDue(vault, due, (unit, id, keyIds) => expireOwn(unit, id, keyIds, time));
  return expired + (await endTurns(vault, time));
}

async function expireOwn(
  unit: Transaction,
  serviceId: number,
  keyIds: readonly number[],
  time: ClockReading,
): Promise<number> {
  const service = await findServiceById(unit, serviceId);
  if (service === undefined) return 0;
  let expired = 0;
  for (const key of await findKeys(unit, keyIds)) {
    if (!isDue(key, time)) continue;
    expired++;
    if (key.id === service.current_key_id) await settleCurrent(unit, service, time, SYSTEM_ORIGIN);
    else await expireKey(unit, service, key, time);
  }
  if (expired > 0) await tellIfNoneServes(unit, service, time);
  return expired;
}

function isDue(key: ProviderKeyRow, time: ClockReading): boolean {
  const serves = key.state === 'active' || key.state === 'standby';
  return serves && key.expires_at !== null && key.expires_at <= time.settled;
}

/** Expires a key that is not the current one, for its own `expires_at`. */
export async function expireKey(
  unit: Transaction,
  service: ServiceRow,
  key: ProviderKeyRow,
  time: ClockReading,
): Promise<void> {
  const changes = {
    state: 'expired' as const,
    disabled_reason: null,
    auto_enable_at: null,
    updated_at: time.now,
  };
  await updateKey(unit, key.id, changes);
  await updateService(unit, service.id, {});
  await addAuditEntry(unit, {
    at: time.now,
    tenant_id: service.tenant_id,
    type: 'key.expired',
    origin: SYSTEM_ORIGIN,
    target: `service:${service.slug}/key:${key.id}`,
    reason: 'expired',
    before: showKeySettings(key, service.current_key_id),
    after: showKeySettings({ ...key, ...changes }, service.current_key_id),
  });
  const { tenantId, ...names } = await whoseKeys(unit, service);
  await addEvent(
    unit,
    newEvent('key.expired', tenantId, time.now, { ...names, key_id: key.id, why: 'expired' }),
  );
  await tellLastKey(unit, service, key, time);
}

async function endTurns(vault: Vault, time: ClockReading): Promise<number> {
  let ended = 0;
  for (;;) {
    const page = await listServicesWithTurnDue(vault.engine.read, time.settled, PAGE);
    for (const { id, tenant_id } of page) {
      ended += await vault.engine.write({ tenantId: tenant_id }, (unit) => endTurn(unit, id, time));
    }
    if (page.length < PAGE) return ended;
  }
}

/** Afterwards it is written of the service that its turn ends later, or never: also where it had not ended. */
async function endTurn(unit: Transaction, serviceId: number, time: ClockReading): Promise<number> {
  const service = await findServiceById(unit, serviceId);
  if (service === undefined) return 0;
  const turn = await loadTurn(unit, service, time.now);
  if (turn.current === null || howCurrentEnded(turn.service, turn.current, time) === null) {
    await noteTurnEnd(unit, service);
    return 0;
  }
  await settleCurrent(unit, service, time, SYSTEM_ORIGIN);
  await tellIfNoneServes(unit, service, time);
  return 1;
}
