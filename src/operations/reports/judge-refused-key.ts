import type { ClockReading } from '../../domain/clock.ts';
import { isRefused, type KeyHealth } from '../../domain/key-health.ts';
import { newEvent } from '../../events/catalogue.ts';
import type { ProviderKeyRow, Transaction } from '../../storage/rows.ts';
import { addAuditEntry } from '../../storage/tables/audit-entries.ts';
import { addEvent } from '../../storage/tables/outbox.ts';
import { hasOtherInService, updateKey } from '../../storage/tables/provider-keys.ts';
import { findServiceById, updateService } from '../../storage/tables/services.ts';
import { findTenantById } from '../../storage/tables/tenants.ts';
import { tellOnce } from '../../storage/tables/told.ts';
import { settleCurrent } from '../keys/current-key.ts';
import { tellIfNoneServes } from '../keys/no-active-keys.ts';
import { showKeySettings } from '../keys/show-key.ts';
import { tellLastKey } from '../keys/tell-last-key.ts';
import type { Report, WeighedKey } from './report.ts';
import { originOf, reportReason } from './report-origin.ts';
import { hasSoleCaller } from './sole-caller.ts';

const TELL_AGAIN_MS = 3_600_000;

/**
 * Quarantines a key that providers refuse by what its `health` says, and where it was current, the next becomes current.
 * The last key of a service stays, whatever is said of it, and so does one that too few have reported: then an event tells,
 * once an hour.
 */
export async function judgeRefusedKey(
  unit: Transaction,
  key: WeighedKey,
  health: KeyHealth,
  report: Report,
  time: ClockReading,
): Promise<void> {
  const { row } = key;
  const tenant = await findTenantById(unit, row.tenant_id);
  const service = await findServiceById(unit, row.service_id);
  if (tenant === undefined || service === undefined) return;
  if (!isRefused(health, await hasSoleCaller(unit, service, time.now)))
    return tellRefused(unit, tenant.slug, service.slug, row, report, time);
  const told = {
    tenant: tenant.slug,
    service: service.slug,
    key_id: row.id,
    cause: 'reported unauthorized',
  } as const;
  if (!(await hasOtherInService(unit, row, time.now))) {
    const name = `service.last_key/${service.id}/reported unauthorized`;
    if (await tellOnce(unit, tenant.id, name, time.settled, time.settled + TELL_AGAIN_MS))
      await addEvent(unit, newEvent('service.last_key', tenant.id, time.now, told));
    return;
  }
  const reason = `${reportReason(report)}, the last of ${health.refused_by.length} in a row`;
  const changes = {
    state: 'quarantined' as const,
    disabled_reason: reason,
    auto_enable_at: null,
    cooling_until: null,
    updated_at: time.settled,
  };
  const origin = await originOf(unit, report);
  await updateKey(unit, row.id, changes);
  await updateService(unit, service.id, {});
  key.row = { ...row, ...changes };
  await addAuditEntry(unit, {
    at: time.now,
    tenant_id: tenant.id,
    type: 'key.quarantined',
    origin,
    target: `service:${service.slug}/key:${row.id}`,
    reason,
    before: showKeySettings(row, service.current_key_id),
    after: showKeySettings(key.row, null),
  });
  await addEvent(unit, newEvent('key.quarantined', tenant.id, time.now, told));
  await tellLastKey(unit, service, row, time);
  if (row.id === service.current_key_id) await settleCurrent(unit, service, time, origin);
  await tellIfNoneServes(unit, service, time);
}

/** The key goes on being handed out, for too few have reported it: a person has to look. At most once an hour for each key. */
async function tellRefused(
  unit: Transaction,
  tenant: string,
  service: string,
  row: ProviderKeyRow,
  { caller }: Report,
  { now, settled }: ClockReading,
): Promise<void> {
  if (!(await tellOnce(unit, row.tenant_id, `key.refused/${row.id}`, settled, settled + TELL_AGAIN_MS)))
    return;
  const { app_id } = caller;
  await addEvent(
    unit,
    newEvent('key.refused', row.tenant_id, now, { tenant, service, key_id: row.id, app_id }),
  );
}
