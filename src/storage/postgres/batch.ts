/** The deliveries that share one transaction, as the parameters of the one statement that writes them. */
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import type { AppSubject, DeliveryState, KeyConfig, ServiceSubject } from '../configuration.ts';
import { charge, flagBroken } from '../counting.ts';
import { brokenKeyWrite, decisionWrites } from '../decision-writes.ts';
import type { Decision } from '../engine.ts';
import type { NewDelivery, Tables } from '../rows.ts';
import type { Waiting } from './delivery-queue.ts';
import type { Head } from './subjects.ts';

const compiler = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

/** Every parameter is an array, so that one prepared statement serves batches of any size. `guard` is a condition or nothing. */
function writes(guard: string): string {
  return `recorded AS (
  INSERT INTO deliveries (delivery_id, at, tenant_id, service_id, key_id, app_id, ip, masked, usage_today)
  SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
                       $7::text[], $8::smallint[], $9::bigint[])${guard}
  RETURNING tenant_id, seq
), counted AS (
  INSERT INTO counters (subject, subject_id, starts_at, ends_at, count, last_at)
  SELECT * FROM unnest($10::text[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[])${guard || ' WHERE true'}
  ON CONFLICT (subject, subject_id, starts_at) DO UPDATE SET count = excluded.count, last_at = excluded.last_at
), balanced AS (
  INSERT INTO key_balances (key_id, finish, turn, last_delivered_at)
  SELECT * FROM unnest($16::bigint[], $17::float8[], $18::bigint[], $19::bigint[])${guard || ' WHERE true'}
  ON CONFLICT (key_id) DO UPDATE
  SET finish = excluded.finish, turn = excluded.turn, last_delivered_at = excluded.last_delivered_at
)`;
}

const LAST_SEQ =
  'coalesce((SELECT max(seq) FROM recorded WHERE recorded.tenant_id = tenants.id), tenants.last_seq)';

/** Records deliveries in their order, sets counters and balances to what they have come to, and moves each tenant's row on. */
export const WRITE_BATCH = {
  name: 'write-batch',
  text: `
WITH ${writes('')}
UPDATE tenants SET last_seq = ${LAST_SEQ}, config_version = config_version + moved.by
FROM unnest($20::bigint[], $21::bigint[]) AS moved (id, by)
WHERE tenants.id = moved.id
RETURNING tenants.id, last_seq, config_version`,
};

/**
 * The same in one statement that locks and compares for itself: it writes everything where each of the tenants' rows is the
 * expected one and nobody holds it, and else nothing, and returns no row.
 */
export const WRITE_BATCH_IF_UNMOVED = {
  name: 'write-batch-if-unmoved',
  text: `
WITH held AS MATERIALIZED (
  SELECT tenants.id
  FROM unnest($20::bigint[], $21::bigint[], $22::bigint[]) AS expected (id, config_version, last_seq)
  JOIN tenants ON tenants.id = expected.id
    AND tenants.config_version = expected.config_version AND tenants.last_seq = expected.last_seq
  ORDER BY tenants.id
  FOR NO KEY UPDATE OF tenants SKIP LOCKED
), complete AS MATERIALIZED (
  SELECT count(*) = cardinality($20::bigint[]) AS yes FROM held
), ${writes(' WHERE (SELECT yes FROM complete)')}
UPDATE tenants SET last_seq = ${LAST_SEQ}
FROM held
WHERE tenants.id = held.id AND (SELECT yes FROM complete)
RETURNING tenants.id, last_seq, config_version, (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now`,
};

