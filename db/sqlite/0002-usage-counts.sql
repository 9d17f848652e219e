-- Deliveries and refusals summed per minute, hour and day of UTC: what statistics read, however long the history is.
-- `app_id` 0: the client token; `key_id` 0: none, as of a refusal; `outcome`: 'delivered', or why it was refused.
CREATE TABLE usage_counts (
  tenant_id  INTEGER NOT NULL,
  bucket_ms  INTEGER NOT NULL,
  starts_at  INTEGER NOT NULL,
  service_id INTEGER NOT NULL,
  app_id     INTEGER NOT NULL,
  key_id     INTEGER NOT NULL,
  outcome    TEXT NOT NULL,
  count      INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, bucket_ms, starts_at, service_id, app_id, key_id, outcome)
) STRICT, WITHOUT ROWID;

INSERT INTO usage_counts
SELECT tenant_id, bucket_ms, at - at % bucket_ms, service_id, coalesce(app_id, 0), key_id, 'delivered', count(*)
FROM deliveries, (SELECT 60000 AS bucket_ms UNION ALL SELECT 3600000 UNION ALL SELECT 86400000)
GROUP BY 1, 2, 3, 4, 5, 6;

INSERT INTO usage_counts
SELECT tenant_id, bucket_ms, minute - minute % bucket_ms, service_id, app_id, 0, reason, sum(count)
FROM refusals, (SELECT 60000 AS bucket_ms UNION ALL SELECT 3600000 UNION ALL SELECT 86400000)
GROUP BY 1, 2, 3, 4, 5, reason;

-- Who was handed which key unmasked, and when last (to the minute): known for as long as the key exists.
CREATE TABLE key_holders (
  key_id  INTEGER NOT NULL REFERENCES provider_keys (id) ON DELETE CASCADE,
  app_id  INTEGER NOT NULL,
  ip      TEXT NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (key_id, app_id, ip)
) STRICT, WITHOUT ROWID;

INSERT INTO key_holders
SELECT key_id, coalesce(app_id, 0), ip, max(at) FROM deliveries
WHERE masked = 0 AND key_id IN (SELECT id FROM provider_keys) GROUP BY 1, 2, 3;
