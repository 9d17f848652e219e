import type { Reader, ServiceRow } from '../../storage/rows.ts';
import { slugOfTenant } from '../../storage/tables/tenants.ts';
import type { Whose } from './key-events.ts';

/** What events say of the service that a key is of. */
export async function whoseKeys(
  db: Reader,
  { tenant_id, slug }: Pick<ServiceRow, 'tenant_id' | 'slug'>,
): Promise<Whose> {
  const tenant = await slugOfTenant(db, tenant_id);
  if (tenant === null) throw new Error(`the service ${slug} is of no tenant`);
  return { tenantId: tenant_id, tenant, service: slug };
}
