/** Makes the tenants of a data set with their services, keys and apps, by the operations of the administration themselves. */
import { SYSTEM_ORIGIN } from '../../../src/audit/entry.ts';
import { newApp } from '../../../src/contract/apps.ts';
import { newService as serviceInput } from '../../../src/contract/services.ts';
import { newTenant } from '../../../src/contract/tenants.ts';
import { createApp } from '../../../src/operations/apps/apps.ts';
import { importKeys } from '../../../src/operations/keys/import-keys.ts';
import { inOneUnit } from '../../../src/operations/one-unit.ts';
import { createService } from '../../../src/operations/services/services.ts';
import { createTenant } from '../../../src/operations/tenants/tenants.ts';
import type { Vault } from '../../../src/operations/vault/vault.ts';
import { findTenant } from '../../../src/storage/tables/tenants.ts';
import { type DatasetToken, keyText, newService, type Shape, serviceSlug, tenantSlug } from './shape.ts';

/** How many tenants are made between two times that the database's files are kept in bounds. */
const TIDY_EVERY = 20;

export interface TenantsOptions {
  /** Handed the tokens of a tenant before it is there, so that none is there whose tokens nobody has. */
  readonly keep: (token: DatasetToken) => void;
  /** Told how many keys have come, of tenants that were there already too. */
  readonly progress: (keys: number) => void;
}

/** Makes those tenants that are not there yet, each as a whole or not at all. */
export async function makeTenants(vault: Vault, shape: Shape, options: TenantsOptions): Promise<void> {
  const keysOfTenant = shape.keys / shape.tenants;
  for (let number = 1; number <= shape.tenants; number += 1) {
    const slug = tenantSlug(number);
    if ((await findTenant(vault.engine.read, slug)) === undefined) {
      await inOneUnit(vault, 'nothing', async (joined) =>
        options.keep(await makeTenant(joined, slug, shape)),
      );
    }
    options.progress(number * keysOfTenant);
    if (number % TIDY_EVERY === 0) await vault.engine.tidy();
  }
}

async function makeTenant(vault: Vault, slug: string, shape: Shape): Promise<DatasetToken> {
  const { client_token } = await createTenant(vault, SYSTEM_ORIGIN, newTenant.parse({ slug }));
  for (let number = 1; number <= shape.services / shape.tenants; number += 1) {
    await createService(vault, SYSTEM_ORIGIN, slug, serviceInput.parse(newService(number)));
    await addKeys(vault, slug, serviceSlug(number), shape.keys / shape.services);
  }
  const app = newApp.parse({ name: 'An app', services: 'all' });
  const { app_token } = await createApp(vault, SYSTEM_ORIGIN, slug, app);
  return { tenant: slug, clientToken: client_token, appToken: app_token };
}

async function addKeys(vault: Vault, tenant: string, service: string, count: number): Promise<void> {
  if (count === 0) return;
  const keys = Array.from({ length: count }, (_, at) => ({
    label: `Key ${at + 1}`,
    key: keyText(tenant, service, at + 1),
  }));
  const body = { type: 'application/json', text: JSON.stringify(keys) };
  const { added } = await importKeys(vault, SYSTEM_ORIGIN, { tenant, service }, body);
  if (added !== count) throw new Error(`${tenant}/${service} took ${added} of ${count} keys`);
}
