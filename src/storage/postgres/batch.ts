/** The deliveries that share one transaction, as the parameters of the one statement that writes them. */
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import type { AppSubject, DeliveryState, ServiceSubject } from '../configuration.ts';
import { type BegunWindow, begunBy, charge, flagBroken } from '../counting.ts';
import { brokenKeyWrites, decisionWrites } from '../decision-writes.ts';
import type { Decision } from '../engine.ts';
import { windowsRow } from '../rate-limits.ts';
import { rollUpDeliveries } from '../roll-up.ts';
import type { AppWindowsTable, NewDelivery, NewHolder, SpentNoncesTable, Tables } from '../rows.ts';
import { Before } from './before.ts';
import type { Waiting } from './delivery-queue.ts';
import { array, SPEND_NONCES, textArray } from './statements.ts';
import type { Head } from './subjects.ts';

const compiler = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

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
  readonly deliveries: NewDelivery[] = [];
  readonly #services = new Set<ServiceSubject>();
  readonly #apps = new Set<AppSubject>();
  readonly #keys = new Map<number, ServiceSubject>();
  /** Counters of which the windows before are to go. */
  readonly #begun: BegunWindow[] = [];
  readonly #before = new Before();
  /** Tenants whose rows the batch moves → whether it changes what deliveries are decided upon. */
  readonly #tenants = new Map<number, boolean>();
  readonly changes: Statement[] = [];
  /** The parameters of `SPEND_NONCES`; null while there are none. */
  #nonces: [number[], string[], number[]] | null = null;
  #at = 0;

  /** Takes a decision in, and moves the counters in memory. */
  add(waiting: Waiting, decision: Decision, state: DeliveryState): void {
    this.decided.push({ waiting, decision, state });
    const { service, app } = state;
    if (service === null || 'recognized' in decision) return;
    this.#before.keep(decision, service, app);
    if (decision.brokenKeys.length > 0) this.#addBroken(decision, service, state.time.now);
    if (decision.refusal !== null) return;
    charge(decision, service, app, state.time);
    this.#begun.push(...begunBy(decision, service, app));
    const { delivery } = decision;
    this.deliveries.push(delivery);
    this.#services.add(service);
    if (app !== null) this.#apps.add(app);
    this.#keys.set(delivery.key_id, service);
    this.#at = delivery.at;
    this.#move(delivery.tenant_id, decision.changes.length > 0);
    if (decision.nonce !== null) this.#spend(decision.nonce);
    for (const write of decisionWrites(compiler, decision, service)) this.#addChange(write);
  }

  /** Moves the counters back, and the keys: nothing of it was written. */
  undo(): void {
    this.#before.restore();
  }

  /** Takes back from the seconds of apps what the batch took: it was not written, and whoever is in it is decided again. */
  giveBack(): void {
    this.#before.giveBack();
  }

  /** When the key of one of these deliveries became active, as they have left it. */
  activatedAt(keyId: number): number | null {
    return this.#keys.get(keyId)?.config.keys.get(keyId)?.activated_at ?? null;
  }

  /** Refusals alone leave nothing to write. */
  get empty(): boolean {
    return this.#tenants.size === 0;
  }

  /** Moves the tenant's row, though nothing is written for it: what was sent before, and comes later, finds another one. */
  fence(tenantId: number): void {
    this.#move(tenantId, true);
  }

  /** The id of a tenant's first delivery, by which the whole batch is found again; null where it has none. */
  firstOf(tenantId: number): string | null {
    return this.deliveries.find(({ tenant_id }) => tenant_id === tenantId)?.delivery_id ?? null;
  }

  /** The services and apps of a tenant whose counters the batch moves. */
  movedOf(tenantId: number): (ServiceSubject | AppSubject)[] {
    return [...this.#services, ...this.#apps].filter(({ config }) => config.tenant_id === tenantId);
  }

  /** Whether there are minutes and hours of apps to be written: then the statements that write those are to be taken. */
  get movesWindows(): boolean {
    return this.#windows.length > 0;
  }

  /** The parameters of `write_batch`; `holders` are those to be written down. */
  parameters(holders: readonly NewHolder[]): string[] {
    const tenants = [...this.#tenants];
    return [
      ...this.#rows(holders),
      array(tenants.map(([id]) => id)),
      array(tenants.map(([, changes]) => (changes ? 1 : 0))),
    ];
  }

  /** The parameters of `write_batch_if_unmoved`; `heads` are those of all tenants that anything was decided for. */
  parametersIfUnmoved(heads: ReadonlyMap<number, Head>, holders: readonly NewHolder[]): string[] {
    return [
      ...this.#rows(holders),
      array([...heads.keys()]),
      array([...heads.values()].map(({ config_version }) => config_version)),
      array([...heads.values()].map(({ last_seq }) => last_seq)),
    ];
  }

  #rows(holders: readonly NewHolder[]): string[] {
    const rows = this.deliveries;
    const usage = rollUpDeliveries(rows);
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
      array(usage.map((row) => row.tenant_id)),
      array(usage.map((row) => row.bucket_ms)),
      array(usage.map((row) => row.starts_at)),
      array(usage.map((row) => row.service_id)),
      array(usage.map((row) => row.app_id)),
      array(usage.map((row) => row.key_id)),
      textArray(usage.map((row) => row.outcome)),
      array(usage.map((row) => row.count)),
      array(holders.map((row) => row.key_id)),
      array(holders.map((row) => row.app_id)),
      textArray(holders.map((row) => row.ip)),
      array(holders.map((row) => row.first_at)),
      array(holders.map((row) => row.last_at)),
      textArray(this.#begun.map((row) => row.subject)),
      array(this.#begun.map((row) => row.subject_id)),
      array(this.#begun.map((row) => row.starts_at)),
      ...(this.movesWindows ? this.#windowsRows() : []),
    ];
  }

  get #windows(): AppWindowsTable[] {
    return [...this.#apps].flatMap(({ config, windows }) =>
      windows === null ? [] : [windowsRow(config.id, windows)],
    );
  }

  #windowsRows(): string[] {
    const rows = this.#windows;
    return [
      array(rows.map((row) => row.app_id)),
      array(rows.map((row) => row.minute_starts_at)),
      array(rows.map((row) => row.minute_count)),
      array(rows.map((row) => row.hour_starts_at)),
      array(rows.map((row) => row.hour_count)),
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

  #addBroken(decision: Decision, service: ServiceSubject, at: number): void {
    flagBroken(new Set(decision.brokenKeys.map(({ id }) => id)), service);
    for (const write of brokenKeyWrites(compiler, decision, at)) this.#addChange(write);
    this.#move(service.config.tenant_id, true);
  }

  #spend({ app_id, nonce, until }: SpentNoncesTable): void {
    if (this.#nonces === null) {
      this.#nonces = [[], [], []];
      this.changes.push({ text: SPEND_NONCES, values: this.#nonces });
    }
    this.#nonces[0].push(app_id);
    this.#nonces[1].push(nonce);
    this.#nonces[2].push(until);
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