/** A statement beside the one that all batches have. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

interface Decided {
  readonly waiting: Waiting;
  readonly decision: Decision;
  readonly state: DeliveryState;
}

export class Batch {
  readonly decided: Decided[] = [];
  readonly #deliveries: NewDelivery[] = [];
  readonly #services = new Set<ServiceSubject>();
  readonly #apps = new Set<AppSubject>();
  readonly #keys = new Map<number, ServiceSubject>();
  /** Tenants whose rows the batch moves → whether it changes what deliveries are decided upon. */
  readonly #tenants = new Map<number, boolean>();
  readonly changes: Statement[] = [];
  #at = 0;

  /** Takes a decision in, and moves the counters in memory. */
  add(waiting: Waiting, decision: Decision, state: DeliveryState): void {
    this.decided.push({ waiting, decision, state });
    const { service, app } = state;
    if (service === null) return;
    if (decision.brokenKeys.length > 0) this.#addBroken(decision.brokenKeys, service, state.time.now);
    if (decision.refusal !== null) return;
    charge(decision, service, app);
    const { delivery } = decision;
    this.#deliveries.push(delivery);
    this.#services.add(service);
    if (app !== null) this.#apps.add(app);
    this.#keys.set(delivery.key_id, service);
    this.#at = delivery.at;
    this.#move(delivery.tenant_id, decision.changes.length > 0);
    for (const write of decisionWrites(compiler, decision, service)) this.#addChange(write);
  }

  get deliveries(): number {
    return this.#deliveries.length;
  }

  /** Refusals alone leave nothing to write. */
  get empty(): boolean {
    return this.#tenants.size === 0;
  }

  /** The id of a tenant's first delivery, by which the whole batch is found again; null where it has none. */
  firstOf(tenantId: number): string | null {
    return this.#deliveries.find(({ tenant_id }) => tenant_id === tenantId)?.delivery_id ?? null;
  }

  /** The services and apps of a tenant whose counters the batch moves. */
  movedOf(tenantId: number): (ServiceSubject | AppSubject)[] {
    return [...this.#services, ...this.#apps].filter(({ config }) => config.tenant_id === tenantId);
  }

  /** The parameters of {@link WRITE_BATCH}. */
  parameters(): string[] {
    const tenants = [...this.#tenants];
    return [
      ...this.#rows(),
      array(tenants.map(([id]) => id)),
      array(tenants.map(([, changes]) => (changes ? 1 : 0))),
    ];
  }

  /** The parameters of {@link WRITE_BATCH_IF_UNMOVED}; `heads` are those of all tenants that anything was decided for. */
  parametersIfUnmoved(heads: ReadonlyMap<number, Head>): string[] {
    return [
      ...this.#rows(),
      array([...heads.keys()]),
      array([...heads.values()].map(({ config_version }) => config_version)),
      array([...heads.values()].map(({ last_seq }) => last_seq)),
    ];
  }

  #rows(): string[] {
    const rows = this.#deliveries;
    const counters = this.#counters();
    const balances = [...this.#keys].flatMap(([id, { keys }]) => {
      const usage = keys.get(id);
      return usage === undefined ? [] : [{ id, ...usage }];
    });
    return [
      textArray(rows.map((row) => row.delivery_id)),
      array(rows.map((row) => row.at)),
      array(rows.map((row) => row.tenant_id)),
      array(rows.map((row) => row.service_id)),
      array(rows.map((row) => row.key_id)),
      array(rows.map((row) => row.app_id ?? null)),
      textArray(rows.map((row) => row.ip)),
      array(rows.map((row) => row.masked)),
      array(rows.map((row) => row.usage_today)),
      textArray(counters.map((row) => row.subject)),
      array(counters.map((row) => row.id)),
      array(counters.map((row) => row.day.starts_at)),
      array(counters.map((row) => row.day.ends_at)),
      array(counters.map((row) => row.count)),
      array(counters.map(() => this.#at)),
      array(balances.map((row) => row.id)),
      array(balances.map((row) => row.finish)),
      array(balances.map((row) => row.turn)),
      array(balances.map(() => this.#at)),
    ];
  }

  #counters() {
    const services = [...this.#services].map(({ config, day }) => ({
      subject: 'service',
      id: config.id,
      day,
    }));
    const apps = [...this.#apps].map(({ config, day }) => ({ subject: 'app', id: config.id, day }));
    const keys = [...this.#keys].map(([id, { day, keys: usage }]) => ({
      subject: 'key',
      id,
      day,
      count: usage.get(id)?.count ?? 0,
    }));
    return [...services.map(counted), ...apps.map(counted), ...keys].flatMap(({ day, ...row }) =>
      day === null ? [] : [{ ...row, day }],
    );
  }

  #addBroken(keys: readonly KeyConfig[], service: ServiceSubject, at: number): void {
    flagBroken(new Set(keys.map(({ id }) => id)), service);
    for (const key of keys) this.#addChange(brokenKeyWrite(compiler, key, at));
    this.#move(service.config.tenant_id, true);
  }

  #move(tenantId: number, changes: boolean): void {
    this.#tenants.set(tenantId, changes || this.#tenants.get(tenantId) === true);
  }

  #addChange(write: { compile(): { sql: string; parameters: readonly unknown[] } }): void {
    const { sql, parameters } = write.compile();
    this.changes.push({ text: sql, values: parameters });
  }
}

function counted<T extends { day: { count: number } | null }>(row: T): T & { count: number } {
  return { ...row, count: row.day?.count ?? 0 };
}

function array(values: readonly (number | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : value)).join(',')}}`;
}

function textArray(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}
