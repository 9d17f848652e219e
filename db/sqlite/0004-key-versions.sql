-- A service may have very many keys: each key has the version that its service's keys had come to when it was added or
-- changed last, so that who knows the service reads only what has changed. Removed keys are counted, for they leave no row.
ALTER TABLE services ADD COLUMN keys_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE services ADD COLUMN keys_removed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE provider_keys ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
CREATE INDEX provider_keys_by_version ON provider_keys (service_id, version, id);

CREATE TRIGGER provider_keys_added AFTER INSERT ON provider_keys BEGIN
  UPDATE services SET keys_version = keys_version + 1 WHERE id = NEW.service_id;
  UPDATE provider_keys SET version = services.keys_version FROM services
  WHERE provider_keys.id = NEW.id AND services.id = NEW.service_id;
END;

-- The change of the version itself is none.
CREATE TRIGGER provider_keys_changed AFTER UPDATE ON provider_keys WHEN NEW.version = OLD.version BEGIN
  UPDATE services SET keys_version = keys_version + 1 WHERE id = NEW.service_id;
  UPDATE provider_keys SET version = services.keys_version FROM services
  WHERE provider_keys.id = NEW.id AND services.id = NEW.service_id;
END;

CREATE TRIGGER provider_keys_removed AFTER DELETE ON provider_keys BEGIN
  UPDATE services SET keys_removed = keys_removed + 1 WHERE id = OLD.service_id;
END;
