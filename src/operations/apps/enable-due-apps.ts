/** Switches on the apps that were switched off until a time that has come. */
import { SYSTEM_ORIGIN } from '../../audit/entry.ts';
import type { ClockReading } from '../../domain/clock.ts';
import { findApp, listAppsToEnable, updateApp } from '../../storage/tables/apps.ts';
import { addAuditEntry } from '../../storage/tables/audit-entries.ts';
import type { Vault } from '../vault/vault.ts';
import { switched } from './switch-app.ts';

const PAGE = 100;

/** Each app in a unit of its own, by `time.settled`. */
export async function enableDueApps(vault: Vault, time: ClockReading): Promise<void> {
  for (;;) {
    const due = await listAppsToEnable(vault.engine.read, time.settled, PAGE);
    for (const { id, tenant_id } of due) {
      await vault.engine.write({ tenantId: tenant_id }, async (unit) => {
        const row = await findApp(unit, tenant_id, id);
        if (row === undefined || row.auto_enable_at === null || row.auto_enable_at > time.settled) return;
        await updateApp(unit, id, { ...switched(true), version: row.version + 1, updated_at: time.now });
        await addAuditEntry(unit, {
          at: time.now,
          tenant_id,
          type: 'app.enabled',
          origin: SYSTEM_ORIGIN,
          target: `app:${id}`,
          reason: 'its time off is over',
        });
      });
    }
    if (due.length < PAGE) return;
  }
}
