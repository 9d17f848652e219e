-- When a service's daily limit is warned of; which warning of an expiry was told last, in days before it, 0 for none.
ALTER TABLE services ADD COLUMN warn_at_percent integer DEFAULT 80;
ALTER TABLE provider_keys ADD COLUMN expiry_told integer NOT NULL DEFAULT 0;
ALTER TABLE apps ADD COLUMN expiry_told integer NOT NULL DEFAULT 0;
CREATE INDEX provider_keys_by_expiry_told ON provider_keys (expiry_told, expires_at)
  WHERE state IN ('standby', 'active') AND expires_at IS NOT NULL;
CREATE INDEX apps_by_expiry_told ON apps (expiry_told, expires_at) WHERE enabled = 1 AND expires_at IS NOT NULL;

-- What a tenant finds suspicious, where apps are used from, and how often in an hour.
ALTER TABLE tenants ADD COLUMN suspect_new_address integer NOT NULL DEFAULT 1 CHECK (suspect_new_address IN (0, 1));
ALTER TABLE tenants ADD COLUMN suspect_rate_factor integer DEFAULT 10;
ALTER TABLE tenants ADD COLUMN suspect_refusals_per_minute integer DEFAULT 30;

CREATE TABLE app_networks (
  app_id   bigint NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  network  text NOT NULL,
  first_at bigint NOT NULL,
  last_at  bigint NOT NULL,
  PRIMARY KEY (app_id, network)
);

-- `usual`: deliveries in an hour, of `hours` hours with any before the one that runs.
CREATE TABLE app_activity (
  app_id         bigint PRIMARY KEY REFERENCES apps (id) ON DELETE CASCADE,
  since          bigint NOT NULL,
  hour_starts_at bigint NOT NULL,
  hour_count     bigint NOT NULL,
  usual          double precision NOT NULL,
  hours          bigint NOT NULL
);
