-- History lies in a partition per day of UTC, so that a day is removed at once. What came before, and what belongs to a day
-- that has no partition, lies in the default one.
CREATE SEQUENCE delivery_seq;
SELECT setval('delivery_seq', coalesce(max(seq), 0) + 1, false) FROM deliveries;

ALTER TABLE deliveries RENAME TO deliveries_default;
ALTER TABLE deliveries_default ALTER COLUMN seq DROP IDENTITY;
ALTER TABLE deliveries_default DROP CONSTRAINT deliveries_pkey;
DROP INDEX deliveries_by_tenant, deliveries_by_service;

-- Within a tenant `seq` is the order of the commits, since it is given under the lock of the tenant's row.
CREATE TABLE deliveries (
  seq         bigint NOT NULL DEFAULT nextval('delivery_seq'),
  delivery_id text NOT NULL,
  at          bigint NOT NULL,
  tenant_id   bigint NOT NULL,
  service_id  bigint NOT NULL,
  key_id      bigint NOT NULL,
  app_id      bigint,
  ip          text NOT NULL,
  masked      smallint NOT NULL,
  usage_today bigint NOT NULL,
  PRIMARY KEY (tenant_id, seq, at)
) PARTITION BY RANGE (at);
CREATE INDEX deliveries_by_service ON deliveries (service_id, seq);
ALTER SEQUENCE delivery_seq OWNED BY deliveries.seq;
ALTER TABLE deliveries_default ALTER COLUMN seq SET DEFAULT nextval('delivery_seq');
ALTER TABLE deliveries ATTACH PARTITION deliveries_default DEFAULT;

-- Makes the partitions of today and of the days that follow. A day that has rows in the default partition gets none. In the
-- name of the schema's owner, so that whoever serves need not be allowed to change the schema; a lock that is not to be had
-- at once is asked for another time (55P03).
CREATE FUNCTION make_delivery_partitions(ahead integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET lock_timeout = '250ms' AS $$
DECLARE
  today integer := floor(extract(epoch FROM clock_timestamp()) / 86400);
  name  text;
BEGIN
  FOR day IN today .. today + least(greatest(ahead, 0), 30) LOOP
    name := 'deliveries_' || to_char(to_timestamp(day * 86400::bigint) AT TIME ZONE 'UTC', 'YYYYMMDD');
    CONTINUE WHEN to_regclass(name) IS NOT NULL;
    BEGIN
      EXECUTE format('CREATE TABLE %I (LIKE deliveries INCLUDING DEFAULTS)', name);
      EXECUTE format('ALTER TABLE deliveries ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)',
                     name, day * 86400000::bigint, (day + 1) * 86400000::bigint);
    EXCEPTION WHEN duplicate_table OR duplicate_object OR unique_violation OR check_violation THEN
      NULL; -- Another replica was first, or the default partition has rows of that day.
    END;
  END LOOP;
END $$;

-- Removes the oldest partition where its day was over at `before`, in Unix milliseconds, or where the days after
-- it have `rows` rows (null: any number may stay). Returns its day, or null where there is none to remove.
CREATE FUNCTION drop_delivery_partition(before bigint, rows bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET lock_timeout = '250ms' AS $$
DECLARE
  name   text;
  others bigint;
BEGIN
  SELECT min(relname) INTO name FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
  WHERE inhparent = 'deliveries'::regclass AND relname ~ '^deliveries_[0-9]{8}$';
  SELECT sum(pg_stat_get_live_tuples(inhrelid)) INTO others FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
  WHERE inhparent = 'deliveries'::regclass AND relname ~ '^deliveries_[0-9]{8}$' AND relname <> name;
  IF extract(epoch FROM (right(name, 8)::date + 1)::timestamp) * 1000 <= before OR others >= rows THEN
    EXECUTE format('DROP TABLE %I', name);
    RETURN right(name, 8);
  END IF;
  RETURN NULL;
END $$;

-- They see the vault's own tables, and nothing that whoever calls them has put in the way.
DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION make_delivery_partitions SET search_path = %I, pg_temp', current_schema());
  EXECUTE format('ALTER FUNCTION drop_delivery_partition SET search_path = %I, pg_temp', current_schema());
END $$;

REVOKE ALL ON FUNCTION make_delivery_partitions(integer), drop_delivery_partition(bigint, bigint) FROM PUBLIC;
