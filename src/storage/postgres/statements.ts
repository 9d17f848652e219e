/**
 * The statements that a batch consists of. A connection prepares them once, and what belongs to one round trip is sent as
 * one message: each message by itself costs the server and the replica a turn.
 */
import type pg from 'pg';

/** The parameters that {@link writes} has; those of what follows it come after them. */
const WRITTEN = 35;
const WRITTEN_WITH_WINDOWS = 40;

/**
 * Every parameter is an array, so that one prepared statement serves batches of any size. Nothing is written unless
 * `condition` holds; `windows`: whether minutes and hours of apps are written, too.
 */
function writes(condition: string, windows: boolean): string {
  return `recorded AS (
  INSERT INTO deliveries (delivery_id, at, tenant_id, service_id, key_id, app_id, ip, masked, usage_today)
  SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
                       $7::text[], $8::smallint[], $9::bigint[]) WHERE ${condition}
  RETURNING tenant_id, seq
), counted AS (
  INSERT INTO counters (subject, subject_id, starts_at, ends_at, count, last_at)
  SELECT * FROM unnest($10::text[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[]) WHERE ${condition}
  ON CONFLICT (subject, subject_id, starts_at) DO UPDATE SET count = excluded.count, last_at = excluded.last_at
), balanced AS (
  INSERT INTO key_balances (key_id, finish, turn, last_delivered_at)
  SELECT * FROM unnest($16::bigint[], $17::float8[], $18::bigint[], $19::bigint[]) WHERE ${condition}
  ON CONFLICT (key_id) DO UPDATE
  SET finish = excluded.finish, turn = excluded.turn, last_delivered_at = excluded.last_delivered_at
), summed AS (
  INSERT INTO usage_counts (tenant_id, bucket_ms, starts_at, service_id, app_id, key_id, outcome, count)
  SELECT * FROM unnest($20::bigint[], $21::bigint[], $22::bigint[], $23::bigint[], $24::bigint[], $25::bigint[],
                       $26::text[], $27::bigint[]) WHERE ${condition}
  ON CONFLICT (tenant_id, bucket_ms, starts_at, service_id, app_id, key_id, outcome) DO UPDATE
  SET count = usage_counts.count + excluded.count
), handed_out AS (
  INSERT INTO key_holders (key_id, app_id, ip, first_at, last_at)
  SELECT * FROM unnest($28::bigint[], $29::bigint[], $30::text[], $31::bigint[], $32::bigint[]) WHERE ${condition}
  ON CONFLICT (key_id, app_id, ip) DO UPDATE
  SET first_at = coalesce(key_holders.first_at, key_holders.last_at), last_at = excluded.last_at
), ended AS (
  DELETE FROM counters USING unnest($33::text[], $34::bigint[], $35::bigint[]) AS begun (subject, subject_id, starts_at)
  WHERE counters.subject = begun.subject AND counters.subject_id = begun.subject_id
    AND counters.starts_at < begun.starts_at AND ${condition}
)${windows ? writesWindows(condition) : ''}`;
}

function writesWindows(condition: string): string {
  return `, limited AS (
  INSERT INTO app_windows (app_id, minute_starts_at, minute_count, hour_starts_at, hour_count)
  SELECT * FROM unnest($36::bigint[], $37::bigint[], $38::bigint[], $39::bigint[], $40::bigint[]) WHERE ${condition}
  ON CONFLICT (app_id) DO UPDATE SET minute_starts_at = excluded.minute_starts_at, minute_count = excluded.minute_count,
    hour_starts_at = excluded.hour_starts_at, hour_count = excluded.hour_count
)`;
}

const LAST_SEQ =
  'coalesce((SELECT max(seq) FROM recorded WHERE recorded.tenant_id = tenants.id), tenants.last_seq)';

/** How far the clock may be from the time that a batch was decided by: the way there and back, and a pause of the process. */
const MAX_TIME_OFF_MS = 2_000;

/** The database's time when the rest of a statement is done, in Unix milliseconds. */
const NOW = '(extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now';

/** Locks tenants' rows in the order in which every replica locks them. */
function lockTenants(others: '' | 'SKIP LOCKED'): string {
  return `
WITH held AS MATERIALIZED (
  SELECT id, config_version, last_seq FROM tenants WHERE id = ANY($1::bigint[]) ORDER BY id
  FOR NO KEY UPDATE ${others}
)
SELECT held.*, ${NOW} FROM held`;
}

/** Records deliveries in their order, sets counters and balances to what they have come to, and moves each tenant's row on. */
function writeBatch(windows: boolean): string {
  const at = windows ? WRITTEN_WITH_WINDOWS : WRITTEN;
  return `
WITH ${writes('true', windows)}
UPDATE tenants SET last_seq = ${LAST_SEQ}, config_version = config_version + moved.by
FROM unnest($${at + 1}::bigint[], $${at + 2}::bigint[]) AS moved (id, by)
WHERE tenants.id = moved.id
RETURNING tenants.id, last_seq, config_version`;
}

/**
 * The same in one statement that locks and compares for itself: it writes everything where each of the tenants' rows is
 * the expected one and nobody holds it, and the clock is where it was expected, and else nothing, and returns no row.
 */
