/**
 * A bounded cache that loads what it is asked for, each name once at a time. What is known to be missing is remembered
 * apart from what is there, so that a flood of unknown names cannot push out known ones.
 *
 * A value that was pinned stays reachable until it is unpinned, however full the cache is: it holds state that is not yet
 * in the database.
 */
import { LRUCache } from 'lru-cache';
import type { CacheVitals } from './vitals.ts';

/** How often a load is started again because configuration has changed meanwhile. */
const MAX_ATTEMPTS = 3;

interface Entry<V> {
  readonly value: V;
  readonly epoch: number;
}

interface Pin<V> {
  readonly value: V;
  count: number;
}

export class OnDemandCache<V extends object, K = string> {
  readonly #load: (key: K) => Promise<V | null>;
  readonly #epochOf: (value: V) => number;
  readonly #known: LRUCache<string, Entry<V>>;
  readonly #missing: LRUCache<string, true>;
  readonly #pinned = new Map<string, Pin<V>>();
  readonly #loading = new Map<string, Promise<void>>();
  #generation = 0;
  #hits = 0;
  #misses = 0;
  #evictions = 0;

  /**
   * `epochOf`: the present epoch of the tenant that a value belongs to; an entry of an earlier epoch counts as not loaded.
   * `missingMs`: how long a name is held to be missing; without it, until configuration changes.
   */
  constructor(options: {
    max: number;
    missingMs?: number;
    load: (key: K) => Promise<V | null>;
    epochOf: (value: V) => number;
  }) {
    this.#load = options.load;
    this.#epochOf = options.epochOf;
    this.#known = new LRUCache({
      max: options.max,
      dispose: (_entry, _name, reason) => {
        if (reason === 'evict') this.#evictions++;
      },
    });
    this.#missing = new LRUCache({ max: options.max, ttl: options.missingMs ?? 0 });
  }

  /** The value; null when it is known to be missing; undefined when it has to be loaded first. */
  peek(name: string): V | null | undefined {
    const value = this.#peek(name);
    if (value === undefined) this.#misses++;
    else this.#hits++;
    return value;
  }

  /**
   * Loads a name, so that `peek` knows it, unless configuration changes all the while; `key` is what the loader takes for it.
   * Rejects as the loader does.
   */
  load(name: string, key: K): Promise<void> {
    let loading = this.#loading.get(name);
    if (loading === undefined) {
      loading = this.#fill(name, key).finally(() => this.#loading.delete(name));
      this.#loading.set(name, loading);
    }
    return loading;
  }

  pin(name: string, value: V): void {
    const pin = this.#pinned.get(name);
    if (pin === undefined) this.#pinned.set(name, { value, count: 1 });
    else pin.count++;
  }

  unpin(name: string): void {
    const pin = this.#pinned.get(name);
    if (pin !== undefined && --pin.count === 0) this.#pinned.delete(name);
  }

  forget(name: string): void {
    this.#generation++;
    this.#known.delete(name);
    this.#pinned.delete(name);
  }

  /** To be called whenever configuration has changed: drops what was known to be missing, and loads that are under way start again. */
  configurationChanged(): void {
    this.#generation++;
    this.#missing.clear();
  }

  get size(): number {
    return this.#known.size;
  }

  get vitals(): CacheVitals {
    return {
      entries: this.#known.size,
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#evictions,
    };
  }

  #peek(name: string): V | null | undefined {
    const entry = this.#known.get(name);
    if (entry !== undefined && entry.epoch === this.#epochOf(entry.value)) return entry.value;
    const pinned = this.#pinned.get(name);
    if (pinned !== undefined) return pinned.value;
    return this.#missing.has(name) ? null : undefined;
  }

  async #fill(name: string, key: K): Promise<void> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const generation = this.#generation;
      const value = await this.#load(key);
      if (generation !== this.#generation) continue;
      if (value === null) this.#missing.set(name, true);
      else this.#known.set(name, { value, epoch: this.#epochOf(value) });
      return;
    }
  }
}
