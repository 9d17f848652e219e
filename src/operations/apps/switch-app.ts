/** Switching an app off, for good or for a time, and on again. */
import type { Origin } from '../../audit/entry.ts';
import type { AppView } from '../../contract/apps.ts';
import type { Vault } from '../vault/vault.ts';
import { changeApp } from './change-app.ts';

/** Switches an app off, for a time where `autoEnableAfterSeconds` says so; one that is off just like that stays as it is. */
export function disableApp(
  vault: Vault,
  origin: Origin,
  tenantSlug: string,
  id: number | null,
  reason: string,
  autoEnableAfterSeconds: number | undefined,
): Promise<AppView> {
  return changeApp(vault, origin, tenantSlug, id, 'app.disabled', reason, async (_unit, _row, { now }) => {
    const until = autoEnableAfterSeconds === undefined ? null : now + autoEnableAfterSeconds * 1000;
    return { enabled: 0, disabled_reason: reason, auto_enable_at: until };
  });
}

/** Switches an app on; one that is on already stays as it is. */
export function enableApp(
  vault: Vault,
  origin: Origin,
  tenantSlug: string,
  id: number | null,
): Promise<AppView> {
  return changeApp(vault, origin, tenantSlug, id, 'app.enabled', null, async () => switched(true));
}

/** What an app's row holds once it was switched on or off by hand. */
export function switched(enabled: boolean) {
  return { enabled: enabled ? 1 : 0, disabled_reason: null, auto_enable_at: null };
}
