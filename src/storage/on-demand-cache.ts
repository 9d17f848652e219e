/**
 * A bounded cache that loads what it is asked for, each name once at a time. What is known to be missing is remembered
 * apart from what is there, so that a flood of unknown names cannot push out known ones.
 *
 * A value that was pinned stays reachable until it is unpinned, however full the cache is: it holds state that is not yet
 * in the database.
 */
import { LRUCache } from 'lru-cache';
import { growingCache } from './growing-cache.ts';
import type { CacheVitals } from './vitals.ts';

/** How often a load is started again because what it loads has changed meanwhile. */
const MAX_ATTEMPTS = 3;

/** A count of all changes of configuration; the epoch of a value is where it stood with the last one of the value's tenant. */
export interface Epochs<V> {
  /** Where the count stands. */
  latest(): number;
  of(value: V): number;
  /** Of an entry with this epoch or a later one, a loader may take over what has not changed. */
  knownSince(value: V): number;
}

interface Entry<V> {
  readonly value: V;
  readonly epoch: number;
}

interface Pin<V> {
  readonly value: V;
  count: number;
}

export class OnDemandCache<V extends object, K = string> {
  readonly #load: (key: K, known: V | null) => Promise<V | null>;
  readonly #epochs: Epochs<V>;
  readonly #known: LRUCache<string, Entry<V>>;
  readonly #missing: LRUCache<string, true>;
  readonly #pinned = new Map<string, Pin<V>>();
  readonly #loading = new Map<string, Promise<void>>();
  /** Names that were forgotten while they were being loaded. */
  readonly #overtaken = new Set<string>();
  #hits = 0;
  #misses = 0;
  #evictions = 0;

  /**
   * An entry of an earlier epoch counts as not loaded; `load` is given its value to go on from, if it may be. `sizeOf`:
   * how many entries' room, out of `max`, a value takes; without it, that of one.
   * `missingMs`: how long a name is held to be missing; without it, until configuration changes.
   */
  constructor(options: {
    max: number;
    missingMs?: number;
    load: (key: K, known: V | null) => Promise<V | null>;
    epochs: Epochs<V>;
    sizeOf?: (value: V) => number;
  }) {
    const { max, sizeOf } = options;
    this.#load = options.load;
    this.#epochs = options.epochs;
    this.#known = new LRUCache({
      maxSize: max,
      // What is larger than all of the room would not be kept at all.
      sizeCalculation: ({ value }) => Math.min(max, Math.max(1, sizeOf?.(value) ?? 1)),
      dispose: (_entry, _name, reason) => {
        if (reason === 'evict') this.#evictions++;
      },
    });
    this.#missing = growingCache(max, options.missingMs);
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

  /** Drops a name; a load of it that is under way starts again. */
  forget(name: string): void {
    this.#known.delete(name);
    this.#pinned.delete(name);
    if (this.#loading.has(name)) this.#overtaken.add(name);
  }

  /** To be called whenever configuration has changed: what was known to be missing may be there. */
  configurationChanged(): void {
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
    if (entry !== undefined && entry.epoch === this.#epochs.of(entry.value)) return entry.value;
    const pinned = this.#pinned.get(name);
    if (pinned !== undefined) return pinned.value;
    return this.#missing.has(name) ? null : undefined;
  }

  async #fill(name: string, key: K): Promise<void> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const started = this.#epochs.latest();
      const value = await this.#load(key, this.#goOnFrom(name));
      const overtaken = this.#overtaken.delete(name);
      // Of a name that is missing nobody can say whose change would have brought it.
      const changed = value === null ? this.#epochs.latest() : this.#epochs.of(value);
      if (overtaken) continue;
      // What has been overtaken is something to go on from.
      const outdated = changed > started;
      if (value !== null) this.#known.set(name, { value, epoch: outdated ? started : changed });
      else if (!outdated) this.#missing.set(name, true);
      if (!outdated) return;
    }
  }

  #goOnFrom(name: string): V | null {
    const entry = this.#known.get(name);
    if (entry === undefined) return null;
    return entry.epoch >= this.#epochs.knownSince(entry.value) ? entry.value : null;
  }
}
