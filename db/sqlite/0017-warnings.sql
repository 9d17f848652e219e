-- When a service's daily limit is warned of; which warning of an expiry was told last, in days before it, 0 for none.
ALTER TABLE services ADD COLUMN warn_at_percent INTEGER DEFAULT 80;
ALTER TABLE provider_keys ADD COLUMN expiry_told INTEGER NOT NULL DEFAULT 0;
ALTER TABLE apps ADD COLUMN expiry_told INTEGER NOT NULL DEFAULT 0;
CREATE INDEX provider_keys_by_expiry_told ON provider_keys (expiry_told, expires_at)
  WHERE state IN ('standby', 'active') AND expires_at IS NOT NULL;
CREATE INDEX apps_by_expiry_told ON apps (expiry_told, expires_at) WHERE enabled = 1 AND expires_at IS NOT NULL;

-- What a tenant finds suspicious, where apps are used from, and how often in an hour.
ALTER TABLE tenants ADD COLUMN suspect_new_address INTEGER NOT NULL DEFAULT 1 CHECK (suspect_new_address IN (0, 1));
ALTER TABLE tenants ADD COLUMN suspect_rate_factor INTEGER DEFAULT 10;
ALTER TABLE tenants ADD COLUMN suspect_refusals_per_minute INTEGER DEFAULT 30;

CREATE TABLE app_networks (
  app_id   INTEGER NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  network  TEXT NOT NULL,
  first_at INTEGER NOT NULL,
  last_at  INTEGER NOT NULL,
  PRIMARY KEY (app_id, network)
) STRICT, WITHOUT ROWID;

-- `usual`: deliveries in an hour, of `hours` hours with any before the one that runs.
CREATE TABLE app_activity (
  app_id         INTEGER PRIMARY KEY REFERENCES apps (id) ON DELETE CASCADE,
  since          INTEGER NOT NULL,
  hour_starts_at INTEGER NOT NULL,
  hour_count     INTEGER NOT NULL,
  usual          REAL NOT NULL,
  hours          INTEGER NOT NULL
) STRICT;
