/**
 * Shares transactions between deliveries: whatever waits when a tenant's row has been locked is decided and committed
 * together, so batches grow while others hold the row, instead of queueing one by one.
 *
 * When the connection is lost nobody is answered until the outcome is known: the batch is tried again for a while, and
 * looked for first under the lock that its transaction held. What is given up then may stay charged, once.
 */
import { LRUCache } from 'lru-cache';
import type { ClockReading } from '../../domain/clock.ts';
import type { AppSubject, DeliveryState, ServiceSubject } from '../configuration.ts';
import type { Decision, DeliveryLookup, EngineObserver } from '../engine.ts';
import { StorageError } from '../errors.ts';
import { Batch } from './batch.ts';
import type { DatabaseClock } from './database-clock.ts';
import { DeliveryQueue, type Turn, type Waiting } from './delivery-queue.ts';
import { mayTryAgain, storageError } from './errors.ts';
import { type Lane, type Locked, OutcomeUnknown } from './lane.ts';
import type { Head, Subjects } from './subjects.ts';

const MAX_BATCH = 256;
/** Of how many that wait the counters are read along with the lock. */
const MAX_EXPECTED = 64;
/** Rounds of loading what a decision needs before a delivery gives up: only constant change of configuration takes as many. */
const MAX_ROUNDS = 50;
/** A credential, its tenant, app and service, each once more. */
const LOADS_BEFORE_LOCK = 8;
const TRY_AGAIN_FOR_MS = 2_000;
const TRY_AGAIN_AFTER_MS = 50;
const SWEEP_MS = 250;
/** How long a refusal may be repeated from memory before the database is asked again. */
const REFUSAL_HOLDS_MS = 1_000;
const MAX_REFUSALS = 20_000;

export interface GroupCommitOptions {
  readonly lanes: readonly Lane[];
  readonly subjects: Subjects;
  readonly clock: DatabaseClock;
  readonly observer: EngineObserver;
  /** How long a delivery may wait for its turn, in milliseconds. */
  readonly timeoutMs: number;
}

/** What a lane has in hand. `doubtful`: a batch that may have been committed, and the rows that it was decided upon. */
interface Hand {
  readonly turn: Turn;
  readonly held: Map<number, Waiting[]>;
  doubtful: { readonly batch: Batch; readonly heads: ReadonlyMap<number, Head> } | null;
  failingSince: number | null;
}

interface Found {
  readonly waiting: Waiting;
  readonly state: DeliveryState;
}

