/** A Map of very many entries, of which copies with a few changes cost little: a copy shares all that did not change. */
export class LayeredMap<V extends object> {
  /** Never changed once it is shared. */
  readonly #base: ReadonlyMap<number, V>;
  /** What differs from the base; null stands for an entry that is gone. */
  readonly #changes: Map<number, V | null>;

  private constructor(base: ReadonlyMap<number, V>, changes: Map<number, V | null>) {
    this.#base = base;
    this.#changes = changes;
  }

  static of<V extends object>(entries: Iterable<readonly [number, V]>): LayeredMap<V> {
    return new LayeredMap(new Map(entries), new Map());
  }

  get(id: number): V | undefined {
    const changed = this.#changes.get(id);
    return changed === undefined ? this.#base.get(id) : (changed ?? undefined);
  }

  /** Puts an entry into this map alone. */
  set(id: number, value: V): void {
    this.#changes.set(id, value);
  }

  /** A copy without the entries of these ids, and with these put in. */
  with(entries: Iterable<readonly [number, V]>, without: Iterable<number>): LayeredMap<V> {
    const changes = new Map(this.#changes);
    for (const id of without) changes.set(id, null);
    for (const [id, value] of entries) changes.set(id, value);
    const copy = new LayeredMap(this.#base, changes);
    // As many changes as make it worth while to write them down anew.
    return changes.size * 4 > this.#base.size ? copy.#flat() : copy;
  }

  #flat(): LayeredMap<V> {
    const flat = new Map(this.#base);
    for (const [id, value] of this.#changes) {
      if (value === null) flat.delete(id);
      else flat.set(id, value);
    }
    return new LayeredMap(flat, new Map());
  }
}
