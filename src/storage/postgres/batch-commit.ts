/**
 * One transaction of a batch, from the lock to the answers: whoever waits for the tenants whose rows were locked is decided
 * upon what the database says now, and answered when that is committed.
 */
import type { ClockReading } from '../../domain/clock.ts';
import type { AppSubject, DeliveryState, ServiceSubject } from '../configuration.ts';
import type { Decision, EngineObserver } from '../engine.ts';
import { StorageError } from '../errors.ts';
import { Holders } from '../holders.ts';
import { Batch } from './batch.ts';
import { OutcomeUnknown } from './commit-outcome.ts';
import type { DatabaseClock } from './database-clock.ts';
import type { DeliveryQueue, Waiting } from './delivery-queue.ts';
import { type Hand, MAX_BATCH } from './hand.ts';
import type { Lane, Locked } from './lane.ts';
import type { Head, Subjects } from './subjects.ts';

/**
 * Where nobody else is at the tenants, half of those who wait are enough, so that the event loop prepares the others while
 * the server is busy; but not fewer than this, which a transaction is worth.
 */
const MIN_HALF = 32;
/** Of how many that wait the counters are read along with the lock. */
const MAX_EXPECTED = 64;
/** Rounds of loading what a decision needs before a delivery gives up: only constant change of configuration takes as many. */
const MAX_ROUNDS = 50;

export interface BatchCommitOptions {
  readonly queue: DeliveryQueue;
  readonly subjects: Subjects;
  readonly clock: DatabaseClock;
  readonly observer: EngineObserver;
  /** Finds out anew whose a delivery is: the tenant that it waited for is gone. */
  enter(waiting: Waiting): void;
  /** Told of each decision, under the lock. */
  decided(waiting: Waiting, decision: Decision): void;
}

interface Found {
  readonly waiting: Waiting;
  readonly state: DeliveryState;
}

export class BatchCommit {
  readonly #options: BatchCommitOptions;
  readonly #holders = new Holders();

  constructor(options: BatchCommitOptions) {
    this.#options = options;
  }

  /**
   * Resolves when whoever could be decided has the answer. Rejects with a StorageError, and then nobody was answered and
   * nothing was committed, unless it is among `hand.doubts`.
   */
  async run(lane: Lane, hand: Hand): Promise<void> {
    const alone = !hand.turn.wait && !hand.doubts.any;
    if (!alone || !(await this.#runUnlocked(lane, hand))) await this.#runLocked(lane, hand);
  }

  /**
   * Decides upon what is in memory, and has it compared by the statement that writes it. False where that cannot be done
   * or somebody else was there: whoever was taken is held, and nothing was written.
   */
  async #runUnlocked(lane: Lane, hand: Hand): Promise<boolean> {
    const { clock, observer, subjects } = this.#options;
    const { tenantIds } = hand.turn;
    const started = clock.monotonic;
    const heads = new Map<number, Head>();
    for (const id of tenantIds) {
      const head = subjects.head(id);
      if (head === null) return false;
      heads.set(id, head);
    }
    const found: Found[] = [];
    const half = Math.ceil(this.#options.queue.count(tenantIds) / 2);
    for (const waiting of hand.take(tenantIds, Math.max(MIN_HALF, half))) {
      const state = subjects.find(waiting.lookup, clock.read());
      if (state instanceof Promise) {
        state.catch(() => {});
        return false;
      }
      found.push({ waiting, state });
    }
    if (this.#outdated(found).size > 0) return false;
    const time = clock.database;
    const batch = this.#decide(found, clock.read());
    if (batch.empty) return false;
    for (const { state } of found) subjects.pin(state);
    try {
      const holders = this.#holders.toWrite(batch.deliveries);
      // What changes configuration is decided under the lock.
      const written =
        batch.changes.length > 0 ? null : await lane.commitIfUnmoved(batch, heads, holders, time);
      if (written === null) {
        hand.outOfStep = true;
        return false;
      }
      if (written.now !== null) clock.sample(written.now);
      this.#committed(batch, written.heads);
      this.#holders.written(holders);
      observer.batchCommitted(batch.deliveries.length, (clock.monotonic - started) / 1000, null);
      answer(batch);
      return true;
    } catch (error) {
      if (error instanceof OutcomeUnknown) hand.doubts.add(batch, heads);
      throw error;
    } finally {
      for (const { state } of found) subjects.unpin(state);
    }
  }

  async #runLocked(lane: Lane, hand: Hand): Promise<void> {
    const { clock, observer, subjects } = this.#options;
    const { turn } = hand;
    const started = clock.monotonic;
    const expected = turn.wait ? this.#expected(turn.tenantIds) : [];
    const locked = await lane.lock(turn.tenantIds, turn.wait || hand.doubts.any, expected);
    if (locked.now !== null) clock.sample(locked.now);
    this.#compare(locked, expected);
    if (hand.outOfStep) {
      hand.outOfStep = false;
      for (const id of turn.tenantIds) subjects.forget(id);
      this.#compare(locked, []);
    }
    const known = await hand.doubts.settle(lane, locked);
    if (known !== null) return this.#answerKnown(hand, known);
    const found: Found[] = [];
    try {
      await this.#collect(hand, locked, found);
      const outdated = [...this.#outdated(found)];
      if (outdated.length > 0) {
        await lane.readCounters(outdated);
        for (const [id, { last_seq }] of locked.heads) subjects.confirm(ofTenant(outdated, id), id, last_seq);
      }
      const batch = this.#decide(found, clock.read());
      await this.#write(lane, hand, batch, locked);
      if (!batch.empty)
        observer.batchCommitted(batch.deliveries.length, (clock.monotonic - started) / 1000, null);
      answer(batch);
    } finally {
      for (const { state } of found) subjects.unpin(state);
    }
  }

  async #write(lane: Lane, hand: Hand, batch: Batch, locked: Locked): Promise<void> {
    const [tenantId] = locked.heads.keys();
    if (batch.empty && hand.doubts.any && tenantId !== undefined) batch.fence(tenantId);
    if (batch.empty) return lane.rollBack();
    const holders = this.#holders.toWrite(batch.deliveries);
    try {
      this.#committed(batch, await lane.commit(batch, holders));
      this.#holders.written(holders);
    } catch (error) {
      if (error instanceof OutcomeUnknown) hand.doubts.add(batch, locked.heads);
      throw error;
    }
  }

  /** Answers those whose batch has turned out to be committed; whoever was taken after them goes on waiting. */
  #answerKnown(hand: Hand, batch: Batch): void {
    this.#options.observer.batchCommitted(batch.deliveries.length, 0, null);
    const answered = new Set(batch.decided.map(({ waiting }) => waiting));
    for (const waiting of hand.held) if (!answered.has(waiting)) this.#options.queue.push(waiting);
    answer(batch);
  }

  /**
   * Takes whoever waits for the locked tenants, with what they are decided upon. What has changed is loaded under the lock:
   * configuration that moves all the time would else be out of date whenever its turn comes.
   */
  async #collect(hand: Hand, locked: Locked, found: Found[]): Promise<void> {
    const { subjects, clock } = this.#options;
    const tenantIds = hand.turn.tenantIds.filter((id) => locked.heads.has(id));
    for (const id of hand.turn.tenantIds) if (!locked.heads.has(id)) this.#passOver(hand, id);
    let left = hand.take(tenantIds, MAX_BATCH);
    for (let round = 0; left.length > 0 && round < MAX_ROUNDS; round++) {
      const loading = new Map<Waiting, Promise<void>>();
      for (const waiting of left) {
        const state = subjects.find(waiting.lookup, clock.read());
        if (state instanceof Promise) {
          loading.set(waiting, state);
        } else {
          subjects.pin(state);
          found.push({ waiting, state });
        }
      }
      const outcomes = await Promise.allSettled(loading.values());
      const loaded = [...loading.keys()].filter((_, at) => outcomes[at]?.status === 'fulfilled');
      // A load that fails is the concern of those alone who need it.
      for (const waiting of loading.keys()) {
        if (loaded.includes(waiting)) continue;
        hand.drop(waiting);
        this.#options.enter(waiting);
      }
      left = loaded;
    }
    for (const waiting of left)
      waiting.reject(new StorageError('BUSY', 'the configuration did not stand still'));
  }

