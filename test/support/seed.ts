/** Rows that a test needs before it can deliver, put there without the administration. */
import { randomBytes } from 'node:crypto';
import { formatToken } from '../../src/domain/token-format.ts';
import type { Vault } from '../../src/operations/vault/vault.ts';
import type {
  AppsTable,
  ProviderKeyRow,
  ServiceRow,
  TenantsTable,
  Transaction,
} from '../../src/storage/rows.ts';
import { takeIds } from '../../src/storage/tables/sequences.ts';

export interface SeededTenant {
  readonly id: number;
  readonly slug: string;
  readonly token: string;
}

export interface SeededService {
  readonly id: number;
  readonly slug: string;
  /** The ids of its keys, in the order of their positions, and the keys themselves. */
  readonly keyIds: readonly number[];
  readonly keys: readonly string[];
}

/** A tenant with its data key and a client token. */
export async function seedTenant(
  vault: Vault,
  slug: string,
  more: Partial<TenantsTable> = {},
): Promise<SeededTenant> {
  const { now } = vault.engine.time();
  const token = formatToken('client', randomBytes(32));
  const id = await vault.engine.write('nothing', async (unit) => {
    const id = await takeIds(unit, 'tenants');
    const times = { created_at: now, updated_at: now };
    const row = {
      id,
      slug,
      name: slug,
      status: 'active' as const,
      demo: 0,
      allowed_ips: '[]',
      denied_ips: '[]',
      suspect_new_address: 1,
      suspect_rate_factor: 10,
      suspect_refusals_per_minute: 30,
    };
    await unit
      .insertInto('tenants')
      .values({ ...row, version: 1, ...times, ...more })
      .execute();
    const sealed = vault.keyring.newDataKey(id, 1);
    await unit
      .insertInto('data_keys')
      .values({ tenant_id: id, version: 1, sealed, created_at: now })
      .execute();
    return id;
  });
  await seedToken(vault, id, null, token);
  return { id, slug, token };
}

/** Makes `token` one of the tenant's, or of one of its apps. */
export async function seedToken(
  vault: Vault,
  tenantId: number,
  appId: number | null,
  token: string,
): Promise<void> {
  const row = {
    tenant_id: tenantId,
    app_id: appId,
    digest: vault.digests.ofToken(token),
    hint: token.slice(0, 8),
  };
  await vault.engine.write({ tenantId }, (unit) =>
    unit
      .insertInto('tokens')
      .values({ ...row, valid_until: null, created_at: 0 })
      .execute(),
  );
}

/** A service with `keys` keys; the first is active and, under `manual` and `time`, current. */
export function seedService(
  vault: Vault,
  tenantId: number,
  slug: string,
  more: Partial<ServiceRow> = {},
  keys: readonly Partial<ProviderKeyRow>[] = [{}],
): Promise<SeededService> {
  const { now } = vault.engine.time();
  const times = { created_at: now, updated_at: now };
  return vault.engine.write({ tenantId }, async (unit) => {
    const id = await takeIds(unit, 'services');
    const firstKey = await takeIds(unit, 'provider_keys', keys.length);
    const keyIds = keys.map((_, at) => firstKey + at);
    const policy = more.policy ?? 'manual';
    const held = policy === 'manual' || policy === 'time';
    const row: ServiceRow = {
      id,
      tenant_id: tenantId,
      slug,
      name: slug,
      policy,
      rotate_every_minutes: null,
      on_expiry: 'retire',
      rotation_schedule: null,
      schedule_since: null,
      timezone: 'UTC',
      day_resets_at: '00:00',
      max_daily_requests: null,
      warn_at_percent: 80,
      max_age_seconds: 0,
      enabled: 1,
      current_key_id: held ? firstKey : null,
      next_rotation_at: null,
      version: 1,
      keys_version: 0,
      keys_removed: 0,
      ...times,
      ...more,
    };
    await unit.insertInto('services').values(row).execute();
    const clear: string[] = [];
    for (const [at, keyMore] of keys.entries()) {
      const state = held && at > 0 ? 'standby' : 'active';
      const place = {
        id: firstKey + at,
        tenant_id: tenantId,
        service_id: id,
        state,
        position: at + 1,
      } as const;
      clear.push(await putKey(vault, unit, slug, { ...place, ...times, ...keyMore }));
    }
    return { id, slug, keyIds, keys: clear };
  });
}

