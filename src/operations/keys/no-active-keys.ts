/** Tells of services that have no key to hand out: when a change leaves one so, and when a delivery is refused for it. */
import { showTime } from '../../contract/common.ts';
import type { ClockReading } from '../../domain/clock.ts';
import { newEvent } from '../../events/catalogue.ts';
import type { ServiceRow, Transaction } from '../../storage/rows.ts';
import { addEvent } from '../../storage/tables/outbox.ts';
import { firstBack, hasUsableKey } from '../../storage/tables/provider-keys.ts';
import { findServiceById } from '../../storage/tables/services.ts';
import { tellOnce, toldUntil } from '../../storage/tables/told.ts';
import type { Vault } from '../vault/vault.ts';
import { whoseKeys } from './whose-keys.ts';

/** A service is told of once in so long. */
const EVERY_MS = 3_600_000;

/** To be called in the unit of a change that may have left the service without a usable key. */
export async function tellIfNoneServes(
  unit: Transaction,
  service: ServiceRow,
  time: ClockReading,
): Promise<void> {
  if (service.enabled === 0 || (await hasUsableKey(unit, service.id, time.now))) return;
  await tell(unit, service, time);
}

/** For such a refusal of a delivery, `reason` is what it said. A key that could not be decrypted may have been the last one. */
export async function tellRefused(
  vault: Vault,
  tenantId: number,
  serviceId: number,
  reason: string,
): Promise<void> {
  const { engine } = vault;
  // Refusals may be many, and each unit is felt by deliveries.
  if ((await toldUntil(engine.read, tenantId, nameOf(serviceId), engine.time().settled)) !== null) return;
  await engine.write({ tenantId }, async (unit) => {
    const service = await findServiceById(unit, serviceId);
    if (service === undefined) return;
    if (reason === 'no active keys') await tell(unit, service, engine.time());
    else await tellIfNoneServes(unit, service, engine.time());
  });
}

async function tell(unit: Transaction, service: ServiceRow, time: ClockReading): Promise<void> {
  const { tenant_id, id } = service;
  if (!(await tellOnce(unit, tenant_id, nameOf(id), time.settled, time.settled + EVERY_MS))) return;
  const { tenantId, ...names } = await whoseKeys(unit, service);
  const back_at = showTime(await firstBack(unit, id, time.now));
  await addEvent(unit, newEvent('service.no_active_keys', tenantId, time.now, { ...names, back_at }));
}

function nameOf(serviceId: number): string {
  return `no_active_keys/${serviceId}`;
}