export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #queue = new DeliveryQueue();
  readonly #free: Lane[];
  readonly #sweeper: NodeJS.Timeout;
  /** Token and service → when their last request was refused, under the lock. */
  readonly #refusedAt = new LRUCache<string, number>({ max: MAX_REFUSALS });
  #scheduled = false;
  #waitingLanes = 0;
  /** Since when no lane has had an answer, and why; null while storage works. */
  #down: { readonly since: number; readonly error: StorageError } | null = null;
  #idle: PromiseWithResolvers<void> | null = null;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#free = [...options.lanes];
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS);
    this.#sweeper.unref();
  }

  /** Resolves with a decision that was committed, or that was a refusal. Rejects with a StorageError. */
  deliver<D extends Decision>(lookup: DeliveryLookup, decide: (state: DeliveryState) => D): Promise<D> {
    return new Promise<D>((resolve, reject) => {
      const arrivedAt = this.#options.clock.monotonic;
      this.#enter({
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

  /** Resolves when nothing waits and every lane is at rest; then closes them. */
  async close(): Promise<void> {
    if (!this.#atRest) {
      this.#idle ??= Promise.withResolvers<void>();
      await this.#idle.promise;
    }
    clearInterval(this.#sweeper);
    await Promise.all(this.#options.lanes.map((lane) => lane.close()));
  }

  get #atRest(): boolean {
    return this.#queue.empty && this.#free.length === this.#options.lanes.length;
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
    const hand: Hand = { turn, held: new Map(), doubtful: null, failingSince: null };
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
      await this.#commitOnce(lane, hand);
      this.#down = null;
      return true;
    } catch (thrown) {
      const error = storageError(thrown);
      const { monotonic } = this.#options.clock;
      for (const id of hand.turn.tenantIds) this.#options.subjects.forget(id);
      if (error.code === '55P03' && hand.doubtful === null) return this.#letOthers(lane, hand);
      if (thrown instanceof OutcomeUnknown || mayTryAgain(error)) lane.drop();
      else await lane.rollBack().catch(() => lane.drop());
      if (hand.failingSince === null) this.#options.observer.batchFailed(error);
      hand.failingSince ??= monotonic;
      if (mayTryAgain(error)) {
        const down = this.#down ?? { since: monotonic, error };
        this.#down = down;
        // Once storage has been away that long, those who come are told at once, by one attempt each time.
        if (monotonic - Math.min(hand.failingSince, down.since) < TRY_AGAIN_FOR_MS) return false;
      }
      this.#giveUp(hand, error);
      return true;
    }
  }

  /** The row was not to be had: whoever waits for it goes on waiting, and the lane does something else first. */
  async #letOthers(lane: Lane, hand: Hand): Promise<boolean> {
    await lane.rollBack().catch(() => lane.drop());
    for (const waiting of [...hand.held.values()].flat()) this.#queue.push(waiting);
    return true;
  }

  #giveUp(hand: Hand, error: StorageError): void {
    for (const id of hand.turn.tenantIds) {
      const waiting = hand.held.get(id) ?? [];
      hand.held.delete(id);
      for (const each of [...waiting, ...this.#queue.drain(id, Number.POSITIVE_INFINITY)]) each.reject(error);
    }
  }

  async #commitOnce(lane: Lane, hand: Hand): Promise<void> {
    const { clock, observer, subjects } = this.#options;
    const { turn } = hand;
    const started = clock.monotonic;
    const expected = turn.wait ? this.#expected(turn.tenantIds) : [];
    const locked = await lane.lock(turn.tenantIds, turn.wait || hand.doubtful !== null, expected);
    clock.sample(locked.now);
    this.#compare(locked, expected);
    if (hand.doubtful !== null && (await this.#resolveDoubt(lane, hand, locked))) return;
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
      if (!batch.empty) observer.batchCommitted(batch.deliveries, (clock.monotonic - started) / 1000);
      answer(batch);
    } finally {
      for (const { state } of found) subjects.unpin(state);
    }
  }

  async #write(lane: Lane, hand: Hand, batch: Batch, locked: Locked): Promise<void> {
    if (batch.empty) return lane.rollBack();
    try {
      this.#committed(batch, await lane.commit(batch));
    } catch (error) {
      if (error instanceof OutcomeUnknown) hand.doubtful = { batch, heads: locked.heads };
      throw error;
    }
  }

  /** Looks for a batch that may have been committed, now that its transaction is over. True where it was: all is answered. */
  async #resolveDoubt(lane: Lane, hand: Hand, locked: Locked): Promise<boolean> {
    const { doubtful } = hand;
    const id = doubtful?.batch.id ?? null;
    if (doubtful === null || id === null) {
      hand.doubtful = null;
      return false;
    }
    const since = doubtful.heads.get(id.tenant_id)?.last_seq ?? 0;
    const committed =
      locked.heads.has(id.tenant_id) && (await lane.hasCommitted(id.tenant_id, since, id.delivery_id));
    hand.doubtful = null;
    if (!committed) return false;
    this.#options.observer.batchCommitted(doubtful.batch.deliveries, 0);
    answer(doubtful.batch);
    // Whatever becomes of the connection now, the batch is over.
    await lane.rollBack().catch(() => lane.drop());
    return true;
  }

  /**
   * Takes whoever waits for the locked tenants, with what they are decided upon. What has changed is loaded under the lock:
   * configuration that moves all the time would else be out of date whenever its turn comes.
   */
  async #collect(hand: Hand, locked: Locked, found: Found[]): Promise<void> {
    const { subjects, clock } = this.#options;
    let left: Waiting[] = [];
    let room = MAX_BATCH;
    for (const id of hand.turn.tenantIds) {
      if (!locked.heads.has(id)) {
        this.#passOver(hand, id);
        continue;
      }
      const waiting = [...(hand.held.get(id) ?? []), ...this.#queue.drain(id, room)];
      hand.held.set(id, waiting);
      room = Math.max(0, room - waiting.length);
      left.push(...waiting);
    }
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
      await Promise.all(loading.values());
      left = [...loading.keys()];
    }
    for (const waiting of left)
      waiting.reject(new StorageError('BUSY', 'the configuration did not stand still'));
  }

  /** The tenant's row was not locked: others hold it, or where it was waited for, it is gone. */
  #passOver({ turn, held }: Hand, tenantId: number): void {
    const { subjects, clock } = this.#options;
    const waiting = held.get(tenantId) ?? [];
    held.delete(tenantId);
    if (turn.wait) {
      subjects.forget(tenantId);
      for (const each of [...waiting, ...this.#queue.drain(tenantId, Number.POSITIVE_INFINITY)])
        this.#enter(each);
      return;
    }
    this.#queue.contended(tenantId, clock.monotonic);
    for (const each of waiting) this.#queue.push(each);
  }

  /** Compares what is remembered with the rows; the counters of `read` were read after these had been locked. */
  #compare(locked: Locked, read: readonly (ServiceSubject | AppSubject)[]): void {
    const { subjects, clock } = this.#options;
    for (const [id, head] of locked.heads) {
      if (subjects.compare(id, head)) this.#queue.uncontended(id);
      else this.#queue.contended(id, clock.monotonic);
      subjects.confirm(ofTenant(read, id), id, head.last_seq);
    }
  }

  /** The services and apps that those who wait for these tenants will be decided upon, as far as they are in memory. */
  #expected(tenantIds: readonly number[]): (ServiceSubject | AppSubject)[] {
    const { subjects, clock } = this.#options;
    const expected = new Set<ServiceSubject | AppSubject>();
    for (const { lookup } of this.#queue.first(tenantIds, MAX_EXPECTED)) {
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
        if (standsFor(decision)) this.#refusedAt.set(nameOf(waiting), this.#options.clock.monotonic);
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

  #enterAfter(waiting: Waiting, loading: Promise<void>): void {
    loading.then(
      () => this.#enter(waiting),
      (thrown) => {
        const error = storageError(thrown);
        const since = Math.min(waiting.arrivedAt, this.#down?.since ?? Number.POSITIVE_INFINITY);
        if (!mayTryAgain(error) || this.#options.clock.monotonic - since >= TRY_AGAIN_FOR_MS) {
          waiting.reject(error);
          return;
        }
        setTimeout(() => this.#enter(waiting), TRY_AGAIN_AFTER_MS);
      },
    );
  }

  /** Finds out whose the delivery is, and lets it wait for that tenant's turn. */
  #enter(waiting: Waiting): void {
    if (++waiting.rounds > MAX_ROUNDS) {
      waiting.reject(new StorageError('BUSY', 'the configuration did not stand still'));
      return;
    }
    const { subjects, clock } = this.#options;
    const owner = subjects.ownerOf(waiting.lookup);
    const state = subjects.find(waiting.lookup, clock.read());
    if (state instanceof Promise) {
      // What changes faster than it can be loaded is loaded under the lock.
      if (owner === undefined || waiting.rounds < LOADS_BEFORE_LOCK) {
        this.#enterAfter(waiting, state);
      } else {
        state.catch(() => {});
        this.#waitForTurn(waiting, owner);
      }
      return;
    }
    try {
      if (this.#refusedFromMemory(waiting, state)) return;
    } catch (error) {
      waiting.reject(error as Error);
      return;
    }
    this.#waitForTurn(waiting, state.credential?.tenant_id ?? 0);
  }

  #waitForTurn(waiting: Waiting, tenantId: number): void {
    waiting.tenantId = tenantId;
    this.#queue.push(waiting);
    this.#schedule();
  }

  /** Nobody's token, and what was refused a moment ago and would be again, need no lock. */
  #refusedFromMemory(waiting: Waiting, state: DeliveryState): boolean {
    const { subjects, clock } = this.#options;
    if (state.credential !== null) {
      const refusedAt = this.#refusedAt.get(nameOf(waiting));
      if (refusedAt === undefined || clock.monotonic - refusedAt >= REFUSAL_HOLDS_MS) return false;
      subjects.openDays(state);
    }
    const decision = waiting.decide(state);
    if (decision.refusal === null || decision.brokenKeys.length > 0) return false;
    waiting.resolve(decision);
    return true;
  }

  /** Whoever has waited too long is told so; what a lane has in hand is left to it. */
  #sweep(): void {
    const { clock, timeoutMs } = this.#options;
    const late = this.#queue.remove((waiting) => clock.monotonic - waiting.arrivedAt >= timeoutMs);
    if (late.length === 0) return;
    const error = new StorageError('TIMEOUT', `storage has not answered for ${timeoutMs} ms`);
    this.#options.observer.batchFailed(error);
    for (const waiting of late) waiting.reject(error);
  }
}

function nameOf({ lookup }: Waiting): string {
  return `${lookup.token}/${lookup.service}`;
}

function ofTenant(subjects: readonly (ServiceSubject | AppSubject)[], tenantId: number) {
  return subjects.filter(({ config }) => config.tenant_id === tenantId);
}

/** Whether the next request would be refused as well; a throttle counts each request by itself. */
function standsFor({ refusal }: Decision): boolean {
  return refusal !== null && refusal.reason !== 'demo throttle';
}

function answer(batch: Batch): void {
  for (const { waiting, decision } of batch.decided) waiting.resolve(decision);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
