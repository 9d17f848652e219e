/** What the database says of a chaos test when it is over, held against what the callers were told. */
import { isDeepStrictEqual } from 'node:util';
import type { Caller, Received } from './chaos-cast.ts';
import type { TestDatabase } from './postgres-database.ts';
import { FROM_DELIVERIES, SUMMED } from './usage-sums.ts';

/** The id of a service, an app or a key → the highest limit that it ever had. */
export interface Limits {
  readonly service: Map<number, number>;
  readonly app: Map<number, number>;
  readonly key: Map<number, number>;
  /** A service under `usage` whose keys are equal and never change. */
  equalKeys: number;
  /** A service under `time` whose keys cycle in the order of their ids. */
  circle: number;
}

export interface Findings {
  readonly violations: string[];
  readonly received: number;
  readonly rows: number;
  /** Requests whose callers were never told what became of them, or that it could not be recorded. */
  readonly unanswered: number;
}

interface Row {
  readonly seq: number;
  readonly delivery_id: string;
  readonly at: number;
  readonly tenant_id: number;
  readonly service_id: number;
  readonly key_id: number;
  readonly app_id: number | null;
  readonly ip: string;
  readonly usage_today: number;
}

interface CounterRow {
  readonly subject: 'service' | 'app' | 'key';
  readonly subject_id: number;
  readonly starts_at: number;
  readonly count: number;
}

export async function findViolations(
  database: TestDatabase,
  callers: readonly Caller[],
  limits: Limits,
): Promise<Findings> {
  const rows = await database.query<Row>('SELECT * FROM deliveries ORDER BY seq');
  const counters = await database.query<CounterRow>(
    'SELECT subject, subject_id, starts_at, count FROM counters',
  );
  const byService = Map.groupBy(rows, (row) => row.service_id);
  const byAddress = Map.groupBy(rows, (row) => row.ip);
  const received = new Map<string, Received>();
  for (const { outcomes } of callers) {
    for (const outcome of outcomes) if (outcome !== null) received.set(outcome.delivery_id, outcome);
  }
  const labels = await database.query<{ id: number; label: string }>('SELECT id, label FROM provider_keys');
  const labelOf = new Map(labels.map(({ id, label }) => [id, label]));
  return {
    received: received.size,
    rows: callers.reduce((sum, { address }) => sum + (byAddress.get(address)?.length ?? 0), 0),
    unanswered: callers.reduce(
      (sum, { outcomes }) => sum + outcomes.filter((each) => each === null).length,
      0,
    ),
    violations: [
      ...unrecorded(rows, received, labelOf),
      ...[...byService].flatMap(([id, of]) =>
        wrongOrdinals(id, of, received, countOf(counters, 'service', id)),
      ),
      ...wrongSums(rows, counters),
      ...overLimit(counters, limits),
      ...callers.flatMap((caller) => chargedTwice(caller, byAddress.get(caller.address) ?? [])),
      ...uneven(byService.get(limits.equalKeys) ?? []),
      ...outOfTurn(byService.get(limits.circle) ?? []),
      ...(await wrongPlaces(database, byService)),
      ...(await wrongStatistics(database)),
    ],
  };
}

/** Of the window that is counted in. */
function countOf(counters: readonly CounterRow[], subject: string, id: number): number | undefined {
  return counters.find((row) => row.subject === subject && row.subject_id === id)?.count;
}

/** P1: each delivery that was received is on record once, as it was received. */
function unrecorded(
  rows: readonly Row[],
  received: ReadonlyMap<string, Received>,
  labelOf: ReadonlyMap<number, string>,
): string[] {
  const byId = Map.groupBy(rows, (row) => row.delivery_id);
  const found = [...received.values()].filter((delivery) => {
    const [row, ...more] = byId.get(delivery.delivery_id) ?? [];
    return (
      more.length > 0 ||
      row?.key_id !== delivery.key_id ||
      row.usage_today !== delivery.usage_today ||
      labelOf.get(delivery.key_id) !== delivery.key_label
    );
  });
  return found.map((delivery) => `received, but not so on record: ${JSON.stringify(delivery)}`);
}

/** P2: in each limit day the ordinals are 1, 2, 3 …, of the service and of each key, and the counter has come to the last one. */
function wrongOrdinals(
  serviceId: number,
  rows: readonly Row[],
  received: ReadonlyMap<string, Received>,
  counted: number | undefined,
): string[] {
  const found: string[] = [];
  let last = 0;
  let ofKeys = new Map<number, number>();
  for (const { seq, delivery_id, key_id, usage_today } of rows) {
    if (usage_today === 1) {
      ofKeys = new Map();
    } else if (usage_today !== last + 1) {
      found.push(`service ${serviceId}: ${usage_today} follows ${last} at ${seq}`);
    }
    last = usage_today;
    const ordinal = (ofKeys.get(key_id) ?? 0) + 1;
    ofKeys.set(key_id, ordinal);
    const told = received.get(delivery_id)?.key_usage_today ?? ordinal;
    if (told !== ordinal)
      found.push(`key ${key_id}: ${delivery_id} was its ${ordinal}, and was told as ${told}`);
  }
  if (last !== counted) found.push(`service ${serviceId}: ${last} on record, ${counted} counted`);
  return found;
}

