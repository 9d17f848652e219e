/**
 * Counts over all tenants, for the metrics. Each goes by an index for every service, app or endpoint that it is about, and
 * reads none of their deliveries.
 */
import { sql } from 'kysely';
import type { Reader } from '../rows.ts';

/** No window of a limit day lasts longer, whatever becomes of its time zone. */
const LONGEST_DAY_MS = 3 * 86_400_000;
/** How many deliveries beyond an endpoint's cursor are looked at, whoever's they are. */
const SCAN = 20_000;

/** Those that are switched on and have a daily limit, and how many of them have used so much of it. */
export interface LimitsUsed {
  readonly limited: number;
  /** 90 % or more. */
  readonly nearly: number;
  readonly wholly: number;
}

/** The limit days are those of `settled`. */
export async function countLimitsUsed(
  db: Reader,
  subject: 'service' | 'app',
  settled: number,
): Promise<LimitsUsed> {
  const table = sql.table(subject === 'service' ? 'services' : 'apps');
  const { rows } = await sql<LimitsUsed>`
    SELECT count(*) AS limited,
           coalesce(sum(CASE WHEN coalesce(counters.count, 0) * 10 >= max_daily_requests * 9 THEN 1 ELSE 0 END), 0) AS nearly,
           coalesce(sum(CASE WHEN coalesce(counters.count, 0) >= max_daily_requests THEN 1 ELSE 0 END), 0) AS wholly
    FROM ${table} AS limited
    LEFT JOIN counters ON counters.subject = ${subject} AND counters.subject_id = limited.id
      AND counters.starts_at > ${settled - LONGEST_DAY_MS} AND counters.starts_at <= ${settled}
      AND counters.ends_at > ${settled}
    WHERE max_daily_requests IS NOT NULL AND enabled = 1`.execute(db);
  return rows[0] ?? { limited: 0, nearly: 0, wholly: 0 };
}

export const ENDPOINT_STATES = ['working', 'failing', 'paused', 'disabled'] as const;
export type EndpointState = (typeof ENDPOINT_STATES)[number];

/** `failing` took nothing of what it was last sent and is about to be tried again; `paused` is let alone at `now`. */
export async function countEndpoints(db: Reader, now: number): Promise<Record<EndpointState, number>> {
  const { rows } = await sql<{ state: EndpointState; count: number }>`
    SELECT CASE WHEN enabled = 0 THEN 'disabled' WHEN paused_until > ${now} THEN 'paused'
                WHEN failures > 0 THEN 'failing' ELSE 'working' END AS state, count(*) AS count
    FROM webhooks GROUP BY 1`.execute(db);
  const counts = { working: 0, failing: 0, paused: 0, disabled: 0 };
  for (const { state, count } of rows) counts[state] = count;
  return counts;
}

/** How many attempts at events that were not taken before are due at `now`. */
export async function countRetriesDue(db: Reader, now: number): Promise<number> {
  const { count } = await db
    .selectFrom('webhooks')
    .innerJoin('webhook_retries', 'webhook_retries.webhook_id', 'webhooks.id')
    .select((of) => of.fn.countAll<number>().as('count'))
    .where('webhooks.enabled', '=', 1)
    .where('webhook_retries.due_at', '<=', now)
    .executeTakeFirstOrThrow();
  return count;
}

/** Keys that turned out not to decrypt, and were neither enabled again nor deleted. */
export async function countBrokenKeys(db: Reader): Promise<number> {
  const { count } = await db
    .selectFrom('provider_keys')
    .select((of) => of.fn.countAll<number>().as('count'))
    .where('decrypt_failed_at', 'is not', null)
    .executeTakeFirstOrThrow();
  return count;
}

/** When the oldest event happened that an endpoint which is switched on has not taken yet; null where there is none. */
export async function oldestUntaken(db: Reader): Promise<number | null> {
  const { rows } = await sql<{ at: number | null }>`
    SELECT min(at) AS at FROM (
      SELECT (SELECT at FROM outbox WHERE outbox.tenant_id = webhooks.tenant_id AND seq > outbox_cursor
                AND (events LIKE '%"*"%' OR events LIKE '%"' || outbox.type || '"%')
              ORDER BY seq LIMIT 1) AS at
      FROM webhooks WHERE enabled = 1
      UNION ALL
      SELECT (SELECT at FROM deliveries WHERE deliveries.tenant_id = webhooks.tenant_id
                AND seq > delivery_cursor AND seq <= delivery_cursor + ${SCAN}
              ORDER BY seq LIMIT 1)
      FROM webhooks WHERE enabled = 1 AND events LIKE '%"key.delivered"%'
      UNION ALL
      SELECT (SELECT at FROM webhook_retries AS retry JOIN outbox ON outbox.seq = retry.seq
              WHERE retry.webhook_id = webhooks.id AND retry.source = 'outbox' ORDER BY retry.seq LIMIT 1)
      FROM webhooks WHERE enabled = 1
      UNION ALL
      SELECT (SELECT at FROM webhook_retries AS retry JOIN deliveries ON deliveries.seq = retry.seq
              WHERE retry.webhook_id = webhooks.id AND retry.source = 'delivery' ORDER BY retry.seq LIMIT 1)
      FROM webhooks WHERE enabled = 1
    ) AS oldest`.execute(db);
  return rows[0]?.at ?? null;
}
