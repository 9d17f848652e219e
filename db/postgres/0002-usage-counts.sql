-- Deliveries and refusals summed per minute, hour and day of UTC: what statistics read, however long the history is.
-- `app_id` 0: the client token; `key_id` 0: none, as of a refusal; `outcome`: 'delivered', or why it was refused.
CREATE TABLE usage_counts (
  tenant_id  bigint NOT NULL,
  bucket_ms  bigint NOT NULL,
  starts_at  bigint NOT NULL,
  service_id bigint NOT NULL,
  app_id     bigint NOT NULL,
  key_id     bigint NOT NULL,
  outcome    text COLLATE "C" NOT NULL,
  count      bigint NOT NULL,
  PRIMARY KEY (tenant_id, bucket_ms, starts_at, service_id, app_id, key_id, outcome)
) WITH (fillfactor = 50);

INSERT INTO usage_counts
SELECT tenant_id, bucket_ms, at - at % bucket_ms, service_id, coalesce(app_id, 0), key_id, 'delivered', count(*)
FROM deliveries, (VALUES (60000), (3600000), (86400000)) AS widths (bucket_ms)
GROUP BY 1, 2, 3, 4, 5, 6;

INSERT INTO usage_counts
SELECT tenant_id, bucket_ms, minute - minute % bucket_ms, service_id, app_id, 0, reason, sum(count)
FROM refusals, (VALUES (60000), (3600000), (86400000)) AS widths (bucket_ms)
GROUP BY 1, 2, 3, 4, 5, reason;

-- Who was handed which key unmasked, and when last (to the minute): known for as long as the key exists.
CREATE TABLE key_holders (
  key_id  bigint NOT NULL REFERENCES provider_keys (id) ON DELETE CASCADE,
  app_id  bigint NOT NULL,
  ip      text COLLATE "C" NOT NULL,
  last_at bigint NOT NULL,
  PRIMARY KEY (key_id, app_id, ip)
) WITH (fillfactor = 50);

INSERT INTO key_holders
SELECT key_id, coalesce(app_id, 0), ip, max(at) FROM deliveries
WHERE masked = 0 AND key_id IN (SELECT id FROM provider_keys) GROUP BY 1, 2, 3;
