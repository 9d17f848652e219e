/**
 * Work in turns: of one owner so many run at once, and whoever has waited longest comes next. A turn that takes longer than
 * `longestMs` goes on, but no longer keeps anybody waiting.
 */
export class Turns {
  readonly #atOnce: number;
  readonly #longestMs: number;
  readonly #owners = new Map<number, { taken: number; readonly waiting: (() => void)[] }>();

  constructor(atOnce: number, longestMs: number) {
    this.#atOnce = atOnce;
    this.#longestMs = longestMs;
  }

  /** Runs `work` when its turn comes, and comes to what it does; `waited` says whether others came first. */
  async run<T>(owner: number, work: (waited: boolean) => Promise<T>): Promise<T> {
    const places = this.#owners.get(owner) ?? { taken: 0, waiting: [] };
    this.#owners.set(owner, places);
    const waits = places.taken >= this.#atOnce;
    if (waits) await new Promise<void>((resolve) => places.waiting.push(resolve));
    else places.taken++;
    let held = true;
    const giveBack = () => {
      if (!held) return;
      held = false;
      const next = places.waiting.shift();
      if (next !== undefined) next();
      else if (--places.taken === 0) this.#owners.delete(owner);
    };
    const timer = setTimeout(giveBack, this.#longestMs);
    try {
      return await work(waits);
    } finally {
      clearTimeout(timer);
      giveBack();
    }
  }
}
