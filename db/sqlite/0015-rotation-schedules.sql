-- Turns that end at times of day; and when the turn of each current key ends, so that only those that have are looked at.
ALTER TABLE services ADD COLUMN rotation_schedule TEXT;
ALTER TABLE services ADD COLUMN schedule_since INTEGER;
ALTER TABLE services ADD COLUMN next_rotation_at INTEGER;
UPDATE services SET next_rotation_at = (
  SELECT activated_at + services.rotate_every_minutes * 60000 FROM provider_keys WHERE id = services.current_key_id
) WHERE policy = 'time';
DROP INDEX services_by_time_policy;
CREATE INDEX services_by_next_rotation ON services (next_rotation_at) WHERE next_rotation_at IS NOT NULL;
