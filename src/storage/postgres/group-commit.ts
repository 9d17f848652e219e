/**
 * Shares transactions between deliveries: whatever waits when a tenant's row has been locked is decided and committed
 * together, so batches grow while others hold the row, instead of queueing one by one.
 *
 * When the connection is lost nobody is answered until the outcome is known: the batch is tried again for a while, and
 * looked for first under the lock that its transaction held. What is given up then may stay charged, once.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { DeliveryState } from '../configuration.ts';
import type { Decision, DeliveryLookup, EngineObserver } from '../engine.ts';
import { StorageError } from '../errors.ts';
import type { PoolVitals } from '../vitals.ts';
import { Arrivals } from './arrivals.ts';
import { BatchCommit } from './batch-commit.ts';
import type { DatabaseClock } from './database-clock.ts';
import { DeliveryQueue, type Turn, type Waiting } from './delivery-queue.ts';
import { isOfData, mayTryAgain, storageError, TRY_AGAIN_AFTER_MS, TRY_AGAIN_FOR_MS } from './errors.ts';
import { Hand } from './hand.ts';
import type { Lane } from './lane.ts';
import type { Subjects } from './subjects.ts';

const SWEEP_MS = 250;

export interface GroupCommitOptions {
  readonly lanes: readonly Lane[];
  readonly subjects: Subjects;
  readonly clock: DatabaseClock;
  readonly observer: EngineObserver;
  /** How long a delivery may wait for its turn, in milliseconds. */
  readonly timeoutMs: number;
}

