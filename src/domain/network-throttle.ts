/** `limit` charges per `windowMs` milliseconds for each network; at most `maxNetworks` networks are remembered. */
export type ThrottleSettings = {
  readonly limit: number;
  readonly windowMs: number;
  readonly maxNetworks: number;
};

type Window = {
  readonly network: string;
  startsAt: number;
  charges: number;
  /** Neighbours in the order of last use. */
  older: Window | null;
  newer: Window | null;
};

/**
 * Counts events per client network in fixed windows, each of which begins with the first charge of its network.
 *
 * Memory is bounded: when `maxNetworks` are known, a new one displaces the one that was longest neither charged nor
 * asked about, whose count is then forgotten. Times are passed in, in ms since the epoch, and may go backwards:
 * going back into a window, or out of an ended one into it, neither reopens nor lengthens it; going back to before
 * its start moves the start there and keeps the count, so that no one ever waits longer than one window.
 */
export class NetworkThrottle {
  readonly limit: number;
  readonly windowMs: number;
  readonly #maxNetworks: number;
  readonly #windows = new Map<string, Window>();
  // The order of use is a linked list, not the order of the Map: finding a Map's first entry passes over all that
  // were deleted before it, which makes a flood from ever new networks cost more the more networks are remembered.
  #oldest: Window | null = null;
  #newest: Window | null = null;

  /** Throws a RangeError unless all three are whole numbers above 0. */
  constructor(settings: ThrottleSettings) {
    for (const [name, value] of Object.entries(settings)) {
      if (!Number.isSafeInteger(value) || value < 1)
        throw new RangeError(`${name} must be a whole number above 0`);
    }
    this.limit = settings.limit;
    this.windowMs = settings.windowMs;
    this.#maxNetworks = settings.maxNetworks;
  }

  /**
   * 0 when one more charge is within the limit, else the whole seconds (at least 1, never more than the window,
   * rounded up) until the network's window ends. Charges nothing.
   */
  retryAfter(network: string, now: number): number {
    const window = this.#use(network, now);
    if (window === undefined || window.charges < this.limit) return 0;
    const remainingMs = window.startsAt + this.windowMs - now;
    return remainingMs > 0 ? Math.ceil(remainingMs / 1000) : 0;
  }

  /** Counts one event, whether or not it was within the limit. */
  charge(network: string, now: number): void {
    const window = this.#use(network, now);
    if (window === undefined) {
      this.#remember(network, now);
    } else if (now - window.startsAt >= this.windowMs) {
      window.startsAt = now;
      window.charges = 1;
    } else {
      window.charges++;
    }
  }

  /** The window of a known network, which becomes the most recently used and never starts in the future. */
  #use(network: string, now: number): Window | undefined {
    const window = this.#windows.get(network);
    if (window === undefined) return undefined;
    if (window !== this.#newest) {
      this.#unlink(window);
      this.#linkNewest(window);
    }
    if (now < window.startsAt) window.startsAt = now;
    return window;
  }

  #remember(network: string, now: number): void {
    if (this.#windows.size >= this.#maxNetworks && this.#oldest !== null) {
      this.#windows.delete(this.#oldest.network);
      this.#unlink(this.#oldest);
    }
    const window: Window = { network, startsAt: now, charges: 1, older: null, newer: null };
    this.#windows.set(network, window);
    this.#linkNewest(window);
  }

  #unlink(window: Window): void {
    if (window.older === null) this.#oldest = window.newer;
    else window.older.newer = window.newer;
    if (window.newer === null) this.#newest = window.older;
    else window.newer.older = window.older;
  }

  #linkNewest(window: Window): void {
    window.older = this.#newest;
    window.newer = null;
    if (this.#newest === null) this.#oldest = window;
    else this.#newest.newer = window;
    this.#newest = window;
  }
}
