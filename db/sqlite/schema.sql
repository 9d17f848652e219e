-- The schema after all migrations, made by `node scripts/dump-schema.ts`. Nothing reads it but people.

CREATE TABLE "admin_tokens" (
  id          INTEGER PRIMARY KEY,
  tenant_id   INTEGER REFERENCES tenants (id) ON DELETE CASCADE,
  name        TEXT NOT NULL,
  role        TEXT NOT NULL CHECK (role IN ('root', 'owner', 'admin', 'operator', 'viewer', 'auditor')),
  digest      BLOB NOT NULL UNIQUE,
  hint        TEXT NOT NULL,
  allowed_ips TEXT NOT NULL,
  expires_at  INTEGER,
  created_at  INTEGER NOT NULL,
  CHECK ((role = 'root') = (tenant_id IS NULL))
) STRICT;

CREATE INDEX admin_tokens_of_tenant ON admin_tokens (tenant_id, id);

CREATE TABLE app_activity (
  app_id         INTEGER PRIMARY KEY REFERENCES apps (id) ON DELETE CASCADE,
  since          INTEGER NOT NULL,
  hour_starts_at INTEGER NOT NULL,
  hour_count     INTEGER NOT NULL,
  usual          REAL NOT NULL,
  hours          INTEGER NOT NULL
) STRICT;

