import type { Origin } from '../../audit/entry.ts';
import type { DisableKey, KeyView } from '../../contract/keys.ts';
import { serves } from '../../domain/policy-key.ts';
import { conflict } from '../../domain/problem.ts';
import type { ProviderKeyRow } from '../../storage/rows.ts';
import { addAuditEntry } from '../../storage/tables/audit-entries.ts';
import { updateKey } from '../../storage/tables/provider-keys.ts';
import { updateService } from '../../storage/tables/services.ts';
import { type KeyPath, requireKey, requireService, requireServiceOf } from '../services/find-service.ts';
import type { Vault } from '../vault/vault.ts';
import { settleCurrent } from './current-key.ts';
import { tellIfNoneServes } from './no-active-keys.ts';
import { showKey, showKeySettings } from './show-key.ts';
import { tellLastKey } from './tell-last-key.ts';

/**
 * Takes a key out of service, from the next delivery on, until it is enabled or the time given has passed. Where it was
 * the current one, the next becomes current. Disabling once more replaces the reason and the time.
 */
export async function disableKey(
  vault: Vault,
  origin: Origin,
  path: KeyPath,
  input: DisableKey,
): Promise<KeyView> {
  const { tenant_id } = await requireService(vault.engine.read, path);
  return vault.engine.write({ tenantId: tenant_id }, async (unit) => {
    const time = vault.engine.time();
    const service = await requireServiceOf(unit, tenant_id, path.service);
    const before = await requireKey(unit, service, path.key);
    if (before.state === 'burned') throw conflict('The key is burned, which is more than disabled.');
    const after = input.auto_enable_after_seconds;
    const changes = {
      state: 'disabled' as const,
      disabled_reason: input.reason,
      auto_enable_at: after === undefined ? null : time.now + after * 1000,
      retires_at: null,
      cooling_until: null,
      // As in burn-key.ts: it may be burned next.
      updated_at: time.settled,
    };
    const disabled: ProviderKeyRow = { ...before, ...changes };
    await updateKey(unit, before.id, changes);
    await updateService(unit, service.id, {});
    await addAuditEntry(unit, {
      at: time.now,
      tenant_id,
      type: 'key.disabled',
      origin,
      target: `service:${service.slug}/key:${before.id}`,
      reason: input.reason,
      before: showKeySettings(before, service.current_key_id),
      after: showKeySettings(disabled, null),
    });
    await tellLastKey(unit, service, before, time);
    const wasCurrent = before.id === service.current_key_id;
    const current_key_id = wasCurrent
      ? await settleCurrent(unit, service, time, origin)
      : service.current_key_id;
    if (serves(before)) await tellIfNoneServes(unit, service, time);
    return showKey(vault, unit, { ...service, current_key_id }, disabled);
  });
}
