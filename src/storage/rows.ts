/** The rows of every table, the same for each engine. Times are Unix milliseconds, flags 0 or 1, lists and maps JSON text. */
import type {
  ColumnType,
  Generated,
  Insertable,
  Kysely,
  Transaction as KyselyTransaction,
  Selectable,
  Updateable,
} from 'kysely';
import type { Policy } from '../domain/policy.ts';
import type { KeyState } from '../domain/policy-key.ts';
import type { Role } from '../domain/roles.ts';
import type { WarnedDays } from '../domain/warnings.ts';

/** How many days before its end it was warned of last; 0: not yet. To be set to 0 where that end is changed. */
type ExpiryTold = 0 | WarnedDays;

/** What the database counts for itself. */
type Kept = ColumnType<number, number | undefined, never>;

export interface Tables {
  settings: { name: string; value: Uint8Array };
  sequences: { name: string; last: number };
  clock: { id: number; settled: number };
  tenants: TenantsTable;
  data_keys: { tenant_id: number; version: number; sealed: Uint8Array; created_at: number };
  services: ServicesTable;
  provider_keys: ProviderKeysTable;
  key_health: KeyHealthTable;
  reports: ReportsTable;
  told: { tenant_id: number; name: string; until: number };
  key_balances: { key_id: number; finish: number; turn: number; last_delivered_at: number };
  apps: AppsTable;
  app_services: { app_id: number; service_id: number };
  groups: GroupsTable;
  group_services: { group_id: number; service_id: number };
  app_windows: AppWindowsTable;
  app_networks: AppNetworksTable;
  app_activity: AppActivityTable;
  app_groups: { app_id: number; group_id: number };
  tokens: TokensTable;
  admin_tokens: AdminTokensTable;
  counters: CountersTable;
  deliveries: DeliveriesTable;
  refusals: RefusalsTable;
  usage_counts: UsageCountsTable;
  key_holders: KeyHoldersTable;
  outbox: OutboxTable;
  webhooks: WebhooksTable;
  emails: EmailsTable;
  webhook_retries: {
    webhook_id: number;
    source: 'outbox' | 'delivery';
    seq: number;
    attempts: number;
    due_at: number;
  };
  webhook_attempts: WebhookAttemptsTable;
  webhook_batches: { webhook_id: number; last_seq: number; after_seq: number; event_id: string };
  webhook_losses: {
    webhook_id: number;
    source: 'outbox' | 'delivery';
    count: number;
    from_at: number;
    to_at: number;
  };
  audit_entries: AuditEntriesTable;
  idempotent_replies: IdempotentRepliesTable;
  signing_secrets: SigningSecretsTable;
  spent_nonces: SpentNoncesTable;
}

export interface TenantsTable {
  id: number;
  slug: string;
  name: string;
  status: 'active' | 'suspended';
  demo: number;
  allowed_ips: string;
  denied_ips: string;
  suspect_new_address: number;
  suspect_rate_factor: number | null;
  suspect_refusals_per_minute: number | null;
  version: number;
  created_at: number;
  updated_at: number;
}

export interface ServicesTable {
  id: number;
  tenant_id: number;
  slug: string;
  name: string;
  policy: Policy;
  rotate_every_minutes: number | null;
  on_expiry: 'retire' | 'cycle';
  /** Kept with the time at which it, or the time zone that it is read in, was set. */
  rotation_schedule: string | null;
  schedule_since: number | null;
  timezone: string;
  day_resets_at: string;
  max_daily_requests: number | null;
  warn_at_percent: number | null;
  max_age_seconds: number;
  enabled: number;
  current_key_id: number | null;
  /** When the turn of the current key ends: by this it is found; that it has ended, the rule says. */
  next_rotation_at: number | null;
  version: number;
  /** The version of the key that was added or changed last, and how many keys were removed: kept by the database. */
  keys_version: Kept;
  keys_removed: Kept;
  created_at: number;
  updated_at: number;
}

