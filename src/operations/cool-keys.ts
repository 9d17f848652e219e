import type { Origin } from '../audit/entry.ts';
import { showTime } from '../contract/common.ts';
import type { ClockReading } from '../domain/clock.ts';
import { coolAlong, type KeyHealth, WELL } from '../domain/key-health.ts';
import { coolsUntil } from '../domain/policy-key.ts';
import { type EventData, newEvent } from '../events/catalogue.ts';
import type { ServiceRow, TenantRow, Transaction } from '../storage/rows.ts';
import { addAuditEntry } from '../storage/tables/audit-entries.ts';
import { findHealth, saveHealth } from '../storage/tables/key-health.ts';
import { addEvent } from '../storage/tables/outbox.ts';
import { listBucket, updateKey } from '../storage/tables/provider-keys.ts';
import { findServiceById, updateService } from '../storage/tables/services.ts';
import { findTenantById } from '../storage/tables/tenants.ts';
import { tellIfNoneServes } from './no-active-keys.ts';
import type { Report, WeighedKey } from './report.ts';
import { originOf, reportReason } from './report-origin.ts';

/** So many keys of a bucket cool by one report, and a larger one by several: deliveries wait for no more than that. */
const MOST_TOGETHER = 100;

/**
 * Lets a key cool as `health` says, and those in service with it that share its bucket. Each has an audit entry, and an event where it
 * did not cool before. `keys` are those whose health is known already.
 */
export async function coolKeys(
  unit: Transaction,
  key: WeighedKey,
  health: KeyHealth,
  keys: ReadonlyMap<number, WeighedKey>,
  report: Report,
  time: ClockReading,
): Promise<void> {
  const { now } = time;
  const tenant = await findTenantById(unit, key.row.tenant_id);
  const service = await findServiceById(unit, key.row.service_id);
  if (tenant === undefined || service === undefined) return;
  const about = { tenant, service, report, origin: await originOf(unit, report), now };
  await cool(unit, { ...about, cause: 'reported rate_limited' }, key, health);
  const others = await listBucket(unit, key.row, now, health.cooled_until ?? now, MOST_TOGETHER);
  const known = await findHealth(
    unit,
    others.map(({ id }) => id),
  );
  for (const row of others) {
    const other = keys.get(row.id) ?? { row, health: known.get(row.id) ?? WELL };
    const after = coolAlong(other.health, health, now);
    if (after !== null) await cool(unit, { ...about, cause: 'same bucket' }, other, after);
  }
  await updateService(unit, service.id, {});
  await tellIfNoneServes(unit, service, time);
}

interface Cooling {
  readonly tenant: TenantRow;
  readonly service: ServiceRow;
  readonly report: Report;
  readonly origin: Origin;
  readonly cause: EventData['key.cooling']['cause'];
  readonly now: number;
}

async function cool(
  unit: Transaction,
  { tenant, service, report, origin, cause, now }: Cooling,
  key: WeighedKey,
  health: KeyHealth,
): Promise<void> {
  const { row } = key;
  const reason = reportReason(report);
  const before = coolsUntil(row, now);
  const until = health.cooled_until ?? now;
  const changes = { cooling_until: until, updated_at: now };
  await updateKey(unit, row.id, changes);
  await saveHealth(unit, row.id, health);
  key.row = { ...row, ...changes };
  key.health = health;
  await addAuditEntry(unit, {
    at: now,
    tenant_id: tenant.id,
    type: 'key.cooling',
    origin,
    target: `service:${service.slug}/key:${row.id}`,
    reason: cause === 'same bucket' ? `a key of the same bucket was ${reason}` : reason,
    before: { state: row.state, cooling_until: showTime(before) },
    after: { state: row.state, cooling_until: showTime(until), coolings: health.coolings },
  });
  if (before !== null) return;
  await addEvent(
    unit,
    newEvent('key.cooling', tenant.id, now, {
      tenant: tenant.slug,
      service: service.slug,
      key_id: row.id,
      cooling_until: showTime(until),
      cause,
      app_id: report.caller.app_id,
    }),
  );
}
