import { LayeredMap } from './layered-map.ts';
import { byPosition, type PolicyKey, serves } from './policy-key.ts';

/** The keys of a service in the order of (position, id), each found by its id as well. There may be very many. */
export class ServiceKeys<K extends PolicyKey = PolicyKey> implements Iterable<K> {
  readonly #inOrder: K[];
  readonly #byId: LayeredMap<K>;
  #largestDailyLimit: number | null = null;
  #anyBroken: boolean | null = null;

  private constructor(inOrder: K[], byId: LayeredMap<K>) {
    this.#inOrder = inOrder;
    this.#byId = byId;
  }

  static of<K extends PolicyKey>(keys: Iterable<K>): ServiceKeys<K> {
    const inOrder = [...keys].sort(byPosition);
    return new ServiceKeys(inOrder, LayeredMap.of(named(inOrder)));
  }

  get size(): number {
    return this.#inOrder.length;
  }

  get(id: number): K | undefined {
    return this.#byId.get(id);
  }

  [Symbol.iterator](): ArrayIterator<K> {
    return this.#inOrder.values();
  }

  /** The key at a place in the order, counted from 0. */
  at(place: number): K | undefined {
    return this.#inOrder[place];
  }

  /** The others after the one with this id, round and round; all from the first on where there is none with it. */
  *after(id: number | null): Generator<K, void> {
    const from = id === null ? undefined : this.#byId.get(id);
    const start = from === undefined ? -1 : this.#placeOf(from);
    for (let step = 1; step <= this.#inOrder.length; step++) {
      const key = this.#inOrder[(start + step) % this.#inOrder.length];
      if (key !== undefined && key !== from) yield key;
    }
  }

  /** Puts a key in the place of the one with its id and position. */
  replace(key: K): void {
    const known = this.#byId.get(key.id);
    if (known === undefined || known.position !== key.position) {
      throw new Error(`key ${key.id} is not where it would be replaced`);
    }
    this.#inOrder[this.#placeOf(known)] = key;
    this.#byId.set(key.id, key);
    this.#largestDailyLimit = null;
    this.#anyBroken = null;
  }

  /** The same keys without those that have these ids, and with these added. */
  with(added: readonly K[], without: ReadonlySet<number>): ServiceKeys<K> {
    const leaves = [...without].some((id) => this.#byId.get(id) !== undefined);
    const kept = leaves ? this.#inOrder.filter(({ id }) => !without.has(id)) : this.#inOrder;
    // Two runs in order are merged by a sort without comparing each with each.
    const inOrder = kept.concat([...added].sort(byPosition)).sort(byPosition);
    return new ServiceKeys(inOrder, this.#byId.with(named(added), without));
  }

  /** 0 where no key has a limit. */
  get largestDailyLimit(): number {
    this.#largestDailyLimit ??= this.#inOrder.reduce(
      (most, key) => Math.max(most, key.max_daily_requests ?? 0),
      0,
    );
    return this.#largestDailyLimit;
  }

  /** Whether a key would serve but for being broken. */
  get anyBroken(): boolean {
    this.#anyBroken ??= this.#inOrder.some((key) => key.broken && serves(key));
    return this.#anyBroken;
  }

  #placeOf(key: K): number {
    let low = 0;
    let high = this.#inOrder.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (byPosition(this.#inOrder[middle] as K, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function* named<K extends PolicyKey>(keys: readonly K[]): Generator<[number, K], void> {
  for (const key of keys) yield [key.id, key];
}