export interface ProviderKeysTable {
  id: number;
  tenant_id: number;
  service_id: number;
  label: string;
  sealed_key: Uint8Array;
  fingerprint: Uint8Array;
  state: KeyState;
  weight: number;
  position: number;
  max_daily_requests: number | null;
  expires_at: number | null;
  tags: string;
  activated_at: number | null;
  retires_at: number | null;
  disabled_reason: string | null;
  auto_enable_at: number | null;
  decrypt_failed_at: number | null;
  bucket: string | null;
  /** See `coolsUntil` in domain/policy-key.ts. */
  cooling_until: number | null;
  expiry_told: ExpiryTold;
  /** When it stopped being handed out, null while it is in one of the states that serve: kept by the database. */
  withdrawn_at: ColumnType<number | null, number | null | undefined, never>;
  /** When everybody who held it had been given another one; it is null again once the key serves. */
  drained_at: number | null;
  created_at: number;
  updated_at: number;
  /** The `keys_version` that its service came to with the last change of this key: kept by the database. */
  version: Kept;
}

/** What was reported of a key since it was last reported to be well. `refused_by`: JSON, `[{"app", "network"}]`. */
export interface KeyHealthTable {
  key_id: number;
  coolings: number;
  cooled_at: number | null;
  cooled_until: number | null;
  refusals: number;
  refused_by: string;
}

export interface ReportsTable {
  delivery_id: string;
  outcome: 'ok' | 'rate_limited' | 'unauthorized' | 'error';
  /** When the delivery was made: for how long it can be reported on goes by that. */
  at: number;
}

export interface AppsTable {
  id: number;
  tenant_id: number;
  name: string;
  description: string;
  environment: string;
  tags: string;
  all_services: number;
  allowed_ips: string;
  denied_ips: string;
  allowed_origins: string;
  allowed_referrers: string;
  allowed_user_agents: string;
  blocked_countries: string;
  require_https: number;
  require_signature: number;
  max_daily_requests: number | null;
  rate_per_second: number | null;
  rate_per_minute: number | null;
  rate_per_hour: number | null;
  rate_burst: number | null;
  expires_at: number | null;
  enabled: number;
  disabled_reason: string | null;
  auto_enable_at: number | null;
  expiry_told: ExpiryTold;
  version: number;
  created_at: number;
  updated_at: number;
}

/** The newest minute and hour of UTC that an app with such limits has had deliveries in. */
export interface AppWindowsTable {
  app_id: number;
  minute_starts_at: number;
  minute_count: number;
  hour_starts_at: number;
  hour_count: number;
}

/** The client networks that an app was served from, as far as they are remembered. */
export interface AppNetworksTable {
  app_id: number;
  network: string;
  first_at: number;
  last_at: number;
}

/** How often an app is served in an hour of UTC: `usual` is the mean of `hours` hours with deliveries before the running one. */
export interface AppActivityTable {
  app_id: number;
  since: number;
  hour_starts_at: number;
  hour_count: number;
  usual: number;
  hours: number;
}

export interface GroupsTable {
  id: number;
  tenant_id: number;
  slug: string;
  name: string;
  created_at: number;
  updated_at: number;
}

export interface TokensTable {
  id: Generated<number>;
  tenant_id: number;
  app_id: number | null;
  digest: Uint8Array;
  hint: string;
  valid_until: number | null;
  created_at: number;
}

/** `tenant_id` null: of root, which reaches all tenants. `hint` is what may be shown of the token. */
export interface AdminTokensTable {
  id: number;
  tenant_id: number | null;
  name: string;
  role: Role;
  digest: Uint8Array;
  hint: string;
  allowed_ips: string;
  expires_at: number | null;
  created_at: number;
}

export interface CountersTable {
  subject: 'service' | 'app' | 'key';
  subject_id: number;
  starts_at: number;
  ends_at: number;
  count: number;
  last_at: number;
}

export interface DeliveriesTable {
  seq: number;
  delivery_id: string;
  at: number;
  tenant_id: number;
  service_id: number;
  key_id: number;
  app_id: number | null;
  ip: string;
  masked: number;
  usage_today: number;
}

/** `app_id` and `service_id` are 0 where the refused request named none that exists. */
export interface RefusalsTable {
  tenant_id: number;
  minute: number;
  app_id: number;
  service_id: number;
  reason: string;
  network: string;
  count: number;
  samples: string;
}

