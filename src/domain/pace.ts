import { LRUCache } from 'lru-cache';

/** `burst` at once and then `perSecond`, for each name; at most `maxNames` names are remembered, `maxWaitMs` is the longest wait. */
export interface PaceSettings {
  readonly perSecond: number;
  readonly burst: number;
  readonly maxWaitMs: number;
  readonly maxNames: number;
}

/**
 * Spreads what comes too fast over time: the generic cell rate algorithm (ITU-T I.371) with a queue, so that each one is
 * told how long to wait and none is turned away. Whoever waits for an answer before asking again is slowed to the pace, with up
 * to as many connections as have a turn each within the longest wait.
 */
export class Pace {
  readonly #intervalMs: number;
  readonly #toleranceMs: number;
  readonly #maxWaitMs: number;
  /** Name → the time at which the next one is due, in milliseconds. */
  readonly #due: LRUCache<string, number>;

  constructor(settings: PaceSettings) {
    this.#intervalMs = 1000 / settings.perSecond;
    this.#toleranceMs = (settings.burst - 1) * this.#intervalMs;
    this.#maxWaitMs = settings.maxWaitMs;
    this.#due = new LRUCache({ max: settings.maxNames });
  }

  /**
   * Takes the next turns of `name`: the milliseconds from `now` until the first of them comes, 0 where it is there. `now` only
   * goes forward.
   */
  takeTurn(name: string, now: number, turns = 1): number {
    const wait = this.#dueOf(name, now) - this.#toleranceMs - now;
    this.charge(name, now, turns);
    return Math.min(Math.max(0, wait), this.#maxWaitMs);
  }

  /** Takes turns for which nobody waits: whoever comes next does. Nothing where they would wait for the longest time already. */
  charge(name: string, now: number, turns: number): void {
    const due = this.#dueOf(name, now);
    if (due - this.#toleranceMs - now >= this.#maxWaitMs) return;
    this.#due.set(name, due + turns * this.#intervalMs);
  }

  #dueOf(name: string, now: number): number {
    return Math.max(this.#due.get(name) ?? 0, now);
  }
}