  /** The tenant's row was not locked: others hold it, or where it was waited for, it is gone. */
  #passOver(hand: Hand, tenantId: number): void {
    const { subjects, clock } = this.#options;
    const waiting = hand.release(tenantId);
    if (hand.turn.wait) {
      subjects.forget(tenantId);
      for (const each of [...waiting, ...this.#options.queue.drain(tenantId, Number.POSITIVE_INFINITY)])
        this.#options.enter(each);
      return;
    }
    this.#options.queue.contended(tenantId, clock.monotonic);
    for (const each of waiting) this.#options.queue.push(each);
  }

  /** Compares what is remembered with the rows; the counters of `read` were read after these had been locked. */
  #compare(locked: Locked, read: readonly (ServiceSubject | AppSubject)[]): void {
    const { subjects, clock } = this.#options;
    for (const [id, head] of locked.heads) {
      if (!subjects.compare(id, head)) this.#options.queue.contended(id, clock.monotonic);
      subjects.confirm(ofTenant(read, id), id, head.last_seq);
    }
  }

  /** The services and apps that those who wait for these tenants will be decided upon, as far as they are in memory. */
  #expected(tenantIds: readonly number[]): (ServiceSubject | AppSubject)[] {
    const { subjects, clock } = this.#options;
    const expected = new Set<ServiceSubject | AppSubject>();
    for (const { lookup } of this.#options.queue.first(tenantIds, MAX_EXPECTED)) {
      const state = subjects.find(lookup, clock.read());
      if (state instanceof Promise) {
        state.catch(() => {});
        continue;
      }
      for (const subject of [state.service, state.app]) if (subject !== null) expected.add(subject);
    }
    return [...expected];
  }

  /** The services and apps whose counters somebody else has moved. */
  #outdated(found: readonly Found[]): Set<ServiceSubject | AppSubject> {
    const outdated = new Set<ServiceSubject | AppSubject>();
    for (const { state } of found) {
      for (const subject of [state.service, state.app]) {
        if (subject !== null && !this.#options.subjects.isTrue(subject)) outdated.add(subject);
      }
    }
    return outdated;
  }

  #decide(found: readonly Found[], time: ClockReading): Batch {
    const batch = new Batch();
    for (const { waiting, state } of found) {
      const now = { ...state, time };
      try {
        this.#options.subjects.openDays(now);
        const decision = waiting.decide(now);
        batch.add(waiting, decision, now);
        this.#options.decided(waiting, decision);
      } catch (error) {
        waiting.reject(error as Error);
      }
    }
    return batch;
  }

  #committed(batch: Batch, heads: ReadonlyMap<number, Head>): void {
    const { subjects } = this.#options;
    for (const [id, head] of heads) {
      subjects.confirm(batch.movedOf(id), id, head.last_seq);
      subjects.configurationChanged(id, head.config_version);
    }
  }
}

function ofTenant(subjects: readonly (ServiceSubject | AppSubject)[], tenantId: number) {
  return subjects.filter(({ config }) => config.tenant_id === tenantId);
}

function answer(batch: Batch): void {
  for (const { waiting, decision } of batch.decided) waiting.resolve(decision);
}
