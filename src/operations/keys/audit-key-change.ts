import type { NewAuditEntry, Origin } from '../../audit/entry.ts';
import { showTime } from '../../contract/common.ts';
import type { KeyChange } from '../../domain/policy.ts';
import type { PolicyKey } from '../../domain/policy-key.ts';

/** A change of key by policy or by hand, as the audit trail has it. `before`: the key as it was; `reason`: the one that was given. */
export function auditKeyChange(
  change: KeyChange,
  before: PolicyKey | undefined,
  service: { readonly tenant_id: number; readonly slug: string },
  at: number,
  origin: Origin,
  reason?: string,
): NewAuditEntry {
  const activatedBefore = before?.activated_at ?? null;
  return {
    at,
    tenant_id: service.tenant_id,
    type: change.state === 'expired' ? 'key.expired' : 'key.rotated',
    origin,
    target: `service:${service.slug}/key:${change.key_id}`,
    reason: reason ?? change.why,
    before: before === undefined ? null : { state: before.state, activated_at: showTime(activatedBefore) },
    after: {
      state: change.state,
      activated_at: showTime(change.activated_at ?? activatedBefore),
      ...(change.retires_at === undefined ? {} : { retires_at: showTime(change.retires_at) }),
    },
  };
}
