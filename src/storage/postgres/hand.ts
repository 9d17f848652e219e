/** What a lane has in hand: its turn, and whoever was taken out of the queue for it and is not answered yet. */
import type { DeliveryQueue, Turn, Waiting } from './delivery-queue.ts';
import { Doubts } from './doubts.ts';

export const MAX_BATCH = 256;

export class Hand {
  readonly turn: Turn;
  readonly #queue: DeliveryQueue;
  readonly #held = new Map<number, Waiting[]>();
  readonly doubts = new Doubts();
  failingSince: number | null = null;

  constructor(turn: Turn, queue: DeliveryQueue) {
    this.turn = turn;
    this.#queue = queue;
  }

  get held(): Waiting[] {
    return [...this.#held.values()].flat();
  }

  /** Whoever is held of these tenants already, and of those that wait as many more as make `most`. */
  take(tenantIds: readonly number[], most: number): Waiting[] {
    let room = Math.min(most, MAX_BATCH) - this.held.length;
    // Each tenant has its share of the batch first, so that a hot one does not hold up those locked with it.
    for (const share of [Math.ceil(room / tenantIds.length), MAX_BATCH]) {
      for (const id of tenantIds) {
        const already = this.#held.get(id) ?? [];
        const drained = this.#queue.drain(id, Math.min(room, share - already.length));
        this.#held.set(id, [...already, ...drained]);
        room -= drained.length;
      }
    }
    return tenantIds.flatMap((id) => this.#held.get(id) ?? []);
  }

  /** Lets go of one. */
  drop(waiting: Waiting): void {
    const { tenantId } = waiting;
    const others = (this.#held.get(tenantId) ?? []).filter((each) => each !== waiting);
    this.#held.set(tenantId, others);
  }

  /** Lets go of a tenant's, and returns them. */
  release(tenantId: number): Waiting[] {
    const released = this.#held.get(tenantId) ?? [];
    this.#held.delete(tenantId);
    return released;
  }
}
