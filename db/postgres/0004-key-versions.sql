-- A service may have very many keys: each key has the version that its service's keys had come to when it was added or
-- changed last, so that who knows the service reads only what has changed. Removed keys are counted, for they leave no row.
-- All of it is done under the lock of the tenant's row, as every change of a key is.
ALTER TABLE services ADD COLUMN keys_version bigint NOT NULL DEFAULT 0;
ALTER TABLE services ADD COLUMN keys_removed bigint NOT NULL DEFAULT 0;
ALTER TABLE provider_keys ADD COLUMN version bigint NOT NULL DEFAULT 0;
CREATE INDEX provider_keys_by_version ON provider_keys (service_id, version, id);

CREATE FUNCTION give_key_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE services SET keys_version = keys_version + 1 WHERE id = NEW.service_id
  RETURNING keys_version INTO NEW.version;
  NEW.version := coalesce(NEW.version, 0); -- Of no service: the foreign key says so.
  RETURN NEW;
END $$;
CREATE TRIGGER provider_keys_changed BEFORE INSERT OR UPDATE ON provider_keys
  FOR EACH ROW EXECUTE FUNCTION give_key_version();

CREATE FUNCTION count_removed_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE services SET keys_removed = keys_removed + 1 WHERE id = OLD.service_id;
  RETURN NULL;
END $$;
CREATE TRIGGER provider_keys_removed AFTER DELETE ON provider_keys
  FOR EACH ROW EXECUTE FUNCTION count_removed_key();