/** What was counted of each app and key, and there is one counter of each, is what is on record of it since its window began. */
function wrongSums(rows: readonly Row[], counters: readonly CounterRow[]): string[] {
  const found: string[] = [];
  for (const subject of ['key', 'app'] as const) {
    const onRecord = Map.groupBy(rows, (row) => row[`${subject}_id`]);
    onRecord.delete(null);
    const counted = counters.filter((row) => row.subject === subject);
    if (onRecord.size !== counted.length)
      found.push(`${onRecord.size} of ${subject}s, ${counted.length} counters`);
    for (const { subject_id, starts_at, count } of counted) {
      const since = onRecord.get(subject_id)?.filter(({ at }) => at >= starts_at).length;
      if (since !== count) found.push(`${subject} ${subject_id}: ${since} on record, ${count} counted`);
    }
  }
  return found;
}

function overLimit(counters: readonly CounterRow[], limits: Limits): string[] {
  return counters
    .filter(({ subject, subject_id, count }) => count > (limits[subject].get(subject_id) ?? Infinity))
    .map((row) => `over its limit of ${limits[row.subject].get(row.subject_id)}: ${JSON.stringify(row)}`);
}

/**
 * A caller asks again when it was answered, so between two deliveries that it received there may be one on record for each
 * request in between that it knows nothing of, and no more.
 */
function chargedTwice({ address, outcomes }: Caller, rows: readonly Row[]): string[] {
  const found: string[] = [];
  const told = new Set(outcomes.map((outcome) => outcome?.delivery_id));
  let at = 0;
  let unknown = 0;
  let untold: Row[] = [];
  function compare(): void {
    if (untold.length > unknown) {
      const which = untold.map(({ seq, delivery_id }) => `${delivery_id} at ${seq}`).join(', ');
      found.push(`${address}: ${unknown} requests without an answer were charged as ${which}`);
    }
    unknown = 0;
    untold = [];
  }
  for (const row of rows) {
    if (!told.has(row.delivery_id)) {
      untold.push(row);
      continue;
    }
    for (; at < outcomes.length && outcomes[at]?.delivery_id !== row.delivery_id; at++) {
      if (outcomes[at] === null) unknown++;
      else found.push(`${address}: ${outcomes[at]?.delivery_id} is not on record in its place`);
    }
    at++;
    compare();
  }
  unknown = outcomes.slice(at).filter((outcome) => outcome === null).length;
  compare();
  return found;
}

/** Equal keys are never more than one delivery apart. */
function uneven(rows: readonly Row[]): string[] {
  const shares = new Map(rows.map(({ key_id }) => [key_id, 0]));
  for (const { seq, key_id } of rows) {
    shares.set(key_id, (shares.get(key_id) ?? 0) + 1);
    if (Math.max(...shares.values()) - Math.min(...shares.values()) > 1) {
      return [`equal keys are apart at ${seq}: ${[...shares.values()].join(', ')}`];
    }
  }
  return [];
}

/** The keys of a circle follow each other in their order. */
function outOfTurn(rows: readonly Row[]): string[] {
  const keyIds = [...new Set(rows.map(({ key_id }) => key_id))].sort((one, other) => one - other);
  for (const [at, { seq, key_id }] of rows.entries()) {
    const before = rows[at - 1]?.key_id;
    if (before === undefined || before === key_id) continue;
    if (keyIds[(keyIds.indexOf(before) + 1) % keyIds.length] !== key_id) {
      return [`key ${key_id} followed ${before} at ${seq}`];
    }
  }
  return [];
}

/** The places that replicas compare by: of each tenant's last delivery, and of each service's last turn. */
async function wrongPlaces(
  database: TestDatabase,
  byService: ReadonlyMap<number, readonly Row[]>,
): Promise<string[]> {
  const tenants = await database.query<{ id: number }>(
    `SELECT id FROM tenants
     WHERE last_seq IS DISTINCT FROM coalesce((SELECT max(seq) FROM deliveries WHERE tenant_id = tenants.id), 0)`,
  );
  const turns = await database.query<{ service_id: number; last: number }>(
    `SELECT service_id, max(turn) AS last FROM key_balances JOIN provider_keys ON id = key_id GROUP BY service_id`,
  );
  return [
    ...tenants.map(({ id }) => `tenant ${id}: last_seq is not that of its last delivery`),
    ...turns
      .filter(({ service_id, last }) => byService.get(service_id)?.length !== last)
      .map(
        ({ service_id, last }) =>
          `service ${service_id}: ${last} turns, ${byService.get(service_id)?.length} rows`,
      ),
  ];
}

/** The sums that statistics read, against the deliveries themselves. */
async function wrongStatistics(database: TestDatabase): Promise<string[]> {
  const [summed, recorded] = [await database.query(SUMMED), await database.query(FROM_DELIVERIES)];
  return isDeepStrictEqual(summed, recorded) ? [] : ['usage_counts: not the sums of the deliveries'];
}
