-- What clients report of keys: a key cools until a time, is quarantined, or burned for good; keys of one bucket cool together.
DROP TRIGGER provider_keys_changed;
DROP INDEX provider_keys_by_expiry;
DROP INDEX provider_keys_by_retirement;
ALTER TABLE provider_keys ADD COLUMN stored_state TEXT NOT NULL DEFAULT 'standby'
  CHECK (stored_state IN ('standby', 'active', 'retiring', 'retired', 'expired', 'disabled', 'quarantined', 'burned'));
UPDATE provider_keys SET stored_state = state;
ALTER TABLE provider_keys DROP COLUMN state;
ALTER TABLE provider_keys RENAME COLUMN stored_state TO state;
ALTER TABLE provider_keys ADD COLUMN bucket TEXT;
ALTER TABLE provider_keys ADD COLUMN cooling_until INTEGER;
CREATE INDEX provider_keys_by_expiry ON provider_keys (expires_at) WHERE state IN ('standby', 'active');
CREATE INDEX provider_keys_by_retirement ON provider_keys (retires_at) WHERE state = 'retiring';
CREATE INDEX provider_keys_by_cooling ON provider_keys (cooling_until) WHERE cooling_until IS NOT NULL;
CREATE INDEX provider_keys_by_bucket ON provider_keys (service_id, bucket) WHERE bucket IS NOT NULL;
CREATE TRIGGER provider_keys_changed AFTER UPDATE ON provider_keys WHEN NEW.version = OLD.version BEGIN
  UPDATE services SET keys_version = keys_version + 1 WHERE id = NEW.service_id;
  UPDATE provider_keys SET version = services.keys_version FROM services
  WHERE provider_keys.id = NEW.id AND services.id = NEW.service_id;
END;

-- What was reported of a key since it was last reported to be well; `refused_by` is JSON: [{"app", "network"}].
CREATE TABLE key_health (
  key_id       INTEGER PRIMARY KEY REFERENCES provider_keys (id) ON DELETE CASCADE,
  coolings     INTEGER NOT NULL,
  cooled_at    INTEGER,
  cooled_until INTEGER,
  refusals     INTEGER NOT NULL,
  refused_by   TEXT NOT NULL
) STRICT;

-- Deliveries that were reported on: each once. Their ids are in the order of time.
CREATE TABLE reports (
  delivery_id TEXT PRIMARY KEY,
  outcome     TEXT NOT NULL CHECK (outcome IN ('ok', 'rate_limited', 'unauthorized', 'error')),
  at          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX deliveries_by_delivery ON deliveries (delivery_id);

-- What has been told already and is not to be told again before `until`.
CREATE TABLE told (
  tenant_id INTEGER NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  name      TEXT NOT NULL,
  until     INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX told_by_end ON told (until);
