import { PassedOver } from './passed-over.ts';
import { type KeyOrder, type PolicyKey, type Usage, underLimit, usable } from './policy-key.ts';
import type { ServiceKeys } from './service-keys.ts';

/** The keys by position: the first that can serves, and those before it cannot until keys or counts change. */
export class FailoverOrder implements KeyOrder {
  readonly passedOver = new PassedOver();
  readonly #keys: ServiceKeys;
  #start = 0;

  constructor(keys: ServiceKeys) {
    this.#keys = keys;
  }

  first(usage: Usage, now: number, excluded?: ReadonlySet<number>): PolicyKey | null {
    for (let place = this.#start; place < this.#keys.size; place++) {
      const key = this.#keys.at(place) as PolicyKey;
      if (excluded?.has(key.id)) continue;
      if (usable(key, now) && underLimit(key, usage)) return key;
      if (place !== this.#start) continue;
      this.#start++;
      this.passedOver.add(key, now);
    }
    return null;
  }

  delivered(): void {}
}