CREATE TABLE app_groups (
  app_id   INTEGER NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  group_id INTEGER NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
  PRIMARY KEY (app_id, group_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX app_groups_by_group ON app_groups (group_id);

CREATE TABLE app_networks (
  app_id   INTEGER NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  network  TEXT NOT NULL,
  first_at INTEGER NOT NULL,
  last_at  INTEGER NOT NULL,
  PRIMARY KEY (app_id, network)
) STRICT, WITHOUT ROWID;

CREATE TABLE app_services (
  app_id     INTEGER NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  service_id INTEGER NOT NULL REFERENCES services (id) ON DELETE CASCADE,
  PRIMARY KEY (app_id, service_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX app_services_by_service ON app_services (service_id);

CREATE TABLE app_windows (
  app_id           INTEGER PRIMARY KEY REFERENCES apps (id) ON DELETE CASCADE,
  minute_starts_at INTEGER NOT NULL,
  minute_count     INTEGER NOT NULL,
  hour_starts_at   INTEGER NOT NULL,
  hour_count       INTEGER NOT NULL
) STRICT;

CREATE TABLE apps (
  id                 INTEGER PRIMARY KEY,
  tenant_id          INTEGER NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  name               TEXT NOT NULL,
  description        TEXT NOT NULL,
  environment        TEXT NOT NULL,
  tags               TEXT NOT NULL,
  all_services       INTEGER NOT NULL CHECK (all_services IN (0, 1)),
  allowed_ips        TEXT NOT NULL,
  denied_ips         TEXT NOT NULL,
  max_daily_requests INTEGER,
  expires_at         INTEGER,
  enabled            INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  disabled_reason    TEXT,
  auto_enable_at     INTEGER,
  version            INTEGER NOT NULL,
  created_at         INTEGER NOT NULL,
  updated_at         INTEGER NOT NULL
, allowed_origins TEXT NOT NULL DEFAULT '[]', allowed_referrers TEXT NOT NULL DEFAULT '[]', allowed_user_agents TEXT NOT NULL DEFAULT '[]', require_https INTEGER NOT NULL DEFAULT 0, rate_per_second INTEGER, rate_per_minute INTEGER, rate_per_hour INTEGER, rate_burst INTEGER, blocked_countries TEXT NOT NULL DEFAULT '[]', require_signature INTEGER NOT NULL DEFAULT 0, expiry_told INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE INDEX apps_by_auto_enable ON apps (auto_enable_at) WHERE auto_enable_at IS NOT NULL;

CREATE INDEX apps_by_expiry_told ON apps (expiry_told, expires_at) WHERE enabled = 1 AND expires_at IS NOT NULL;

CREATE INDEX apps_by_tenant ON apps (tenant_id, id);

CREATE TABLE audit_entries (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  at         INTEGER NOT NULL,
  tenant_id  INTEGER,
  type       TEXT NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_id   INTEGER,
  actor_name TEXT NOT NULL,
  actor_role TEXT,
  ip         TEXT,
  target     TEXT NOT NULL,
  outcome    TEXT NOT NULL,
  reason     TEXT,
  before     TEXT,
  after      TEXT,
  request_id TEXT
) STRICT;

CREATE INDEX audit_entries_by_tenant ON audit_entries (tenant_id, id);

CREATE TABLE clock (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  settled INTEGER NOT NULL
) STRICT;

CREATE TABLE counters (
  subject    TEXT NOT NULL CHECK (subject IN ('service', 'app', 'key')),
  subject_id INTEGER NOT NULL,
  starts_at  INTEGER NOT NULL,
  ends_at    INTEGER NOT NULL,
  count      INTEGER NOT NULL,
  last_at    INTEGER NOT NULL,
  PRIMARY KEY (subject, subject_id, starts_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE data_keys (
  tenant_id  INTEGER NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  version    INTEGER NOT NULL,
  sealed     BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE deliveries (
  seq         INTEGER PRIMARY KEY,
  delivery_id TEXT NOT NULL,
  at          INTEGER NOT NULL,
  tenant_id   INTEGER NOT NULL,
  service_id  INTEGER NOT NULL,
  key_id      INTEGER NOT NULL,
  app_id      INTEGER,
  ip          TEXT NOT NULL,
  masked      INTEGER NOT NULL,
  usage_today INTEGER NOT NULL
) STRICT;

CREATE INDEX deliveries_by_service ON deliveries (service_id, seq);

CREATE TABLE emails (
  id              INTEGER PRIMARY KEY,
  tenant_id       INTEGER NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  address         TEXT NOT NULL,
  events          TEXT NOT NULL,
  description     TEXT NOT NULL,
  enabled         INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  disabled_reason TEXT,
  outbox_cursor   INTEGER NOT NULL,
  failures        INTEGER NOT NULL,
  failing_since   INTEGER,
  due_at          INTEGER,
  created_at      INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL,
  UNIQUE (tenant_id, address)
) STRICT;

CREATE INDEX emails_by_tenant ON emails (tenant_id, id);

CREATE TABLE group_services (
  group_id   INTEGER NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
  service_id INTEGER NOT NULL REFERENCES services (id) ON DELETE CASCADE,
  PRIMARY KEY (group_id, service_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX group_services_by_service ON group_services (service_id);

CREATE TABLE groups (
  id         INTEGER PRIMARY KEY,
  tenant_id  INTEGER NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  slug       TEXT NOT NULL,
  name       TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (tenant_id, slug)
) STRICT;

CREATE TABLE idempotent_replies (
  name        BLOB PRIMARY KEY,
  id          INTEGER NOT NULL UNIQUE,
  tenant_id   INTEGER REFERENCES tenants (id) ON DELETE CASCADE,
  fingerprint BLOB NOT NULL,
  reply       BLOB NOT NULL,
  at          INTEGER NOT NULL
) STRICT;

CREATE INDEX idempotent_replies_by_age ON idempotent_replies (at);

CREATE INDEX idempotent_replies_of_tenant ON idempotent_replies (tenant_id);

CREATE TABLE key_balances (
  key_id            INTEGER PRIMARY KEY REFERENCES provider_keys (id) ON DELETE CASCADE,
  finish            REAL NOT NULL,
  turn              INTEGER NOT NULL,
  last_delivered_at INTEGER NOT NULL
) STRICT;

CREATE TABLE key_health (
  key_id       INTEGER PRIMARY KEY REFERENCES provider_keys (id) ON DELETE CASCADE,
  coolings     INTEGER NOT NULL,
  cooled_at    INTEGER,
  cooled_until INTEGER,
  refusals     INTEGER NOT NULL,
  refused_by   TEXT NOT NULL
) STRICT;

CREATE TABLE key_holders (
  key_id  INTEGER NOT NULL REFERENCES provider_keys (id) ON DELETE CASCADE,
  app_id  INTEGER NOT NULL,
  ip      TEXT NOT NULL,
  last_at INTEGER NOT NULL, first_at INTEGER,
  PRIMARY KEY (key_id, app_id, ip)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
  seq       INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id  TEXT NOT NULL,
  tenant_id INTEGER NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  type      TEXT NOT NULL,
  at        INTEGER NOT NULL,
  data      TEXT NOT NULL
) STRICT;

CREATE INDEX outbox_by_tenant ON outbox (tenant_id, seq);

CREATE TRIGGER provider_keys_added AFTER INSERT ON provider_keys BEGIN
  UPDATE services SET keys_version = keys_version + 1 WHERE id = NEW.service_id;
  UPDATE provider_keys SET version = services.keys_version FROM services
  WHERE provider_keys.id = NEW.id AND services.id = NEW.service_id;
END;

CREATE TRIGGER provider_keys_changed AFTER UPDATE ON provider_keys WHEN NEW.version = OLD.version BEGIN
  UPDATE services SET keys_version = keys_version + 1 WHERE id = NEW.service_id;
  UPDATE provider_keys SET
    version = services.keys_version,
    withdrawn_at = CASE
      WHEN NEW.state IN ('standby', 'active') THEN NULL
      WHEN OLD.state IN ('standby', 'active') THEN NEW.updated_at
      ELSE NEW.withdrawn_at END,
    drained_at = CASE WHEN NEW.state IN ('standby', 'active') THEN NULL ELSE NEW.drained_at END
  FROM services
  WHERE provider_keys.id = NEW.id AND services.id = NEW.service_id;
END;

CREATE TRIGGER provider_keys_removed AFTER DELETE ON provider_keys BEGIN
  UPDATE services SET keys_removed = keys_removed + 1 WHERE id = OLD.service_id;
END;

CREATE TABLE provider_keys (
  id                 INTEGER PRIMARY KEY,
  tenant_id          INTEGER NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  service_id         INTEGER NOT NULL REFERENCES services (id) ON DELETE CASCADE,
  label              TEXT NOT NULL,
  sealed_key         BLOB NOT NULL,
  fingerprint        BLOB NOT NULL,
  weight             INTEGER NOT NULL CHECK (weight > 0),
  position           INTEGER NOT NULL,
  max_daily_requests INTEGER,
  expires_at         INTEGER,
  tags               TEXT NOT NULL,
  activated_at       INTEGER,
  retires_at         INTEGER,
  disabled_reason    TEXT,
  auto_enable_at     INTEGER,
  decrypt_failed_at  INTEGER,
  created_at         INTEGER NOT NULL,
  updated_at         INTEGER NOT NULL, version INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'standby'
  CHECK (state IN ('standby', 'active', 'retiring', 'retired', 'expired', 'disabled', 'quarantined', 'burned')), bucket TEXT, cooling_until INTEGER, expiry_told INTEGER NOT NULL DEFAULT 0, withdrawn_at INTEGER, drained_at INTEGER,
  UNIQUE (service_id, fingerprint)
) STRICT;

CREATE INDEX provider_keys_by_auto_enable ON provider_keys (auto_enable_at) WHERE auto_enable_at IS NOT NULL;

CREATE INDEX provider_keys_by_bucket ON provider_keys (service_id, bucket) WHERE bucket IS NOT NULL;

CREATE INDEX provider_keys_by_cooling ON provider_keys (cooling_until) WHERE cooling_until IS NOT NULL;

CREATE INDEX provider_keys_by_decrypt_failure ON provider_keys (decrypt_failed_at) WHERE decrypt_failed_at IS NOT NULL;

CREATE INDEX provider_keys_by_expiry ON provider_keys (expires_at) WHERE state IN ('standby', 'active');

CREATE INDEX provider_keys_by_expiry_told ON provider_keys (expiry_told, expires_at)
  WHERE state IN ('standby', 'active') AND expires_at IS NOT NULL;

CREATE INDEX provider_keys_by_position ON provider_keys (service_id, position, id);

CREATE INDEX provider_keys_by_retirement ON provider_keys (retires_at) WHERE state = 'retiring';

CREATE INDEX provider_keys_by_version ON provider_keys (service_id, version, id);

CREATE INDEX provider_keys_to_drain ON provider_keys (id) WHERE state IN ('retiring', 'burned') AND drained_at IS NULL;

CREATE TABLE refusals (
  tenant_id  INTEGER NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  minute     INTEGER NOT NULL,
  app_id     INTEGER NOT NULL,
  service_id INTEGER NOT NULL,
  reason     TEXT NOT NULL,
  network    TEXT NOT NULL,
  count      INTEGER NOT NULL,
  samples    TEXT NOT NULL,
  PRIMARY KEY (tenant_id, minute, app_id, service_id, reason, network)
) STRICT, WITHOUT ROWID;

CREATE INDEX refusals_by_minute ON refusals (minute);

CREATE TABLE reports (
  delivery_id TEXT PRIMARY KEY,
  outcome     TEXT NOT NULL CHECK (outcome IN ('ok', 'rate_limited', 'unauthorized', 'error')),
  at          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE schema_migrations (
  number     INTEGER PRIMARY KEY,
  name       TEXT NOT NULL,
  applied_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sequences (
  name TEXT PRIMARY KEY,
  last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE services (
  id                   INTEGER PRIMARY KEY,
  tenant_id            INTEGER NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  slug                 TEXT NOT NULL,
  name                 TEXT NOT NULL,
  policy               TEXT NOT NULL CHECK (policy IN ('manual', 'time', 'usage', 'failover')),
  rotate_every_minutes INTEGER,
  on_expiry            TEXT NOT NULL CHECK (on_expiry IN ('retire', 'cycle')),
  timezone             TEXT NOT NULL,
  day_resets_at        TEXT NOT NULL,
  max_daily_requests   INTEGER,
  max_age_seconds      INTEGER NOT NULL,
  enabled              INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  current_key_id       INTEGER,
  version              INTEGER NOT NULL,
  created_at           INTEGER NOT NULL,
  updated_at           INTEGER NOT NULL, keys_version INTEGER NOT NULL DEFAULT 0, keys_removed INTEGER NOT NULL DEFAULT 0, rotation_schedule TEXT, schedule_since INTEGER, next_rotation_at INTEGER, warn_at_percent INTEGER DEFAULT 80,
  UNIQUE (tenant_id, slug)
) STRICT;

CREATE INDEX services_by_next_rotation ON services (next_rotation_at) WHERE next_rotation_at IS NOT NULL;

CREATE TABLE settings (
  name  TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE signing_secrets (
  id            INTEGER PRIMARY KEY,
  tenant_id     INTEGER NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  app_id        INTEGER NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  sealed_secret BLOB NOT NULL,
  valid_until   INTEGER,
  created_at    INTEGER NOT NULL
) STRICT;

CREATE INDEX signing_secrets_of_app ON signing_secrets (app_id);

CREATE INDEX signing_secrets_of_tenant ON signing_secrets (tenant_id);

CREATE TABLE spent_nonces (
  app_id INTEGER NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  nonce  TEXT NOT NULL,
  until  INTEGER NOT NULL,
  PRIMARY KEY (app_id, nonce)
) STRICT, WITHOUT ROWID;

CREATE INDEX spent_nonces_by_end ON spent_nonces (until);

CREATE TABLE tenants (
  id          INTEGER PRIMARY KEY,
  slug        TEXT NOT NULL UNIQUE,
  name        TEXT NOT NULL,
  status      TEXT NOT NULL CHECK (status IN ('active', 'suspended')),
  demo        INTEGER NOT NULL CHECK (demo IN (0, 1)),
  allowed_ips TEXT NOT NULL,
  denied_ips  TEXT NOT NULL,
  version     INTEGER NOT NULL,
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL
, suspect_new_address INTEGER NOT NULL DEFAULT 1 CHECK (suspect_new_address IN (0, 1)), suspect_rate_factor INTEGER DEFAULT 10, suspect_refusals_per_minute INTEGER DEFAULT 30) STRICT;

CREATE TABLE tokens (
  id          INTEGER PRIMARY KEY,
  tenant_id   INTEGER NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  app_id      INTEGER REFERENCES apps (id) ON DELETE CASCADE,
  digest      BLOB NOT NULL UNIQUE,
  hint        TEXT NOT NULL,
  valid_until INTEGER,
  created_at  INTEGER NOT NULL
) STRICT;

CREATE INDEX tokens_by_tenant ON tokens (tenant_id, app_id);

CREATE TABLE told (
  tenant_id INTEGER NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  name      TEXT NOT NULL,
  until     INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX told_by_end ON told (until);

CREATE TABLE usage_counts (
  tenant_id  INTEGER NOT NULL,
  bucket_ms  INTEGER NOT NULL,
  starts_at  INTEGER NOT NULL,
  service_id INTEGER NOT NULL,
  app_id     INTEGER NOT NULL,
  key_id     INTEGER NOT NULL,
  outcome    TEXT NOT NULL,
  count      INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, bucket_ms, starts_at, service_id, app_id, key_id, outcome)
) STRICT, WITHOUT ROWID;

CREATE TABLE webhook_attempts (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  webhook_id INTEGER NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  source     TEXT NOT NULL CHECK (source IN ('outbox', 'delivery')),
  seq        INTEGER NOT NULL,
  event_id   TEXT NOT NULL,
  type       TEXT NOT NULL,
  attempt    INTEGER NOT NULL,
  at         INTEGER NOT NULL,
  status     INTEGER,
  latency_ms INTEGER NOT NULL,
  error      TEXT,
  answer     TEXT
) STRICT;

CREATE INDEX webhook_attempts_by_webhook ON webhook_attempts (webhook_id, id);

CREATE TABLE webhook_batches (
  webhook_id INTEGER NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  last_seq   INTEGER NOT NULL,
  after_seq  INTEGER NOT NULL,
  event_id   TEXT NOT NULL,
  PRIMARY KEY (webhook_id, last_seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE webhook_losses (
  webhook_id INTEGER NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  source     TEXT NOT NULL CHECK (source IN ('outbox', 'delivery')),
  count      INTEGER NOT NULL,
  from_at    INTEGER NOT NULL,
  to_at      INTEGER NOT NULL,
  PRIMARY KEY (webhook_id, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE webhook_retries (
  webhook_id INTEGER NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  source     TEXT NOT NULL CHECK (source IN ('outbox', 'delivery')),
  seq        INTEGER NOT NULL,
  attempts   INTEGER NOT NULL,
  due_at     INTEGER NOT NULL,
  PRIMARY KEY (webhook_id, source, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX webhook_retries_by_due ON webhook_retries (webhook_id, due_at);

CREATE TABLE webhooks (
  id              INTEGER PRIMARY KEY,
  tenant_id       INTEGER NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  url             TEXT NOT NULL,
  description     TEXT NOT NULL,
  events          TEXT NOT NULL,
  enabled         INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  disabled_reason TEXT,
  sealed_secret   BLOB NOT NULL,
  outbox_cursor   INTEGER NOT NULL,
  delivery_cursor INTEGER NOT NULL,
  failures        INTEGER NOT NULL,
  failing_since   INTEGER,
  paused_until    INTEGER,
  created_at      INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL
, batch INTEGER NOT NULL DEFAULT 0 CHECK (batch IN (0, 1))) STRICT;

CREATE INDEX webhooks_by_tenant ON webhooks (tenant_id, id);
