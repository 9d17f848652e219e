import type { ServiceRow, Transaction } from '../../storage/rows.ts';
import { findAppsReaching } from '../../storage/tables/apps.ts';
import { hasEverHeld } from '../../storage/tables/key-holders.ts';

const CLIENT_TOKEN = 0;

/** Whether a single caller uses the service: an app that reaches it, or the client token where it ever got one of its keys. */
export async function hasSoleCaller(
  unit: Transaction,
  service: Pick<ServiceRow, 'id' | 'tenant_id'>,
  now: number,
): Promise<boolean> {
  const apps = await findAppsReaching(unit, service, now, 2);
  return apps.length === 0 || (apps.length === 1 && !(await hasEverHeld(unit, service.id, CLIENT_TOKEN)));
}
