import type { ClockReading } from '../../domain/clock.ts';
import { type PolicyKey, serves } from '../../domain/policy-key.ts';
import { lastKeyEvent } from '../../events/once.ts';
import type { ServiceRow, Transaction } from '../../storage/rows.ts';
import { addEventOnce } from '../../storage/tables/outbox.ts';
import { listInService } from '../../storage/tables/provider-keys.ts';
import { slugOfTenant } from '../../storage/tables/tenants.ts';

/**
 * Tells of a service that a change has left with a single key in service, where it had more: at most once a day. For the
 * unit of the change, after it; `before` is the key as it was that may have left.
 */
export async function tellLastKey(
  unit: Transaction,
  service: ServiceRow,
  before: Pick<PolicyKey, 'state'>,
  time: ClockReading,
): Promise<void> {
  if (!serves(before)) return;
  const [left, another] = await listInService(unit, service.id, time.now, 2);
  if (left === undefined || another !== undefined) return;
  const tenant = await slugOfTenant(unit, service.tenant_id);
  if (tenant === null) return;
  const data = { tenant, service: service.slug, key_id: left.id, cause: 'left alone' } as const;
  await addEventOnce(unit, lastKeyEvent(service, data, time));
}
