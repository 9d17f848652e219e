/**
 * Deliveries as they come: finds out whose each is, answers from memory what needs no lock, and lets the others wait for
 * their tenant's turn.
 */
import type { DeliveryState } from '../configuration.ts';
import type { Decision } from '../engine.ts';
import { StorageError } from '../errors.ts';
import { growingCache } from '../growing-cache.ts';
import type { DatabaseClock } from './database-clock.ts';
import type { Waiting } from './delivery-queue.ts';
import { mayTryAgain, storageError, TRY_AGAIN_AFTER_MS, TRY_AGAIN_FOR_MS } from './errors.ts';
import type { Subjects } from './subjects.ts';

/** Rounds of loading what a decision needs before a delivery gives up. */
const MAX_ROUNDS = 50;
/** One more than a token, its tenant, its app and its service. */
const LOADS_BEFORE_LOCK = 5;
/** How long a refusal may be repeated from memory before the database is asked again. */
const REFUSAL_HOLDS_MS = 1_000;
const MAX_REFUSALS = 20_000;

export interface ArrivalsOptions {
  readonly subjects: Subjects;
  readonly clock: DatabaseClock;
  /** Since when storage has not answered, in monotonic milliseconds; null while it works. */
  downSince(): number | null;
  /** Takes in a delivery of which the tenant is known. */
  waitForTurn(waiting: Waiting): void;
}

export class Arrivals {
  readonly #options: ArrivalsOptions;
  /** Token and service → when their last request was refused, under the lock. */
  readonly #refusedAt = growingCache<string, number>(MAX_REFUSALS);
  /** Whoever waits for something to be loaded. */
  readonly #loading = new Set<Waiting>();

  constructor(options: ArrivalsOptions) {
    this.#options = options;
  }

  /** Remembers a refusal for a while; a throttle counts each request by itself. */
  decided(waiting: Waiting, { refusal }: Decision): void {
    if (refusal === null || refusal.reason === 'demo throttle') return;
    this.#refusedAt.set(nameOf(waiting), this.#options.clock.monotonic);
  }

  /** Finds out whose the delivery is, and lets it wait for that tenant's turn. */
  enter(waiting: Waiting): void {
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
        this.enterAfter(waiting, state);
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
    this.#options.waitForTurn(waiting);
  }

  /** Lets the delivery enter once that was loaded; where it fails, it is tried again for a while. */
  enterAfter(waiting: Waiting, loading: Promise<void>): void {
    this.#loading.add(waiting);
    loading.then(
      () => this.#enterAgain(waiting),
      (thrown) => {
        const error = storageError(thrown);
        const since = Math.min(waiting.arrivedAt, this.#options.downSince() ?? Number.POSITIVE_INFINITY);
        if (!mayTryAgain(error) || this.#options.clock.monotonic - since >= TRY_AGAIN_FOR_MS) {
          this.#loading.delete(waiting);
          waiting.reject(error);
          return;
        }
        setTimeout(() => this.#enterAgain(waiting), TRY_AGAIN_AFTER_MS);
      },
    );
  }

  /** Takes out everybody who waits for something to be loaded and for whom `gone` says so. */
  remove(gone: (waiting: Waiting) => boolean): Waiting[] {
    const removed = [...this.#loading].filter(gone);
    for (const waiting of removed) this.#loading.delete(waiting);
    return removed;
  }

  #enterAgain(waiting: Waiting): void {
    if (this.#loading.delete(waiting)) this.enter(waiting);
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
}

function nameOf({ lookup }: Waiting): string {
  return `${lookup.token}/${lookup.service}`;
}
