/**
 * Shares one unit between the reports that came while the last one ran: they come as often as deliveries, which wait while
 * a unit runs. Tenants take turns, and whoever waits is answered within the time limit.
 */
import { errorClass } from '../../storage/error-class.ts';
import { StorageError } from '../../storage/errors.ts';
import type { Vault } from '../vault/vault.ts';
import { recordReports } from './record-reports.ts';
import type { Answers, Report, Reported } from './report.ts';

const MAX_BATCH = 200;
/** So many wait at most, of one tenant a part of them: one that floods leaves room for the others. */
const MAX_WAITING = 10_000;
const MAX_OF_TENANT = 2_500;
/** How often a unit is tried that others stood in the way of. */
const ATTEMPTS = 3;

interface Waiting {
  readonly report: Report;
  readonly timer: NodeJS.Timeout;
  resolve(reported: Reported): void;
  reject(error: Error): void;
}

export class ReportQueue {
  readonly #vault: Vault;
  readonly #timeoutMs: number;
  #waiting: Waiting[] = [];
  readonly #ofTenant = new Map<number, number>();
  #running = false;

  /** `timeoutMs`: how long a report may wait. */
  constructor(vault: Vault, timeoutMs = 10_000) {
    this.#vault = vault;
    this.#timeoutMs = timeoutMs;
  }

  /** Resolves when the report is on disk, or was not taken. Rejects with a StorageError. */
  submit(report: Report): Promise<Reported> {
    const { tenant_id } = report.caller;
    const count = this.#ofTenant.get(tenant_id) ?? 0;
    if (this.#waiting.length >= MAX_WAITING || count >= MAX_OF_TENANT) {
      return Promise.reject(new StorageError('BUSY', 'too many reports wait to be recorded'));
    }
    this.#ofTenant.set(tenant_id, count + 1);
    const { promise, resolve, reject } = Promise.withResolvers<Reported>();
    const timer = setTimeout(
      () => reject(new StorageError('TIMEOUT', `storage has not answered for ${this.#timeoutMs} ms`)),
      this.#timeoutMs,
    );
    this.#waiting.push({ report, timer, resolve, reject });
    if (!this.#running) {
      this.#running = true;
      setImmediate(() => void this.#run());
    }
    return promise;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      try {
        const answers = await this.#record(batch.map(({ report }) => report));
        for (const waiting of batch) {
          const answer = answers.get(waiting.report);
          if (answer === undefined) this.#waiting.push(waiting);
          else this.#settle(waiting, answer);
        }
      } catch (error) {
        // Those behind need not find out one batch after the other.
        const behind = this.#waiting;
        this.#waiting = [];
        for (const waiting of [...batch, ...behind]) this.#settle(waiting, error as Error);
      }
    }
    this.#running = false;
  }

  /** The first of each tenant, then the second of each, and so on. */
  #takeBatch(): Waiting[] {
    if (this.#waiting.length > MAX_BATCH && this.#ofTenant.size > 1) {
      const counts = new Map<number, number>();
      const turns = this.#waiting.map((waiting) => {
        const { tenant_id } = waiting.report.caller;
        const turn = counts.get(tenant_id) ?? 0;
        counts.set(tenant_id, turn + 1);
        return { waiting, turn };
      });
      this.#waiting = turns.sort((one, other) => one.turn - other.turn).map(({ waiting }) => waiting);
    }
    const batch = this.#waiting.slice(0, MAX_BATCH);
    this.#waiting = this.#waiting.slice(MAX_BATCH);
    return batch;
  }

  async #record(reports: readonly Report[]): Promise<Answers> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await recordReports(this.#vault, reports);
      } catch (error) {
        if (errorClass(error as Error) !== 'conflict' || attempt === ATTEMPTS) throw error;
      }
    }
  }

  #settle(waiting: Waiting, outcome: Reported | Error): void {
    const { tenant_id } = waiting.report.caller;
    const left = (this.#ofTenant.get(tenant_id) ?? 1) - 1;
    if (left === 0) this.#ofTenant.delete(tenant_id);
    else this.#ofTenant.set(tenant_id, left);
    clearTimeout(waiting.timer);
    if (outcome instanceof Error) waiting.reject(outcome);
    else waiting.resolve(outcome);
  }
}