export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #queue = new DeliveryQueue();
  readonly #arrivals: Arrivals;
  readonly #batches: BatchCommit;
  readonly #free: Lane[];
  readonly #sweeper: NodeJS.Timeout;
  #scheduled = false;
  #waitingLanes = 0;
  /** Since when no lane has had an answer, in monotonic milliseconds; null while storage works. */
  #downSince: number | null = null;
  #idle: PromiseWithResolvers<void> | null = null;
  /** Why the last batch failed; null where it was committed. */
  #failure: StorageError | null = null;
  #trial: Promise<void> | null = null;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#free = [...options.lanes];
    this.#arrivals = new Arrivals({
      ...options,
      downSince: () => this.#downSince,
      waitForTurn: (waiting) => {
        this.#queue.push(waiting);
        this.#schedule();
      },
    });
    this.#batches = new BatchCommit({
      ...options,
      queue: this.#queue,
      enter: (waiting) => this.#arrivals.enter(waiting),
      enterAfter: (waiting, loading) => this.#arrivals.enterAfter(waiting, loading),
      decided: (waiting, decision) => this.#arrivals.decided(waiting, decision),
    });
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS);
    this.#sweeper.unref();
  }

  /** Resolves with a decision that was committed, or that was a refusal. Rejects with a StorageError. */
  deliver<D extends Decision>(lookup: DeliveryLookup, decide: (state: DeliveryState) => D): Promise<D> {
    return new Promise<D>((resolve, reject) => {
      const arrivedAt = this.#options.clock.monotonic;
      this.#arrivals.enter({
        lookup,
        decide,
        arrivedAt,
        rounds: 0,
        tenantId: 0,
        resolve: resolve as (decision: Decision) => void,
        reject,
      });
    });
  }

  /** Rejects with a StorageError where no batch could be committed. A lane at rest tries it out, one at a time. */
  check(): Promise<void> {
    this.#trial ??= this.#tryOut().finally(() => {
      this.#trial = null;
    });
    return this.#trial;
  }

  /** Resolves when nothing waits and every lane is at rest; then closes them. */
  async close(): Promise<void> {
    if (!this.#atRest) {
      this.#idle ??= Promise.withResolvers<void>();
      await this.#idle.promise;
    }
    clearInterval(this.#sweeper);
    await Promise.all(this.#options.lanes.map((lane) => lane.close()));
  }

  get lanes(): PoolVitals {
    const { lanes } = this.#options;
    return {
      pool: 'lanes',
      max: lanes.length,
      busy: lanes.length - this.#free.length,
      idle: this.#free.filter(({ connected }) => connected).length,
      waiting: 0,
    };
  }

  get #atRest(): boolean {
    return this.#queue.empty && this.#free.length === this.#options.lanes.length;
  }

  async #tryOut(): Promise<void> {
    const someAtWork = this.#free.length < this.#options.lanes.length;
    const connected = this.#free.findLast((lane) => lane.connected);
    const lane = connected ?? (someAtWork ? undefined : this.#free.at(-1));
    if (lane === undefined) {
      // Whether another connection is to be had says nothing about those that are at work.
      if (this.#failure !== null) throw this.#failure;
      return;
    }
    this.#free.splice(this.#free.indexOf(lane), 1);
    try {
      await lane.rehearse();
    } catch (thrown) {
      lane.drop();
      throw storageError(thrown);
    } finally {
      this.#free.push(lane);
      this.#start();
    }
  }

  /** What comes in one turn of the event loop goes into one batch. */
  #schedule(): void {
    if (this.#scheduled || this.#free.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#start();
    });
  }

  #start(): void {
    const { lanes, clock } = this.#options;
    for (;;) {
      const lane = this.#free.at(-1);
      if (lane === undefined) return;
      // One lane is always left for those that nobody holds up.
      const turn = this.#queue.take(clock.monotonic, this.#waitingLanes < lanes.length - 1);
      if (turn === null) break;
      this.#free.pop();
      void this.#run(lane, turn);
    }
    if (this.#atRest) this.#idle?.resolve();
  }

  async #run(lane: Lane, turn: Turn): Promise<void> {
    if (turn.wait) this.#waitingLanes++;
    const hand = new Hand(turn, this.#queue);
    try {
      while (!(await this.#attempt(lane, hand))) await pause(TRY_AGAIN_AFTER_MS);
    } finally {
      if (turn.wait) this.#waitingLanes--;
      this.#queue.release(turn.tenantIds);
      this.#free.push(lane);
      this.#start();
    }
  }

  /** Resolves with whether the hand is done with: answered, or given up. Never rejects. */
  async #attempt(lane: Lane, hand: Hand): Promise<boolean> {
    try {
      await this.#batches.run(lane, hand);
      this.#downSince = null;
      this.#failure = null;
      return true;
    } catch (thrown) {
      const error = storageError(thrown);
      const { monotonic } = this.#options.clock;
      if (error.code === '55P03' && !hand.doubts.any) return this.#letOthers(lane, hand);
      for (const id of hand.turn.tenantIds) this.#options.subjects.forget(id);
      this.#failure = error;
      if (isOfData(error)) await lane.rollBack().catch(() => lane.drop());
      else lane.drop();
      if (hand.failingSince === null) this.#options.observer.batchFailed(error);
      hand.failingSince ??= monotonic;
      if (mayTryAgain(error)) {
        this.#downSince ??= monotonic;
        // Once storage has been away that long, those who come are told at once, by one attempt each time.
        if (monotonic - Math.min(hand.failingSince, this.#downSince) < TRY_AGAIN_FOR_MS) return false;
      }
      this.#giveUp(hand, error);
      return true;
    }
  }

  /** The row was not to be had: whoever waits for it goes on waiting, and the lane does something else first. */
  async #letOthers(lane: Lane, hand: Hand): Promise<boolean> {
    await lane.rollBack().catch(() => lane.drop());
    for (const waiting of hand.held) this.#queue.push(waiting);
    return true;
  }

  #giveUp(hand: Hand, error: StorageError): void {
    // Where storage is away, or has failed before anybody was taken, those behind need not find out one batch after the other.
    const everybody = mayTryAgain(error) || hand.held.length === 0;
    for (const id of hand.turn.tenantIds) {
      const waiting = hand.release(id);
      const behind = everybody ? this.#queue.drain(id, Number.POSITIVE_INFINITY) : [];
      for (const each of [...waiting, ...behind]) each.reject(error);
    }
  }

  /** Whoever has waited too long is told so; what a lane has in hand is left to it. */
  #sweep(): void {
    const { clock, timeoutMs } = this.#options;
    const isLate = (waiting: Waiting) => clock.monotonic - waiting.arrivedAt >= timeoutMs;
    const late = [...this.#queue.remove(isLate), ...this.#arrivals.remove(isLate)];
    if (late.length === 0) return;
    const error = new StorageError('TIMEOUT', `storage has not answered for ${timeoutMs} ms`);
    this.#options.observer.batchFailed(error);
    for (const waiting of late) waiting.reject(error);
  }
}
