/** The events that tell of changes of keys. */
import type { KeyChange } from '../../domain/policy.ts';
import { type NewEvent, newEvent } from '../../events/catalogue.ts';

/** Of which service the keys are; `id` is the tenant's, the others are slugs. */
export interface Whose {
  readonly tenantId: number;
  readonly tenant: string;
  readonly service: string;
}

/**
 * What changes by policy or by hand tell: that keys have expired, and that another one has become current than `fromId`; where
 * that is null, none was, and nobody need change over. `reason`: the one that somebody gave.
 */
export function keyChangeEvents(
  { tenantId, tenant, service }: Whose,
  changes: readonly KeyChange[],
  fromId: number | null,
  at: number,
  reason: string | null = null,
): NewEvent[] {
  const events: NewEvent[] = [];
  for (const { key_id, state, why } of changes) {
    if (state === 'expired')
      events.push(newEvent('key.expired', tenantId, at, { tenant, service, key_id, why }));
  }
  const next = changes.find(({ state, why }) => state === 'active' && why === 'became current');
  if (next !== undefined && fromId !== null && next.key_id !== fromId) {
    const why = changes.find(({ key_id }) => key_id === fromId)?.why ?? 'out of service';
    const data = { tenant, service, from_key_id: fromId, to_key_id: next.key_id, why, reason };
    events.push(newEvent('key.rotated', tenantId, at, data));
  }
  return events;
}
