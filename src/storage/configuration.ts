/** The configuration that deliveries are decided upon, as it is read from the database and kept in memory. */
import { compileClientRules } from '../domain/client-rules.ts';
import type { ProcessReading } from '../domain/clock.ts';
import type { Credential, JudgedApp, JudgedTenant } from '../domain/judge.ts';
import { compileAddressList } from '../domain/network.ts';
import type { ServicePolicy, TurnRule } from '../domain/policy.ts';
import type { KeyUsage, PolicyKey, Usage } from '../domain/policy-key.ts';
import { RotationSchedule } from '../domain/rotation-schedule.ts';
import type { ServiceKeys } from '../domain/service-keys.ts';
import { type AppWindows, type Bucket, type Buckets, loadWindows, readRateLimit } from './rate-limits.ts';
import type { CountersTable, ProviderKeyRow, Reader, ServiceRow, SigningSecretsTable } from './rows.ts';

export interface TenantConfig extends JudgedTenant {
  readonly id: number;
  readonly slug: string;
  /** version → envelope. */
  readonly dataKeys: ReadonlyMap<number, Uint8Array>;
}

export interface KeyConfig extends PolicyKey {
  readonly label: string;
  readonly sealed_key: Uint8Array;
}

export interface ServiceConfig extends ServicePolicy {
  readonly id: number;
  readonly tenant_id: number;
  readonly slug: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly timezone: string;
  readonly day_resets_at: string;
  readonly max_daily_requests: number | null;
  readonly warn_at_percent: number | null;
  readonly max_age_seconds: number;
  current_key_id: number | null;
  /** The highest version of a key that the service had when it was read, and how many keys had been removed by then. */
  readonly keys_version: number;
  readonly keys_removed: number;
  /** The keys that may serve and the current one. The rest stays out of memory. */
  readonly keys: ServiceKeys<KeyConfig>;
}

export interface Day {
  starts_at: number;
  ends_at: number;
  count: number;
}

/** A service with what it has served: the counters are those of `day`, and move with each delivery. */
export interface ServiceSubject extends Usage {
  readonly config: ServiceConfig;
  day: Day | null;
  virtual: number;
  turn: number;
  readonly keys: Map<number, KeyUsage>;
}

export interface AppSubject {
  readonly config: JudgedApp & {
    readonly tenant_id: number;
    /** None where it wants no signature. */
    readonly signing_secrets: readonly SigningSecret[];
  };
  day: Day | null;
  /** Each is null where the app has no such limit: then nothing is counted. */
  readonly bucket: Bucket | null;
  windows: AppWindows | null;
}

export type SigningSecret = Readonly<Pick<SigningSecretsTable, 'id' | 'sealed_secret' | 'valid_until'>>;

/** What `decide` is given. `service.day`, `app.day` and `app.windows` are those of `time.settled`. */
export interface DeliveryState {
  readonly time: ProcessReading;
  readonly credential: Credential | null;
  readonly tenant: TenantConfig | null;
  readonly app: AppSubject | null;
  readonly service: ServiceSubject | null;
  /** Set where the nonce of the lookup was spent already. */
  readonly nonceSpent?: boolean;
}

/** `digest`: the token's keyed digest. */
export async function loadCredential(db: Reader, digest: Uint8Array): Promise<Credential | null> {
  const row = await db
    .selectFrom('tokens')
    .select(['tenant_id', 'app_id', 'valid_until'])
    .where('digest', '=', digest)
    .executeTakeFirst();
  return row ?? null;
}

export async function loadTenant(db: Reader, id: number): Promise<TenantConfig | null> {
  const row = await db.selectFrom('tenants').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) return null;
  return {
    id,
    slug: row.slug,
    status: row.status,
    demo: row.demo === 1,
    addresses: compileAddressList(readList(row.allowed_ips), readList(row.denied_ips)),
    dataKeys: await loadDataKeys(db, id),
  };
}

