-- The vault's first schema, as db/sqlite/0001-initial.sql has it but for what replicas need beside. Times are milliseconds since 1970-01-01 UTC; booleans are 0 and 1; lists and maps are JSON.
-- A column named `sealed…` holds an envelope of src/vault/envelope.ts; a column named `digest` or `fingerprint` a keyed digest.

CREATE TABLE settings (
  name  text PRIMARY KEY,
  value bytea NOT NULL
);

-- The ids of things that own a secret: each is handed out once, before its secret is sealed, and never again.
CREATE TABLE sequences (
  name text PRIMARY KEY,
  last bigint NOT NULL
);

-- The time that the vault has settled on: it never goes back, so neither does a limit day.
CREATE TABLE clock (
  id      smallint PRIMARY KEY CHECK (id = 1),
  settled bigint NOT NULL
) WITH (fillfactor = 50);

-- `config_version` moves with every change of what the tenant's deliveries are decided upon, and `last_seq` with every batch of
-- them: whoever holds this row's lock and finds both as remembered may decide by what is in memory.
CREATE TABLE tenants (
  id          bigint PRIMARY KEY,
  slug        text COLLATE "C" NOT NULL UNIQUE,
  name        text NOT NULL,
  status      text NOT NULL CHECK (status IN ('active', 'suspended')),
  demo        smallint NOT NULL CHECK (demo IN (0, 1)),
  allowed_ips text NOT NULL,
  denied_ips  text NOT NULL,
  version     bigint NOT NULL,
  created_at  bigint NOT NULL,
  updated_at  bigint NOT NULL,
  config_version bigint NOT NULL DEFAULT 1,
  last_seq       bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- Each tenant's data keys, sealed under the master key. The highest version seals; all of them open.
CREATE TABLE data_keys (
  tenant_id  bigint NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  version    bigint NOT NULL,
  sealed     bytea NOT NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (tenant_id, version)
);

CREATE TABLE services (
  id                   bigint PRIMARY KEY,
  tenant_id            bigint NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  slug                 text COLLATE "C" NOT NULL,
  name                 text NOT NULL,
  policy               text NOT NULL CHECK (policy IN ('manual', 'time', 'usage', 'failover')),
  rotate_every_minutes bigint,
  on_expiry            text NOT NULL CHECK (on_expiry IN ('retire', 'cycle')),
  timezone             text NOT NULL,
  day_resets_at        text NOT NULL,
  max_daily_requests   bigint,
  max_age_seconds      bigint NOT NULL,
  enabled              smallint NOT NULL CHECK (enabled IN (0, 1)),
  current_key_id       bigint,
  version              bigint NOT NULL,
  created_at           bigint NOT NULL,
  updated_at           bigint NOT NULL,
  UNIQUE (tenant_id, slug)
);
CREATE INDEX services_by_time_policy ON services (id) WHERE policy = 'time';

CREATE TABLE provider_keys (
  id                 bigint PRIMARY KEY,
  tenant_id          bigint NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  service_id         bigint NOT NULL REFERENCES services (id) ON DELETE CASCADE,
  label              text NOT NULL,
  sealed_key         bytea NOT NULL,
  fingerprint        bytea NOT NULL,
  state              text NOT NULL CHECK (state IN ('standby', 'active', 'expired', 'retiring', 'retired', 'disabled')),
  weight             bigint NOT NULL CHECK (weight > 0),
  position           bigint NOT NULL,
  max_daily_requests bigint,
  expires_at         bigint,
  tags               text NOT NULL,
  activated_at       bigint,
  retires_at         bigint,
  disabled_reason    text,
  auto_enable_at     bigint,
  decrypt_failed_at  bigint,
  created_at         bigint NOT NULL,
  updated_at         bigint NOT NULL,
  UNIQUE (service_id, fingerprint)
);
CREATE INDEX provider_keys_by_position ON provider_keys (service_id, position, id);
CREATE INDEX provider_keys_by_expiry ON provider_keys (expires_at) WHERE state IN ('standby', 'active');
CREATE INDEX provider_keys_by_auto_enable ON provider_keys (auto_enable_at) WHERE auto_enable_at IS NOT NULL;
CREATE INDEX provider_keys_by_retirement ON provider_keys (retires_at) WHERE state = 'retiring';

-- The balance of the usage policy: a virtual time per key (domain/policy.ts), apart from any limit day.
CREATE TABLE key_balances (
  key_id            bigint PRIMARY KEY REFERENCES provider_keys (id) ON DELETE CASCADE,
  finish            double precision NOT NULL,
  turn              bigint NOT NULL,
  last_delivered_at bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE apps (
  id                 bigint PRIMARY KEY,
  tenant_id          bigint NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  name               text NOT NULL,
  description        text NOT NULL,
  environment        text NOT NULL,
  tags               text NOT NULL,
  all_services       smallint NOT NULL CHECK (all_services IN (0, 1)),
  allowed_ips        text NOT NULL,
  denied_ips         text NOT NULL,
  max_daily_requests bigint,
  expires_at         bigint,
  enabled            smallint NOT NULL CHECK (enabled IN (0, 1)),
  disabled_reason    text,
  auto_enable_at     bigint,
  version            bigint NOT NULL,
  created_at         bigint NOT NULL,
  updated_at         bigint NOT NULL
);
CREATE INDEX apps_by_tenant ON apps (tenant_id, id);
CREATE INDEX apps_by_auto_enable ON apps (auto_enable_at) WHERE auto_enable_at IS NOT NULL;

CREATE TABLE app_services (
  app_id     bigint NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  service_id bigint NOT NULL REFERENCES services (id) ON DELETE CASCADE,
  PRIMARY KEY (app_id, service_id)
);
CREATE INDEX app_services_by_service ON app_services (service_id);

-- Client tokens (app_id null) and app tokens. `valid_until` is set when a token is rotated: it ends then.
CREATE TABLE tokens (
  id          bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  tenant_id   bigint NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  app_id      bigint REFERENCES apps (id) ON DELETE CASCADE,
  digest      bytea NOT NULL UNIQUE,
  hint        text NOT NULL,
  valid_until bigint,
  created_at  bigint NOT NULL
);
CREATE INDEX tokens_by_tenant ON tokens (tenant_id, app_id);

CREATE TABLE admin_tokens (
  id         bigint PRIMARY KEY,
  name       text NOT NULL,
  role       text NOT NULL CHECK (role = 'root'),
  digest     bytea NOT NULL UNIQUE,
  created_at bigint NOT NULL
);

-- What each subject has had in a window: the truth behind every limit.
CREATE TABLE counters (
  subject    text NOT NULL CHECK (subject IN ('service', 'app', 'key')),
  subject_id bigint NOT NULL,
  starts_at  bigint NOT NULL,
  ends_at    bigint NOT NULL,
  count      bigint NOT NULL,
  last_at    bigint NOT NULL,
  PRIMARY KEY (subject, subject_id, starts_at)
) WITH (fillfactor = 50);
CREATE INDEX counters_by_end ON counters (ends_at);

-- Within a tenant `seq` is the order of the commits, since it is given under the lock of the tenant's row.
CREATE TABLE deliveries (
  seq         bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  delivery_id text NOT NULL,
  at          bigint NOT NULL,
  tenant_id   bigint NOT NULL,
  service_id  bigint NOT NULL,
  key_id      bigint NOT NULL,
  app_id      bigint,
  ip          text NOT NULL,
  masked      smallint NOT NULL,
  usage_today bigint NOT NULL
);
CREATE INDEX deliveries_by_service ON deliveries (service_id, seq);
CREATE INDEX deliveries_by_tenant ON deliveries (tenant_id, seq);

-- Refusals whose token is known, summed per minute; a few request ids are kept as samples.
CREATE TABLE refusals (
  tenant_id  bigint NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  minute     bigint NOT NULL,
  app_id     bigint NOT NULL,
  service_id bigint NOT NULL,
  reason     text NOT NULL,
  network    text NOT NULL,
  count      bigint NOT NULL,
  samples    text NOT NULL,
  PRIMARY KEY (tenant_id, minute, app_id, service_id, reason, network)
);
CREATE INDEX refusals_by_minute ON refusals (minute);

CREATE TABLE outbox (
  seq       bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  event_id  text NOT NULL,
  tenant_id bigint NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  type      text NOT NULL,
  at        bigint NOT NULL,
  data      text NOT NULL
);
CREATE INDEX outbox_by_tenant ON outbox (tenant_id, seq);

CREATE TABLE webhooks (
  id              bigint PRIMARY KEY,
  tenant_id       bigint NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  url             text NOT NULL,
  description     text NOT NULL,
  events          text NOT NULL,
  enabled         smallint NOT NULL CHECK (enabled IN (0, 1)),
  disabled_reason text,
  sealed_secret   bytea NOT NULL,
  outbox_cursor   bigint NOT NULL,
  delivery_cursor bigint NOT NULL,
  failures        bigint NOT NULL,
  failing_since   bigint,
  paused_until    bigint,
  created_at      bigint NOT NULL,
  updated_at      bigint NOT NULL
);
CREATE INDEX webhooks_by_tenant ON webhooks (tenant_id, id);

-- Events that an endpoint did not take and that are due again; `seq` is that of the outbox or of the deliveries.
CREATE TABLE webhook_retries (
  webhook_id bigint NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  source     text NOT NULL CHECK (source IN ('outbox', 'delivery')),
  seq        bigint NOT NULL,
  attempts   bigint NOT NULL,
  due_at     bigint NOT NULL,
  PRIMARY KEY (webhook_id, source, seq)
);
CREATE INDEX webhook_retries_by_due ON webhook_retries (webhook_id, due_at);

CREATE TABLE audit_entries (
  id         bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  at         bigint NOT NULL,
  tenant_id  bigint,
  type       text NOT NULL,
  actor_kind text NOT NULL,
  actor_id   bigint,
  actor_name text NOT NULL,
  actor_role text,
  ip         text,
  target     text NOT NULL,
  outcome    text NOT NULL,
  reason     text,
  before     text,
  after      text,
  request_id text
);
CREATE INDEX audit_entries_by_tenant ON audit_entries (tenant_id, id);

-- Units run one by one, on whatever replica: each begins by locking this row.
CREATE TABLE unit_lock (
  id smallint PRIMARY KEY CHECK (id = 1)
);
INSERT INTO unit_lock VALUES (1);

-- Who runs the jobs: whoever holds the lease, until it runs out by the database's clock. Each holder has a term of its own, and
-- what a job writes is refused once the term has passed.
CREATE TABLE leases (
  name   text PRIMARY KEY,
  holder text NOT NULL,
  term   bigint NOT NULL,
  until  bigint NOT NULL
);
