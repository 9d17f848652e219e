/**
 * Signed deliveries with the same nonce, one after the other: each finds in the database what became of those before it.
 * Only those under way are in memory.
 */
import { type Nonce, nameOfNonce } from '../nonces.ts';
import type { Reader } from '../rows.ts';
import { isSpent } from '../tables/spent-nonces.ts';

export interface HeldNonce {
  readonly spent: boolean;
  /** To be called once the delivery is on disk, or refused. */
  release(): void;
}

export class Nonces {
  readonly #read: Reader;
  /** Nonce → when the last one so far that has it is over. */
  readonly #under = new Map<string, Promise<void>>();

  constructor(read: Reader) {
    this.#read = read;
  }

  /** Waits for those before it. Rejects with a StorageError. */
  async hold(nonce: Nonce, settled: number): Promise<HeldNonce> {
    const name = nameOfNonce(nonce);
    const before = this.#under.get(name);
    const over = Promise.withResolvers<void>();
    const mine = over.promise;
    this.#under.set(name, mine);
    const release = () => {
      if (this.#under.get(name) === mine) this.#under.delete(name);
      over.resolve();
    };
    try {
      await before;
      return { spent: await isSpent(this.#read, nonce, settled), release };
    } catch (error) {
      release();
      throw error;
    }
  }
}