function writeBatchIfUnmoved(windows: boolean): string {
  const at = windows ? WRITTEN_WITH_WINDOWS : WRITTEN;
  return `
WITH held AS MATERIALIZED (
  SELECT tenants.id
  FROM unnest($${at + 1}::bigint[], $${at + 2}::bigint[], $${at + 3}::bigint[]) AS expected (id, config_version, last_seq)
  JOIN tenants ON tenants.id = expected.id
    AND tenants.config_version = expected.config_version AND tenants.last_seq = expected.last_seq
  ORDER BY tenants.id
  FOR NO KEY UPDATE OF tenants SKIP LOCKED
), complete AS MATERIALIZED (
  SELECT count(*) = cardinality($${at + 1}::bigint[])
    AND abs(extract(epoch FROM clock_timestamp()) * 1000 - $${at + 4}::float8) < ${MAX_TIME_OFF_MS} AS yes
  FROM held
), ${writes('(SELECT yes FROM complete)', windows)}
UPDATE tenants SET last_seq = ${LAST_SEQ}
FROM held
WHERE tenants.id = held.id AND (SELECT yes FROM complete)
RETURNING tenants.id, last_seq, config_version, ${NOW}`;
}

const STATEMENTS = {
  /** Those that nobody else holds. */
  lock_tenants: lockTenants('SKIP LOCKED'),
  wait_for_tenants: lockTenants(''),

  /**
   * The last day of services and apps, and of each service the keys whose turn came after the one that is remembered: in a
   * day that has begun since no other has served. All where the day that is remembered is a later one.
   */
  read_counters: `
SELECT wanted.subject, wanted.id, day.starts_at, day.ends_at, day.count, used.*
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[]) AS wanted (subject, id, turn_before, day_before)
LEFT JOIN LATERAL (
  SELECT starts_at, ends_at, count FROM counters
  WHERE counters.subject = wanted.subject AND counters.subject_id = wanted.id
  ORDER BY starts_at DESC LIMIT 1
) AS day ON true
LEFT JOIN LATERAL (
  SELECT provider_keys.id AS key_id, weight, finish, turn, coalesce(counters.count, 0) AS key_count
  FROM provider_keys
  JOIN key_balances ON key_balances.key_id = provider_keys.id
  LEFT JOIN counters ON counters.subject = 'key' AND counters.subject_id = provider_keys.id
    AND counters.starts_at = day.starts_at
  WHERE provider_keys.service_id = wanted.id
    AND (turn > turn_before OR day_before > coalesce(day.starts_at, 0))
) AS used ON wanted.subject = 'service'`,

  /** The minute and the hour of apps that count them. */
  read_windows: 'SELECT * FROM app_windows WHERE app_id = ANY($1::bigint[])',

  write_batch: writeBatch(false),
  write_batch_and_windows: writeBatch(true),
  write_batch_if_unmoved: writeBatchIfUnmoved(false),
  write_batch_if_unmoved_and_windows: writeBatchIfUnmoved(true),

  /** Those of these nonces that were spent, and are remembered at a time; under the lock of their tenants' rows. */
  read_nonces: `
SELECT app_id, nonce
FROM unnest($1::bigint[], $2::text[]) AS wanted (app_id, nonce) JOIN spent_nonces USING (app_id, nonce)
WHERE until > $3`,

  /** The place of a delivery that a lost connection left in doubt; under the lock of its tenant's row the answer is final. */
  find_delivery: 'SELECT seq FROM deliveries WHERE tenant_id = $1 AND seq > $2 AND delivery_id = $3',
};

/** Spends the nonces of a batch; by the lock, none of them is spent. */
export const SPEND_NONCES = `
INSERT INTO spent_nonces (app_id, nonce, until) SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[])
ON CONFLICT (app_id, nonce) DO UPDATE SET until = excluded.until`;

/** Makes the statements known to a connection, in which quotes and NULL then mean what {@link execute} and {@link array} take them to mean. */
export async function prepareStatements(client: pg.Client): Promise<void> {
  const prepared = Object.entries(STATEMENTS).map(([name, text]) => `PREPARE ${name} AS ${text}`);
  const settings = [
    'SET standard_conforming_strings = on',
    'SET array_nulls = on',
    // Whatever the arrays hold, the plan is the same: to make one for each batch takes as long as to carry it out.
    'SET plan_cache_mode = force_generic_plan',
  ];
  await client.query([...settings, ...prepared].join(';\n'));
}

/** A prepared statement with its parameters, as text to be sent. */
export function execute(name: keyof typeof STATEMENTS, parameters: readonly (string | number)[]): string {
  return `EXECUTE ${name}(${parameters.map((value) => `'${String(value).replaceAll("'", "''")}'`).join(',')})`;
}

/** Statements in one message; resolves with one result each. The first that fails keeps the others from being run. */
export async function sendTogether(
  client: pg.Client,
  statements: readonly string[],
): Promise<pg.QueryResult[]> {
  // The driver has an array for more than one statement, and its types do not know that.
  const results: pg.QueryResult | pg.QueryResult[] = await client.query(statements.join(';\n'));
  return Array.isArray(results) ? results : [results];
}

/** A parameter that is an array of numbers. */
export function array(values: readonly (number | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : value)).join(',')}}`;
}

/** A parameter that is an array of text. */
export function textArray(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}
