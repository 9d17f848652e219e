/** What the sums that statistics read have to agree with at any time: the deliveries themselves. For either engine. */
const ORDER = 'ORDER BY tenant_id, bucket_ms, starts_at, service_id, app_id, key_id';

export const SUMMED = `
SELECT tenant_id, bucket_ms, starts_at, service_id, app_id, key_id, count FROM usage_counts
WHERE outcome = 'delivered' ${ORDER}`;

export const FROM_DELIVERIES = `
SELECT tenant_id, bucket_ms, at - at % bucket_ms AS starts_at, service_id, coalesce(app_id, 0) AS app_id, key_id,
  count(*) AS count
FROM deliveries
CROSS JOIN (SELECT 60000 AS bucket_ms UNION ALL SELECT 3600000 UNION ALL SELECT 86400000) AS widths
GROUP BY 1, 2, 3, 4, 5, 6 ${ORDER}`;
