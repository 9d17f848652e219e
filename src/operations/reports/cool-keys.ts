import type { NewAuditEntry, Origin } from '../../audit/entry.ts';
import { showTime } from '../../contract/common.ts';
import type { ClockReading } from '../../domain/clock.ts';
import { coolAlong, type KeyHealth, WELL } from '../../domain/key-health.ts';
import { coolsUntil } from '../../domain/policy-key.ts';
import { type EventData, newEvent } from '../../events/catalogue.ts';
import type { ServiceRow, TenantRow, Transaction } from '../../storage/rows.ts';
import { addAuditEntries } from '../../storage/tables/audit-entries.ts';
import { findHealth, saveHealths } from '../../storage/tables/key-health.ts';
import { addEvents } from '../../storage/tables/outbox.ts';
import { coolUntil, listBucket } from '../../storage/tables/provider-keys.ts';
import { findServiceById, updateService } from '../../storage/tables/services.ts';
import { findTenantById } from '../../storage/tables/tenants.ts';
import { tellIfNoneServes } from '../keys/no-active-keys.ts';
import type { Report, WeighedKey } from './report.ts';
import { originOf, reportReason } from './report-origin.ts';

/** So many keys of a bucket cool by one report, and a larger one by several: deliveries wait for no more than that. */
const MOST_TOGETHER = 100;

/**
 * Lets a key cool as `health` says, and those in service with it that share its bucket. Each has an audit entry, and an event where it
 * did not cool before. `keys` are those whose health is known already. Returns how many there were.
 */
export async function coolKeys(
  unit: Transaction,
  key: WeighedKey,
  health: KeyHealth,
  keys: ReadonlyMap<number, WeighedKey>,
  report: Report,
  time: ClockReading,
): Promise<number> {
  const { now } = time;
  const tenant = await findTenantById(unit, key.row.tenant_id);
  const service = await findServiceById(unit, key.row.service_id);
  if (tenant === undefined || service === undefined) return 0;
  const others = await listBucket(unit, key.row, now, health.cooled_until ?? now, MOST_TOGETHER);
  const known = await findHealth(
    unit,
    others.map(({ id }) => id),
  );
  const coolings: Cooling[] = [{ key, health, cause: 'reported rate_limited' }];
  for (const row of others) {
    const other = keys.get(row.id) ?? { row, health: known.get(row.id) ?? WELL };
    const after = coolAlong(other.health, health, now);
    if (after !== null) coolings.push({ key: other, health: after, cause: 'same bucket' });
  }
  const origin = await originOf(unit, report);
  await addAuditEntries(
    unit,
    coolings.map((cooling) => auditCooling(cooling, service, report, origin, now)),
  );
  await addEvents(
    unit,
    coolings
      .filter((cooling) => coolsUntil(cooling.key.row, now) === null)
      .map((cooling) => coolingEvent(cooling, tenant, service, report, now)),
  );
  await saveHealths(unit, new Map(coolings.map((cooling) => [cooling.key.row.id, cooling.health])));
  for (const [until, alike] of Map.groupBy(coolings, (cooling) => cooling.health.cooled_until ?? now)) {
    await coolUntil(
      unit,
      alike.map((cooling) => cooling.key.row.id),
      until,
      now,
    );
  }
  for (const cooling of coolings) {
    const { row } = cooling.key;
    cooling.key.row = { ...row, cooling_until: cooling.health.cooled_until ?? now, updated_at: now };
    cooling.key.health = cooling.health;
  }
  await updateService(unit, service.id, {});
  await tellIfNoneServes(unit, service, time);
  return coolings.length;
}

/** What becomes of a key, which is as it was. */
interface Cooling {
  readonly key: WeighedKey;
  readonly health: KeyHealth;
  readonly cause: EventData['key.cooling']['cause'];
}

function auditCooling(
  { key: { row }, health, cause }: Cooling,
  { slug }: ServiceRow,
  report: Report,
  origin: Origin,
  now: number,
): NewAuditEntry {
  const reason = reportReason(report);
  const { cooled_until, coolings } = health;
  return {
    at: now,
    tenant_id: row.tenant_id,
    type: 'key.cooling',
    origin,
    target: `service:${slug}/key:${row.id}`,
    reason: cause === 'same bucket' ? `a key of the same bucket was ${reason}` : reason,
    before: { state: row.state, cooling_until: showTime(coolsUntil(row, now)) },
    after: { state: row.state, cooling_until: showTime(cooled_until ?? now), coolings },
  };
}

function coolingEvent(
  { key: { row }, health, cause }: Cooling,
  tenant: TenantRow,
  service: ServiceRow,
  { caller }: Report,
  now: number,
) {
  return newEvent('key.cooling', tenant.id, now, {
    tenant: tenant.slug,
    service: service.slug,
    key_id: row.id,
    cooling_until: showTime(health.cooled_until ?? now),
    cause,
    app_id: caller.app_id,
  });
}
