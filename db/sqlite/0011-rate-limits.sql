-- How often an app may ask, beside its day. Null: no such limit.
ALTER TABLE apps ADD COLUMN rate_per_second INTEGER;
ALTER TABLE apps ADD COLUMN rate_per_minute INTEGER;
ALTER TABLE apps ADD COLUMN rate_per_hour INTEGER;
ALTER TABLE apps ADD COLUMN rate_burst INTEGER;
-- The newest minute and hour of UTC that an app with such limits has had deliveries in.
CREATE TABLE app_windows (
  app_id           INTEGER PRIMARY KEY REFERENCES apps (id) ON DELETE CASCADE,
  minute_starts_at INTEGER NOT NULL,
  minute_count     INTEGER NOT NULL,
  hour_starts_at   INTEGER NOT NULL,
  hour_count       INTEGER NOT NULL
) STRICT;