/** `starts_at`: the start of a bucket of `bucket_ms`. `outcome`: 'delivered' or the reason of a refusal; ids are 0 for none. */
export interface UsageCountsTable {
  tenant_id: number;
  bucket_ms: number;
  starts_at: number;
  service_id: number;
  app_id: number;
  key_id: number;
  outcome: string;
  count: number;
}

/** `app_id` 0: the client token. `first_at` null: not before `last_at`, which is exact to a minute. */
export interface KeyHoldersTable {
  key_id: number;
  app_id: number;
  ip: string;
  first_at: ColumnType<number | null, number, number>;
  last_at: number;
}

export interface OutboxTable {
  seq: Generated<number>;
  event_id: string;
  tenant_id: number;
  type: string;
  at: number;
  data: string;
}

export interface WebhooksTable {
  id: number;
  tenant_id: number;
  url: string;
  description: string;
  events: string;
  enabled: number;
  disabled_reason: string | null;
  sealed_secret: Uint8Array;
  outbox_cursor: number;
  delivery_cursor: number;
  failures: number;
  failing_since: number | null;
  paused_until: number | null;
  batch: number;
  created_at: number;
  updated_at: number;
}

/** `error` null: it was taken. `answer`: the start of what the receiver said; null where it said nothing. */
export interface WebhookAttemptsTable {
  id: Generated<number>;
  webhook_id: number;
  source: 'outbox' | 'delivery';
  seq: number;
  event_id: string;
  type: string;
  attempt: number;
  at: number;
  status: number | null;
  latency_ms: number;
  error: string | null;
  answer: string | null;
}

/** `due_at`: it is not written to before then; null is at once. */
export interface EmailsTable {
  id: number;
  tenant_id: number;
  address: string;
  events: string;
  description: string;
  enabled: number;
  disabled_reason: string | null;
  outbox_cursor: number;
  failures: number;
  failing_since: number | null;
  due_at: number | null;
  created_at: number;
  updated_at: number;
}

export interface AuditEntriesTable {
  id: Generated<number>;
  at: number;
  tenant_id: number | null;
  type: string;
  actor_kind: string;
  actor_id: number | null;
  actor_name: string;
  actor_role: string | null;
  ip: string | null;
  target: string;
  outcome: string;
  reason: string | null;
  before: string | null;
  after: string | null;
  request_id: string | null;
}

/** `tenant_id` null: of a request that is to no tenant. `reply` is sealed. */
export interface IdempotentRepliesTable {
  name: Uint8Array;
  id: number;
  tenant_id: number | null;
  fingerprint: Uint8Array;
  reply: Uint8Array;
  at: number;
}

/** `valid_until` is set once the secret was replaced: it ends then. */
export interface SigningSecretsTable {
  id: number;
  tenant_id: number;
  app_id: number;
  sealed_secret: Uint8Array;
  valid_until: number | null;
  created_at: number;
}

export interface SpentNoncesTable {
  app_id: number;
  nonce: string;
  until: number;
}

export type TenantRow = Selectable<TenantsTable>;
export type ServiceRow = Selectable<ServicesTable>;
export type ServiceChanges = Updateable<ServicesTable>;
export type ProviderKeyRow = Selectable<ProviderKeysTable>;
export type ProviderKeyChanges = Updateable<ProviderKeysTable>;
export type AppRow = Selectable<AppsTable>;
export type GroupRow = Selectable<GroupsTable>;
export type TokenRow = Selectable<TokensTable>;
export type NewHolder = Insertable<KeyHoldersTable>;
export type DeliveryRow = Selectable<DeliveriesTable>;
export type AdminTokenRow = Selectable<AdminTokensTable>;
export type WebhookRow = Selectable<WebhooksTable>;
export type WebhookAttemptRow = Selectable<WebhookAttemptsTable>;
export type EmailRow = Selectable<EmailsTable>;
export type OutboxRow = Selectable<OutboxTable>;
export type AuditEntryRow = Selectable<AuditEntriesTable>;
/** A delivery before the engine has given it its place in the order of commits. */
export type NewDelivery = Omit<Insertable<DeliveriesTable>, 'seq'>;

/** A connection that reads. */
export type Reader = Kysely<Tables>;
/** The one unit that is open for writing. */
export type Transaction = KyselyTransaction<Tables>;
