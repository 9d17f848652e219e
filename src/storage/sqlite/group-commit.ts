/**
 * Shares one commit, and so one fsync, between all deliveries that came while the commit before was running; and lets
 * units run between batches, never beside one.
 *
 * A batch that fails takes with it the batches that were decided upon it. Whoever waits is answered within the time limit:
 * when the disk does not answer, everything fails until it does.
 */
import { StorageError } from '../errors.ts';
import { Batch } from './batch.ts';

export interface GroupCommitOptions {
  /** Writes a batch; resolves when it is on disk. */
  commit(batch: Batch): Promise<void>;
  /** A batch is on disk, after so many seconds. */
  committed(batch: Batch, seconds: number): void;
  /** Nothing of these batches counts: the one that failed, and those that were decided upon it. */
  failed(batches: readonly Batch[], error: Error): void;
  readonly timeoutMs: number;
}

/** How long a unit lets the deliveries go first that units before it have held up. */
const YIELD_MS = 250;

export class GroupCommit {
  readonly #options: GroupCommitOptions;
  /** In the order of commits; the last one is open. */
  #pending = [new Batch()];
  #inFlight: Batch | null = null;
  #scheduled = false;
  #idle: PromiseWithResolvers<void> | null = null;
  #units: Promise<void> = Promise.resolve();
  #closed: PromiseWithResolvers<void> | null = null;
  #stuck: StorageError | null = null;
  #heldUp = 0;
  #letGo: PromiseWithResolvers<void> | null = null;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  /** Settles when deliveries may be decided again; null while they may. Rejects, or throws, when the disk does not answer. */
  get closed(): Promise<void> | null {
    if (this.#stuck !== null) throw this.#stuck;
    return this.#closed === null ? null : this.#closed.promise;
  }

  /** Says that a unit holds up a delivery; the next unit waits until the returned function is called, or for a while. */
  holdUp(): () => void {
    this.#heldUp++;
    return () => {
      if (--this.#heldUp === 0) this.#letGo?.resolve();
    };
  }

  /** The batch to add to, of which `committed` tells the outcome. To be asked for only while not {@link closed}. */
  open(): Batch {
    if (!this.#scheduled && this.#inFlight === null) {
      this.#scheduled = true;
      setImmediate(() => this.#flush());
    }
    let batch = this.#pending.at(-1) as Batch;
    if (batch.closed) {
      batch = new Batch();
      this.#pending.push(batch);
    }
    return batch;
  }

  /** Runs `work` after the batches before it and before those after it. Units run one by one, with deliveries between. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#units.then(() => this.#runUnit(work));
    this.#units = result.then(
      () => {},
      () => {},
    );
    return result;
  }

  /** Resolves when every unit and every batch so far is over. */
  async drain(): Promise<void> {
    await this.#units;
    await this.#untilIdle();
  }

  async #runUnit<T>(work: () => Promise<T>): Promise<T> {
    if (this.#stuck !== null) throw this.#stuck;
    await this.#yield();
    const closed = Promise.withResolvers<void>();
    closed.promise.catch(() => {});
    this.#closed = closed;
    const timer = this.#watch(() => closed.reject(this.#stuck));
    try {
      await this.#untilIdle();
      return await work();
    } finally {
      clearTimeout(timer);
      this.#stuck = null;
      this.#closed = null;
      closed.resolve();
    }
  }

  /**
   * Lets the deliveries that waited for the unit before be decided first. What that unit changed they have to load again;
   * units without a pause would overtake them each time.
   */
  async #yield(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#heldUp === 0) return;
    this.#letGo = Promise.withResolvers();
    const timer = setTimeout(this.#letGo.resolve, YIELD_MS);
    await this.#letGo.promise;
    clearTimeout(timer);
  }

  async #untilIdle(): Promise<void> {
    if (this.#inFlight === null && this.#nothingPending) return;
    this.#idle ??= Promise.withResolvers<void>();
    await this.#idle.promise;
  }

  async #flush(): Promise<void> {
    this.#scheduled = false;
    const batch = this.#pending[0] as Batch;
    if (batch.empty) return this.#rest();
    this.#pending.shift();
    if (this.#pending.length === 0) this.#pending.push(new Batch());
    this.#inFlight = batch;
    const started = performance.now();
    const timer = this.#watch(() => this.#fail(batch, this.#stuck as StorageError));
    try {
      await this.#options.commit(batch);
      if (this.#stuck === null) {
        this.#options.committed(batch, (performance.now() - started) / 1000);
        batch.settle(null);
      }
    } catch (error) {
      if (this.#stuck === null) this.#fail(batch, error as Error);
    } finally {
      clearTimeout(timer);
      // Whatever was answered late may have been recorded: what is in memory is not the truth.
      if (this.#stuck !== null) this.#fail(batch, this.#stuck);
      this.#stuck = null;
      this.#inFlight = null;
    }
    if (this.#nothingPending) this.#rest();
    else void this.#flush();
  }

  get #nothingPending(): boolean {
    return this.#pending[0]?.empty === true;
  }

  #rest(): void {
    this.#idle?.resolve();
    this.#idle = null;
  }

  #fail(batch: Batch, error: Error): void {
    const failed = [batch, ...this.#pending];
    this.#pending = [new Batch()];
    this.#options.failed(failed, error);
    for (const each of failed) each.settle(error);
  }

  #watch(expired: () => void): NodeJS.Timeout {
    return setTimeout(() => {
      this.#stuck = new StorageError('TIMEOUT', `storage has not answered for ${this.#options.timeoutMs} ms`);
      expired();
    }, this.#options.timeoutMs);
  }
}