/** One more key of a service, active; returns its id. */
export function seedKey(
  vault: Vault,
  tenantId: number,
  { id: serviceId, slug }: SeededService,
  more: Partial<ProviderKeyRow> = {},
): Promise<number> {
  const { now } = vault.engine.time();
  return vault.engine.write({ tenantId }, async (unit) => {
    const id = await takeIds(unit, 'provider_keys');
    const place = { id, tenant_id: tenantId, service_id: serviceId, state: 'active', position: 1 } as const;
    await putKey(vault, unit, slug, { ...place, created_at: now, updated_at: now, ...more });
    return id;
  });
}

/** Returns the key in clear. */
async function putKey(
  vault: Vault,
  unit: Transaction,
  slug: string,
  row: Partial<ProviderKeyRow> &
    Pick<
      ProviderKeyRow,
      'id' | 'tenant_id' | 'service_id' | 'state' | 'position' | 'created_at' | 'updated_at'
    >,
): Promise<string> {
  const { sealed } = await unit
    .selectFrom('data_keys')
    .select('sealed')
    .where('tenant_id', '=', row.tenant_id)
    .executeTakeFirstOrThrow();
  const clear = `sk-${slug}-${row.id}-${randomBytes(12).toString('hex')}`;
  const place = { purpose: 'provider-key', tenantId: row.tenant_id, id: row.id } as const;
  const keyRow: ProviderKeyRow = {
    label: `Key ${row.position}`,
    sealed_key: vault.keyring.seal(new Map([[1, sealed]]), place, Buffer.from(clear)),
    fingerprint: vault.digests.ofProviderKey(row.service_id, clear),
    weight: 1,
    max_daily_requests: null,
    expires_at: null,
    tags: '{}',
    activated_at: row.created_at,
    retires_at: null,
    disabled_reason: null,
    auto_enable_at: null,
    decrypt_failed_at: null,
    bucket: null,
    cooling_until: null,
    expiry_told: 0,
    withdrawn_at: null,
    drained_at: null,
    version: 0,
    ...row,
  };
  await unit.insertInto('provider_keys').values(keyRow).execute();
  return clear;
}

/** An app that may use every service, and its token. */
export async function seedApp(
  vault: Vault,
  tenantId: number,
  more: Partial<AppsTable> = {},
): Promise<{ id: number; token: string }> {
  const token = formatToken('app', randomBytes(32));
  const id = await vault.engine.write({ tenantId }, async (unit) => {
    const id = await takeIds(unit, 'apps');
    const row: AppsTable = {
      id,
      tenant_id: tenantId,
      name: 'An app',
      description: '',
      environment: '',
      tags: '{}',
      all_services: 1,
      allowed_ips: '[]',
      denied_ips: '[]',
      allowed_origins: '[]',
      allowed_referrers: '[]',
      allowed_user_agents: '[]',
      blocked_countries: '[]',
      require_https: 0,
      require_signature: 0,
      max_daily_requests: null,
      rate_per_second: null,
      rate_per_minute: null,
      rate_per_hour: null,
      rate_burst: null,
      expires_at: null,
      enabled: 1,
      disabled_reason: null,
      auto_enable_at: null,
      expiry_told: 0,
      version: 1,
      created_at: 0,
      updated_at: 0,
      ...more,
    };
    await unit.insertInto('apps').values(row).execute();
    return id;
  });
  await seedToken(vault, tenantId, id, token);
  return { id, token };
}
