/** A change of an app: its row, the audit entry and the version are one unit. */
import { isDeepStrictEqual } from 'node:util';
import type { Origin } from '../../audit/entry.ts';
import type { AppView } from '../../contract/apps.ts';
import type { ClockReading } from '../../domain/clock.ts';
import { newEvent } from '../../events/catalogue.ts';
import type { Transaction } from '../../storage/rows.ts';
import * as table from '../../storage/tables/apps.ts';
import { addAuditEntry } from '../../storage/tables/audit-entries.ts';
import { addEvent } from '../../storage/tables/outbox.ts';
import { raiseAppLimit } from '../services/raise-limit-events.ts';
import { requireTenant } from '../tenants/tenants.ts';
import type { Vault } from '../vault/vault.ts';
import { requireApp } from './find-app.ts';
import { showApp } from './show-app.ts';

/** What a change of an app is made of. */
export type Change = (
  unit: Transaction,
  row: table.AppDetails,
  time: ClockReading,
) => Promise<Parameters<typeof table.updateApp>[2]>;

/** What changes nothing leaves no trace. An app that is switched off by it, or has reached its limit by it, is told of. */
export async function changeApp(
  vault: Vault,
  origin: Origin,
  tenantSlug: string,
  id: number | null,
  type: string,
  reason: string | null,
  change: Change,
): Promise<AppView> {
  const time = vault.engine.time();
  const { id: tenantId } = await requireTenant(vault.engine.read, tenantSlug);
  return vault.engine.write({ tenantId }, async (unit) => {
    const row = await requireApp(unit, tenantId, id);
    const before = showApp(row, time);
    const changes = await change(unit, row, time);
    const planned = { ...(await requireApp(unit, tenantId, row.id)), ...changes };
    if (isDeepStrictEqual(showApp(planned, time), before)) return before;
    await table.updateApp(unit, row.id, { ...changes, version: row.version + 1, updated_at: time.now });
    const after = showApp(await requireApp(unit, tenantId, row.id), time);
    const target = `app:${row.id}`;
    await addAuditEntry(unit, {
      at: time.now,
      tenant_id: tenantId,
      type,
      origin,
      target,
      reason,
      before,
      after,
    });
    if (before.enabled && !after.enabled) {
      const event = newEvent('app.disabled', tenantId, time.now, {
        tenant: tenantSlug,
        app_id: row.id,
        reason: after.disabled_reason,
        auto_enable_at: after.auto_enable_at,
      });
      await addEvent(unit, event);
    }
    await raiseAppLimit(unit, { tenant: tenantSlug, tenantId }, before, after, time);
    return after;
  });
}
