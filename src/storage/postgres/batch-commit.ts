/**
 * One transaction of a batch, from the lock to the answers: whoever waits for the tenants whose rows were locked is decided
 * upon what the database says now, and answered when that is committed.
 */
import type { ProcessReading } from '../../domain/clock.ts';
import type { AppSubject, DeliveryState, ServiceSubject } from '../configuration.ts';
import type { Decision, EngineObserver } from '../engine.ts';
import { Holders } from '../holders.ts';
import { type Nonce, nameOfNonce, nonceOf } from '../nonces.ts';
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
/**
 * How long tenants are kept locked for what is loaded. What takes longer is loaded beside: a service of very many keys,
 * of which then only what has changed meanwhile is left to load under the next lock.
 */
const LOAD_UNDER_LOCK_MS = 1_000;

export interface BatchCommitOptions {
  readonly queue: DeliveryQueue;
  readonly subjects: Subjects;
  readonly clock: DatabaseClock;
  readonly observer: EngineObserver;
  /** Finds out anew whose a delivery is: the tenant that it waited for is gone. */
  enter(waiting: Waiting): void;
  /** The same once what it is decided upon was loaded. */
  enterAfter(waiting: Waiting, loading: Promise<void>): void;
  /** Told of each decision that was made upon what the database says, and not upon memory alone. */
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
    // Whether a nonce was spent only the lock can tell.
    if (noncesOf(found).length > 0) return false;
    const time = clock.database;
    const batch = this.#decide(found, clock.read());
    if (batch.empty) return false;
    for (const { state } of found) subjects.pin(state);
    try {
      const holders = this.#holders.toWrite(batch.deliveries, (keyId) => batch.activatedAt(keyId));
      // What changes configuration is decided under the lock.
      const written =
        batch.changes.length > 0 ? null : await lane.commitIfUnmoved(batch, heads, holders, time);
      if (written === null) {
        batch.undo();
        return false;
      }
      if (written.now !== null) clock.sample(written.now);
      this.#tell(batch);
      this.#committed(batch, written.heads);
      this.#holders.written(holders);
      observer.batchCommitted(batch.deliveries.length, (clock.monotonic - started) / 1000, null);
      answer(batch);
      return true;
    } catch (error) {
      if (error instanceof OutcomeUnknown) hand.doubts.add(batch, heads);
      else batch.undo();
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
      const nonces = noncesOf(found);
      const { settled } = clock.read();
      const spent = nonces.length === 0 ? undefined : await lane.readNonces(nonces, settled);
      const batch = this.#decide(found, clock.read(), spent);
      this.#tell(batch);
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
    const holders = this.#holders.toWrite(batch.deliveries, (keyId) => batch.activatedAt(keyId));
    try {
      this.#committed(batch, await lane.commit(batch, holders));
      this.#holders.written(holders);
    } catch (error) {
      if (error instanceof OutcomeUnknown) hand.doubts.add(batch, locked.heads);
      else batch.undo();
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
    const tenantIds = hand.turn.tenantIds.filter((id) => locked.heads.has(id));
    for (const id of hand.turn.tenantIds) if (!locked.heads.has(id)) this.#passOver(hand, id);
    let left = hand.take(tenantIds, MAX_BATCH);
    const timeUp = Promise.withResolvers<void>();
    const timer = setTimeout(timeUp.resolve, LOAD_UNDER_LOCK_MS);
    while (left.length > 0) left = await this.#collectFrom(left, hand, found, timeUp.promise);
    clearTimeout(timer);
  }

  /** Returns those for whom something was loaded, who are to be looked at again. */
  async #collectFrom(
    left: readonly Waiting[],
    hand: Hand,
    found: Found[],
    timeUp: Promise<void>,
  ): Promise<Waiting[]> {
    const { subjects, clock } = this.#options;
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
    const loaded = new Set<Waiting>();
    const each = [...loading].map(([waiting, state]) =>
      state.then(
        () => void loaded.add(waiting),
        () => {},
      ),
    );
    await Promise.race([Promise.all(each), timeUp]);
    // A load that fails, or takes its time, is the concern of those alone who need it.
    for (const [waiting, state] of loading) {
      if (loaded.has(waiting)) continue;
      hand.drop(waiting);
      this.#options.enterAfter(waiting, state);
    }
    return [...loaded];
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

  /**
   * The services and apps that those who wait for these tenants will be decided upon, as far as they are in memory, and others
   * are likely to have moved their counters: of a tenant whose row only a unit has held, they are as they were.
   */
  #expected(tenantIds: readonly number[]): (ServiceSubject | AppSubject)[] {
    const { subjects, clock } = this.#options;
    const expected = new Set<ServiceSubject | AppSubject>();
    const shared = tenantIds.filter((id) => subjects.isShared(id));
    for (const { lookup } of this.#options.queue.first(shared, MAX_EXPECTED)) {
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

  /** `spent`: the names of the nonces that were; without it, none of these is signed. */
  #decide(found: readonly Found[], time: ProcessReading, spent = new Set<string>()): Batch {
    const batch = new Batch();
    for (const { waiting, state } of found) {
      const nonce = nonceOf(waiting.lookup, state);
      const nonceSpent = nonce !== null && spent.has(nameOfNonce(nonce));
      const now = { ...state, time, nonceSpent };
      try {
        this.#options.subjects.openDays(now);
        const decision = waiting.decide(now);
        batch.add(waiting, decision, now);
        if (decision.refusal === null && nonce !== null) spent.add(nameOfNonce(nonce));
      } catch (error) {
        waiting.reject(error as Error);
      }
    }
    return batch;
  }

  #tell(batch: Batch): void {
    for (const { waiting, decision } of batch.decided) this.#options.decided(waiting, decision);
  }

  #committed(batch: Batch, heads: ReadonlyMap<number, Head>): void {
    const { subjects } = this.#options;
    for (const [id, head] of heads) {
      subjects.confirm(batch.movedOf(id), id, head.last_seq);
      subjects.configurationChanged(id, head.config_version);
    }
  }
}

function noncesOf(found: readonly Found[]): Nonce[] {
  return found.flatMap(({ waiting, state }) => nonceOf(waiting.lookup, state) ?? []);
}

function ofTenant(subjects: readonly (ServiceSubject | AppSubject)[], tenantId: number) {
  return subjects.filter(({ config }) => config.tenant_id === tenantId);
}

function answer(batch: Batch): void {
  for (const { waiting, decision } of batch.decided) waiting.resolve(decision);
}
