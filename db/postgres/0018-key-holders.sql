-- When each holder of a key was first handed it; null: not before `last_at`.
ALTER TABLE key_holders ADD COLUMN first_at bigint;

-- When a key stopped being handed out, kept here; and when everybody who held it had been given another one.
ALTER TABLE provider_keys
  ADD COLUMN withdrawn_at bigint,
  ADD COLUMN drained_at   bigint;
UPDATE provider_keys SET withdrawn_at = updated_at WHERE state NOT IN ('standby', 'active');
CREATE INDEX provider_keys_to_drain ON provider_keys (id) WHERE state IN ('retiring', 'burned') AND drained_at IS NULL;

CREATE OR REPLACE FUNCTION give_key_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Of no service: the foreign key says so.
  NEW.version := coalesce((SELECT keys_version + 1 FROM services WHERE id = NEW.service_id), 0);
  IF NEW.state IN ('standby', 'active') THEN
    NEW.withdrawn_at := NULL;
    NEW.drained_at := NULL;
  ELSIF TG_OP = 'UPDATE' AND OLD.state IN ('standby', 'active') THEN
    NEW.withdrawn_at := NEW.updated_at;
  END IF;
  RETURN NEW;
END $$;
