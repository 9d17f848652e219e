-- Turns that end at times of day; and when the turn of each current key ends, so that only those that have are looked at.
ALTER TABLE services ADD COLUMN rotation_schedule text;
ALTER TABLE services ADD COLUMN schedule_since bigint;
ALTER TABLE services ADD COLUMN next_rotation_at bigint;
UPDATE services SET next_rotation_at = provider_keys.activated_at + services.rotate_every_minutes * 60000
  FROM provider_keys WHERE provider_keys.id = services.current_key_id AND services.policy = 'time';
DROP INDEX services_by_time_policy;
CREATE INDEX services_by_next_rotation ON services (next_rotation_at) WHERE next_rotation_at IS NOT NULL;
