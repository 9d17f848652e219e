/**
 * Warns of keys and apps that end: a week and a day before it, each once. Whoever begins with less time left is warned of by
 * the warning that fits, and one whose end was changed anew.
 */
import { showTime } from '../../contract/common.ts';
import type { ClockReading } from '../../domain/clock.ts';
import { serves } from '../../domain/policy-key.ts';
import { WARNED_DAYS, type WarnedDays, warnedUntil, warningDue } from '../../domain/warnings.ts';
import { newEvent } from '../../events/catalogue.ts';
import type { Transaction } from '../../storage/rows.ts';
import { findApp, listAppsToWarn, updateApp } from '../../storage/tables/apps.ts';
import { findKeys, listKeysToWarn } from '../../storage/tables/due-keys.ts';
import { addEvent } from '../../storage/tables/outbox.ts';
import { updateKey } from '../../storage/tables/provider-keys.ts';
import { findServiceById } from '../../storage/tables/services.ts';
import { slugOfTenant } from '../../storage/tables/tenants.ts';
import type { Vault } from '../vault/vault.ts';
import { forEachDue } from './due-keys.ts';

const PAGE = 100;
/** A day before an end, whether or not it was told of a week before; and a week before, where it was not told of at all. */
const DUE = WARNED_DAYS.flatMap((days) =>
  ([0, ...WARNED_DAYS] as const).filter((told) => told === 0 || told > days).map((told) => ({ told, days })),
);

/** By `time.settled`. Returns of how many keys and apps it has told. */
export async function tellExpiring(vault: Vault, time: ClockReading): Promise<number> {
  const { read } = vault.engine;
  const { settled } = time;
  let sum = 0;
  for (const { told, days } of DUE) {
    const due = { told, settled, until: warnedUntil(days, settled) };
    sum += await forEachDue(
      vault,
      (limit) => listKeysToWarn(read, due, limit),
      (unit, serviceId, keyIds) => tellOfKeys(unit, serviceId, keyIds, time),
    );
    sum += await tellOfApps(vault, due, time);
  }
  return sum;
}

async function tellOfKeys(
  unit: Transaction,
  serviceId: number,
  keyIds: readonly number[],
  time: ClockReading,
): Promise<number> {
  const service = await findServiceById(unit, serviceId);
  if (service === undefined) return 0;
  const tenant = await slugOfTenant(unit, service.tenant_id);
  if (tenant === null) return 0;
  let told = 0;
  for (const key of await findKeys(unit, keyIds)) {
    const warning = serves(key) ? warningOf(key, time) : null;
    if (warning === null) continue;
    await updateKey(unit, key.id, { expiry_told: warning.within_days });
    const data = { tenant, service: service.slug, key_id: key.id, ...warning };
    await addEvent(unit, newEvent('key.expiring', service.tenant_id, time.now, data));
    told++;
  }
  return told;
}

async function tellOfApps(
  vault: Vault,
  due: Parameters<typeof listAppsToWarn>[1],
  time: ClockReading,
): Promise<number> {
  let sum = 0;
  for (;;) {
    const page = await listAppsToWarn(vault.engine.read, due, PAGE);
    let told = 0;
    for (const [tenantId, apps] of Map.groupBy(page, ({ tenant_id }) => tenant_id)) {
      told += await vault.engine.write({ tenantId }, async (unit) => {
        let own = 0;
        for (const { id } of apps) own += await tellOfApp(unit, tenantId, id, time);
        return own;
      });
    }
    sum += told;
    if (page.length < PAGE || told === 0) return sum;
  }
}

async function tellOfApp(
  unit: Transaction,
  tenantId: number,
  id: number,
  time: ClockReading,
): Promise<number> {
  const app = await findApp(unit, tenantId, id);
  const warning = app === undefined || app.enabled === 0 ? null : warningOf(app, time);
  const tenant = await slugOfTenant(unit, tenantId);
  if (warning === null || tenant === null) return 0;
  await updateApp(unit, id, { expiry_told: warning.within_days });
  const data = { tenant, app_id: id, ...warning };
  await addEvent(unit, newEvent('app.token_expiring', tenantId, time.now, data));
  return 1;
}

/** The warning that is due and was not told; null where there is none. */
function warningOf(
  row: { readonly expires_at: number | null; readonly expiry_told: 0 | WarnedDays },
  { settled }: ClockReading,
): { within_days: WarnedDays; expires_at: string } | null {
  if (row.expires_at === null) return null;
  const days = warningDue(row.expires_at, settled);
  if (days === null || (row.expiry_told !== 0 && row.expiry_told <= days)) return null;
  return { within_days: days, expires_at: showTime(row.expires_at) };
}
