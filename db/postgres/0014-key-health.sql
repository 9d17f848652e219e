-- What clients report of keys: a key cools until a time, is quarantined, or burned for good; keys of one bucket cool together.
ALTER TABLE provider_keys
  DROP CONSTRAINT provider_keys_state_check,
  ADD CONSTRAINT provider_keys_state_check
    CHECK (state IN ('standby', 'active', 'retiring', 'retired', 'expired', 'disabled', 'quarantined', 'burned')),
  ALTER COLUMN state SET DEFAULT 'standby',
  ADD COLUMN bucket        text,
  ADD COLUMN cooling_until bigint;
CREATE INDEX provider_keys_by_cooling ON provider_keys (cooling_until) WHERE cooling_until IS NOT NULL;
CREATE INDEX provider_keys_by_bucket ON provider_keys (service_id, bucket) WHERE bucket IS NOT NULL;

-- What was reported of a key since it was last reported to be well; `refused_by` is JSON: [{"app", "network"}].
CREATE TABLE key_health (
  key_id       bigint PRIMARY KEY REFERENCES provider_keys (id) ON DELETE CASCADE,
  coolings     integer NOT NULL,
  cooled_at    bigint,
  cooled_until bigint,
  refusals     integer NOT NULL,
  refused_by   text NOT NULL
);

-- Deliveries that were reported on: each once. Their ids are in the order of time.
CREATE TABLE reports (
  delivery_id text COLLATE "C" PRIMARY KEY,
  outcome     text NOT NULL CHECK (outcome IN ('ok', 'rate_limited', 'unauthorized', 'error')),
  at          bigint NOT NULL
);

CREATE INDEX deliveries_by_delivery ON deliveries (delivery_id);

-- What has been told already and is not to be told again before `until`.
CREATE TABLE told (
  tenant_id bigint NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  name      text NOT NULL,
  until     bigint NOT NULL,
  PRIMARY KEY (tenant_id, name)
);
CREATE INDEX told_by_end ON told (until);