/** A tenant's sealed data keys, version → envelope. */
export async function loadDataKeys(db: Reader, tenantId: number): Promise<Map<number, Uint8Array>> {
  const rows = await db
    .selectFrom('data_keys')
    .select(['version', 'sealed'])
    .where('tenant_id', '=', tenantId)
    .execute();
  return new Map(rows.map(({ version, sealed }) => [version, sealed]));
}

/** `buckets`: those of the process. */
export async function loadApp(db: Reader, id: number, buckets: Buckets): Promise<AppSubject | null> {
  const row = await db.selectFrom('apps').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) return null;
  const own = db.selectFrom('app_services').select('service_id').where('app_id', '=', id);
  const byGroups = db
    .selectFrom('app_groups')
    .innerJoin('group_services', 'group_services.group_id', 'app_groups.group_id')
    .select('group_services.service_id')
    .where('app_groups.app_id', '=', id);
  const services = await own.union(byGroups).execute();
  const rate_limit = readRateLimit(row);
  return {
    config: {
      id,
      tenant_id: row.tenant_id,
      enabled: row.enabled === 1,
      expires_at: row.expires_at,
      addresses: compileAddressList(readList(row.allowed_ips), readList(row.denied_ips)),
      client: compileClientRules({
        allowed_origins: readList(row.allowed_origins),
        allowed_referrers: readList(row.allowed_referrers),
        allowed_user_agents: readList(row.allowed_user_agents),
        blocked_countries: readList(row.blocked_countries),
        require_https: row.require_https !== 0,
      }),
      require_signature: row.require_signature !== 0,
      signing_secrets: row.require_signature === 0 ? [] : await loadSigningSecrets(db, id),
      max_daily_requests: row.max_daily_requests,
      rate_limit,
      all_services: row.all_services === 1,
      service_ids: new Set(services.map(({ service_id }) => service_id)),
    },
    day: await loadLastDay(db, 'app', id),
    bucket: buckets.of(id, rate_limit),
    windows: await loadWindows(db, id, rate_limit),
  };
}

function loadSigningSecrets(db: Reader, appId: number): Promise<SigningSecret[]> {
  return db
    .selectFrom('signing_secrets')
    .select(['id', 'sealed_secret', 'valid_until'])
    .where('app_id', '=', appId)
    .orderBy('id', 'desc')
    .execute();
}

/** How long the turns of a service last. */
export function turnRule(row: Pick<ServiceRow, keyof TurnRule | 'schedule_since' | 'timezone'>): TurnRule {
  const { policy, rotate_every_minutes, rotation_schedule: schedule, timezone, schedule_since } = row;
  return {
    policy,
    rotate_every_minutes,
    rotation_schedule:
      schedule === null ? null : new RotationSchedule(schedule, timezone, schedule_since ?? 0),
  };
}

/** A key's row as a choice needs it. */
export function keyConfig(
  row: Pick<ProviderKeyRow, Exclude<keyof KeyConfig, 'broken'> | 'decrypt_failed_at'>,
): KeyConfig {
  return {
    id: row.id,
    label: row.label,
    state: row.state,
    weight: row.weight,
    position: row.position,
    max_daily_requests: row.max_daily_requests,
    expires_at: row.expires_at,
    activated_at: row.activated_at,
    cooling_until: row.cooling_until,
    broken: row.decrypt_failed_at !== null,
    sealed_key: row.sealed_key,
  };
}

/** The newest window of a subject; since windows never go back, it is the running one or a past one. */
export async function loadLastDay(
  db: Reader,
  subject: CountersTable['subject'],
  id: number,
): Promise<Day | null> {
  const row = await db
    .selectFrom('counters')
    .select(['starts_at', 'ends_at', 'count'])
    .where('subject', '=', subject)
    .where('subject_id', '=', id)
    .orderBy('starts_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

/** A list column; what cannot be read becomes an entry that no rule parses, so that it denies. */
function readList(text: string): readonly string[] {
  try {
    const list: unknown = JSON.parse(text);
    if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return list;
  } catch {
    // Falls through to the entry that denies.
  }
  return ['unreadable\0'];
}
