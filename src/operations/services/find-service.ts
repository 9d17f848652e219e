/** Finds what a request addresses; what is missing and what is another tenant's are the same Problem. */
import { mistake, notFound } from '../../domain/problem.ts';
import { isSlug } from '../../domain/slug.ts';
import type { ProviderKeyRow, Reader, ServiceRow } from '../../storage/rows.ts';
import { findKey } from '../../storage/tables/provider-keys.ts';
import { findService, findServiceIds } from '../../storage/tables/services.ts';
import { requireTenant } from '../tenants/tenants.ts';

/** Where a service stands: the slugs of its tenant and its own. */
export interface ServicePath {
  readonly tenant: string;
  readonly service: string;
}

/** A key's id is null where the request named none that can be one. */
export interface KeyPath extends ServicePath {
  readonly key: number | null;
}

export async function requireService(db: Reader, path: ServicePath): Promise<ServiceRow> {
  const tenant = await requireTenant(db, path.tenant);
  return requireServiceOf(db, tenant.id, path.service);
}

/** The same within a unit that may change the configuration of this one tenant. */
export async function requireServiceOf(db: Reader, tenantId: number, slug: string): Promise<ServiceRow> {
  const row = isSlug(slug) ? await findService(db, tenantId, slug) : undefined;
  if (row === undefined) throw notFound();
  return row;
}

/** The ids of services of the tenant, each once; throws a Problem that points at the first that is not there. */
export async function requireServiceIds(
  db: Reader,
  tenantId: number,
  slugs: readonly string[],
): Promise<number[]> {
  const ids = await findServiceIds(db, tenantId, slugs);
  const missing = slugs.findIndex((slug) => !ids.has(slug));
  if (missing >= 0) throw mistake(`/services/${missing}`, 'there is no such service in this tenant');
  return [...ids.values()];
}

export async function requireKey(
  db: Reader,
  service: ServiceRow,
  id: number | null,
): Promise<ProviderKeyRow> {
  const row = id === null ? undefined : await findKey(db, service.id, id);
  if (row === undefined) throw notFound();
  return row;
}
