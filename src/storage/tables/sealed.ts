/** Every secret of the tenants that lies sealed in the database, in pages. */
import type { Reader } from '../rows.ts';

/** The columns that hold them. */
export const SEALED = [
  'provider_keys.sealed_key',
  'webhooks.sealed_secret',
  'signing_secrets.sealed_secret',
] as const;
export type SealedColumn = (typeof SEALED)[number];

export interface SealedRow {
  readonly purpose: 'provider-key' | 'webhook-secret' | 'signing-secret';
  readonly id: number;
  readonly tenant_id: number;
  readonly sealed: Uint8Array;
}

export interface SealedPage {
  readonly rows: readonly SealedRow[];
  /** Tenant → its data keys, of the tenants of these rows. */
  readonly dataKeys: ReadonlyMap<number, Map<number, Uint8Array>>;
}

/** In the order of ids; `after` is the last id of the page before. */
export async function listSealed(
  db: Reader,
  column: SealedColumn,
  limit: number,
  after: number,
): Promise<SealedPage> {
  const rows = await READ[column](db, limit, after);
  const dataKeys = new Map<number, Map<number, Uint8Array>>();
  const tenants = [...new Set(rows.map(({ tenant_id }) => tenant_id))];
  for (let at = 0; at < tenants.length; at += 500) {
    const found = await findDataKeys(db, tenants.slice(at, at + 500));
    for (const [tenantId, versions] of found) dataKeys.set(tenantId, versions);
  }
  return { rows, dataKeys };
}

/** The data keys of tenants in the order of their ids; `after` is the last id of the page before. At most 500. */
export async function listDataKeys(
  db: Reader,
  limit: number,
  after: number,
): Promise<Map<number, Map<number, Uint8Array>>> {
  const tenants = await db
    .selectFrom('tenants')
    .select('id')
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
  const ids = tenants.map(({ id }) => id);
  const found = await findDataKeys(db, ids);
  return new Map(ids.map((id) => [id, found.get(id) ?? new Map()]));
}

async function findDataKeys(
  db: Reader,
  tenants: readonly number[],
): Promise<Map<number, Map<number, Uint8Array>>> {
  const found = new Map<number, Map<number, Uint8Array>>();
  if (tenants.length === 0) return found;
  const rows = await db
    .selectFrom('data_keys')
    .select(['tenant_id', 'version', 'sealed'])
    .where('tenant_id', 'in', tenants)
    .execute();
  for (const { tenant_id, version, sealed } of rows) {
    const versions = found.get(tenant_id) ?? new Map<number, Uint8Array>();
    found.set(tenant_id, versions.set(version, sealed));
  }
  return found;
}

async function sealedKeys(db: Reader, limit: number, after: number): Promise<SealedRow[]> {
  const rows = await db
    .selectFrom('provider_keys')
    .select(['id', 'tenant_id', 'sealed_key as sealed'])
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ purpose: 'provider-key', ...row }));
}

async function sealedWebhookSecrets(db: Reader, limit: number, after: number): Promise<SealedRow[]> {
  const rows = await db
    .selectFrom('webhooks')
    .select(['id', 'tenant_id', 'sealed_secret as sealed'])
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ purpose: 'webhook-secret', ...row }));
}

async function sealedSigningSecrets(db: Reader, limit: number, after: number): Promise<SealedRow[]> {
  const rows = await db
    .selectFrom('signing_secrets')
    .select(['id', 'tenant_id', 'sealed_secret as sealed'])
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ purpose: 'signing-secret', ...row }));
}

const READ: Readonly<
  Record<SealedColumn, (db: Reader, limit: number, after: number) => Promise<SealedRow[]>>
> = {
  'provider_keys.sealed_key': sealedKeys,
  'webhooks.sealed_secret': sealedWebhookSecrets,
  'signing_secrets.sealed_secret': sealedSigningSecrets,
};
