-- How often an app may ask, beside its day. Null: no such limit.
ALTER TABLE apps ADD COLUMN rate_per_second bigint;
ALTER TABLE apps ADD COLUMN rate_per_minute bigint;
ALTER TABLE apps ADD COLUMN rate_per_hour bigint;
ALTER TABLE apps ADD COLUMN rate_burst bigint;
-- The newest minute and hour of UTC that an app with such limits has had deliveries in.
CREATE TABLE app_windows (
  app_id           bigint PRIMARY KEY REFERENCES apps (id) ON DELETE CASCADE,
  minute_starts_at bigint NOT NULL,
  minute_count     bigint NOT NULL,
  hour_starts_at   bigint NOT NULL,
  hour_count       bigint NOT NULL
) WITH (fillfactor = 50);
