/**
 * Gives way before the disk is full: says so early, then keeps no refusals on record, which nobody depends on. Deliveries are
 * recorded to the last byte, and refused after that.
 */
import type { RefusalRecorder } from '../usage/record-refusals.ts';
import type { Vault } from '../vault/vault.ts';

/** Free bytes below which there is a warning, and below which what is optional is given up. */
export interface DiskMarks {
  readonly warn: number;
  readonly low: number;
}

export type DiskState = 'enough' | 'scarce' | 'low';

export interface DiskObserver {
  /** Told when the state changes; `free` in bytes. */
  changed(state: DiskState, free: number): void;
}

export class DiskWatch {
  readonly #marks: DiskMarks;
  readonly #refusals: RefusalRecorder;
  readonly #observer: DiskObserver;
  #state: DiskState = 'enough';

  constructor(marks: DiskMarks, refusals: RefusalRecorder, observer: DiskObserver) {
    this.#marks = marks;
    this.#refusals = refusals;
    this.#observer = observer;
  }

  /** Does nothing where the engine cannot tell how much is free. */
  async look({ engine }: Vault): Promise<void> {
    const { free } = await engine.space();
    if (free === null) return;
    const state = free < this.#marks.low ? 'low' : free < this.#marks.warn ? 'scarce' : 'enough';
    this.#refusals.paused = state === 'low';
    if (state === this.#state) return;
    this.#state = state;
    this.#observer.changed(state, free);
  }
}
