/**
 * The deliveries that share one commit, and what it writes of them. Counters and balances are written as the values that
 * they have in memory when the batch sets off, once per subject however many deliveries moved it.
 */
import type { Compilable } from 'kysely';
import type { Level } from '../../domain/bucket.ts';
import type { AppSubject, Day, ServiceSubject } from '../configuration.ts';
import { type BegunWindow, begunBy } from '../counting.ts';
import { brokenKeyWrites, decisionWrites } from '../decision-writes.ts';
import type { Decision, Delivered } from '../engine.ts';
import { type Bucket, windowsRow } from '../rate-limits.ts';
import { rollUpDeliveries } from '../roll-up.ts';
import type {
  AppWindowsTable,
  CountersTable,
  NewDelivery,
  NewHolder,
  SpentNoncesTable,
  Tables,
} from '../rows.ts';
import {
  ADD_USAGE,
  compiler,
  INSERT_DELIVERIES,
  PUT_BALANCES,
  PUT_COUNTERS,
  PUT_HOLDERS,
  PUT_WINDOWS,
  REMOVE_COUNTERS,
  SET_CLOCK,
  SPEND_NONCES,
} from './batch-statements.ts';
import type { Bulk, SqlScalar } from './protocol.ts';

export class Batch {
  readonly #outcome = Promise.withResolvers<void>();
  readonly deliveries: NewDelivery[] = [];
  /** Whose counts it moves, by their names. */
  readonly services = new Map<ServiceSubject, string>();
  readonly apps = new Map<AppSubject, string>();
  /** What the seconds of apps were at before this batch. */
  readonly #levels = new Map<Bucket, Level>();
  readonly #keys = new Map<number, ServiceSubject>();
  readonly #rows: SqlScalar[] = [];
  readonly #changes: Bulk[] = [];
  /** Counters of which the windows before are to go. */
  readonly #begun: BegunWindow[] = [];
  readonly #nonces: SpentNoncesTable[] = [];
  #at = 0;
  #totals: readonly Bulk[] | null = null;

  /** Adds a delivery that has been charged in memory just now; `seq` is its place in the order of commits. */
  add(seq: number, decision: Delivered, service: ServiceSubject, app: AppSubject | null): void {
    const { delivery } = decision;
    this.deliveries.push(delivery);
    this.#at = delivery.at;
    // In the order of INSERT_DELIVERIES: there are too many of them to make a row of each first.
    this.#rows.push(
      seq,
      delivery.delivery_id,
      delivery.at,
      delivery.tenant_id,
      delivery.service_id,
      delivery.key_id,
      delivery.app_id ?? null,
      delivery.ip,
      delivery.masked,
      delivery.usage_today,
    );
    this.#keys.set(delivery.key_id, service);
    this.#begun.push(...begunBy(decision, service, app));
    if (decision.nonce !== null) this.#nonces.push(decision.nonce);
    for (const write of decisionWrites(compiler, decision, service)) this.#addQuery(write);
  }

  /** Adds an app whose counts the batch is to move, before it does. */
  addApp(app: AppSubject, name: string): void {
    this.apps.set(app, name);
    if (app.bucket !== null) this.#levels.set(app.bucket, app.bucket.level);
  }

  /** Takes back from the seconds of apps what the batch took: nobody has got anything for it. */
  giveBack(): void {
    for (const [bucket, level] of this.#levels) bucket.level = level;
  }

  /** Adds the flags of keys that do not decrypt. */
  addBroken(decision: Decision, at: number): void {
    for (const write of brokenKeyWrites(compiler, decision, at)) this.#addQuery(write);
  }

  /** Resolves when the batch is on disk; rejects with the StorageError that it failed with. */
  get committed(): Promise<void> {
    return this.#outcome.promise;
  }

  settle(error: Error | null): void {
    if (error === null) {
      this.#outcome.resolve();
      return;
    }
    // A batch may have nobody waiting for it.
    this.#outcome.promise.catch(() => {});
    this.#outcome.reject(error);
  }

  /** When the key of one of these deliveries became active, as they have left it. */
  activatedAt(keyId: number): number | null {
    return this.#keys.get(keyId)?.config.keys.get(keyId)?.activated_at ?? null;
  }

  get empty(): boolean {
    return this.deliveries.length === 0 && this.#changes.length === 0;
  }

  /** Takes no more: what it writes is what its subjects have come to by now, whatever is decided after it. */
  close(): void {
    this.#totals = this.#takeTotals();
  }

  get closed(): boolean {
    return this.#totals !== null;
  }

  /**
   * The statements of a closed batch, or as of now; `settled` is the vault's settled time where it is to be written down,
   * `holders` who has to be.
   */
  statements(settled: number | null, holders: readonly NewHolder[]): Bulk[] {
    const written = [
      SPEND_NONCES.of(this.#nonces),
      INSERT_DELIVERIES.ofValues(this.#rows),
      REMOVE_COUNTERS.of(this.#begun),
      ...(this.#totals ?? this.#takeTotals()),
      ADD_USAGE.of(rollUpDeliveries(this.deliveries)),
      PUT_HOLDERS.of(holders),
      SET_CLOCK.of(settled === null ? [] : [{ settled }]),
    ];
    return [...this.#changes, ...written.filter(({ values }) => values.length > 0)];
  }

  #takeTotals(): Bulk[] {
    const counters: CountersTable[] = [];
    const balances: Tables['key_balances'][] = [];
    const windows: AppWindowsTable[] = [];
    const put = (subject: CountersTable['subject'], subject_id: number, day: Day) =>
      void counters.push({ ...day, subject, subject_id, last_at: this.#at });
    for (const { config, day } of this.services.keys()) {
      if (day !== null) put('service', config.id, day);
    }
    for (const [keyId, { day, keys }] of this.#keys) {
      const usage = keys.get(keyId);
      if (day === null || usage === undefined) continue;
      put('key', keyId, { ...day, count: usage.count });
      const { finish, turn } = usage;
      balances.push({ key_id: keyId, finish, turn, last_delivered_at: this.#at });
    }
    for (const { config, day, windows: own } of this.apps.keys()) {
      if (day !== null) put('app', config.id, day);
      if (own !== null) windows.push(windowsRow(config.id, own));
    }
    return [PUT_COUNTERS.of(counters), PUT_BALANCES.of(balances), PUT_WINDOWS.of(windows)];
  }

  #addQuery(query: Compilable): void {
    const { sql, parameters } = query.compile();
    this.#changes.push({
      sql,
      columns: parameters.length,
      values: parameters as readonly SqlScalar[],
    });
  }
}
