-- When each holder of a key was first handed it; null: not before `last_at`.
ALTER TABLE key_holders ADD COLUMN first_at INTEGER;

-- When a key stopped being handed out, kept here; and when everybody who held it had been given another one.
DROP TRIGGER provider_keys_changed;
ALTER TABLE provider_keys ADD COLUMN withdrawn_at INTEGER;
ALTER TABLE provider_keys ADD COLUMN drained_at INTEGER;
UPDATE provider_keys SET withdrawn_at = updated_at WHERE state NOT IN ('standby', 'active');
CREATE INDEX provider_keys_to_drain ON provider_keys (id) WHERE state IN ('retiring', 'burned') AND drained_at IS NULL;
CREATE TRIGGER provider_keys_changed AFTER UPDATE ON provider_keys WHEN NEW.version = OLD.version BEGIN
  UPDATE services SET keys_version = keys_version + 1 WHERE id = NEW.service_id;
  UPDATE provider_keys SET
    version = services.keys_version,
    withdrawn_at = CASE
      WHEN NEW.state IN ('standby', 'active') THEN NULL
      WHEN OLD.state IN ('standby', 'active') THEN NEW.updated_at
      ELSE NEW.withdrawn_at END,
    drained_at = CASE WHEN NEW.state IN ('standby', 'active') THEN NULL ELSE NEW.drained_at END
  FROM services
  WHERE provider_keys.id = NEW.id AND services.id = NEW.service_id;
END;
