-- A statement may change very many keys of a service, and its row is then moved on once, not once for each of them: a row
-- that is updated again and again in one transaction is slower to update each time. All keys that a statement adds or
-- changes have one version, the next one of their service.
CREATE OR REPLACE FUNCTION give_key_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Of no service: the foreign key says so.
  NEW.version := coalesce((SELECT keys_version + 1 FROM services WHERE id = NEW.service_id), 0);
  RETURN NEW;
END $$;

CREATE FUNCTION move_keys_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE services SET keys_version = keys_version + 1
  WHERE id IN (SELECT DISTINCT service_id FROM changed);
  RETURN NULL;
END $$;
CREATE TRIGGER provider_keys_inserted AFTER INSERT ON provider_keys REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION move_keys_version();
CREATE TRIGGER provider_keys_updated AFTER UPDATE ON provider_keys REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION move_keys_version();

DROP TRIGGER provider_keys_removed ON provider_keys;
DROP FUNCTION count_removed_key();
CREATE FUNCTION count_removed_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE services SET keys_removed = keys_removed + removed.count
  FROM (SELECT service_id, count(*) FROM gone GROUP BY service_id) AS removed
  WHERE services.id = removed.service_id;
  RETURN NULL;
END $$;
CREATE TRIGGER provider_keys_removed AFTER DELETE ON provider_keys REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION count_removed_keys();
