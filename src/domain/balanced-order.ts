import TinyQueue from 'tinyqueue';
import { PassedOver } from './passed-over.ts';
import {
  byPosition,
  type KeyOrder,
  type KeyUsage,
  type PolicyKey,
  type Usage,
  underLimit,
  usable,
} from './policy-key.ts';

/** A key with its balance as of when it was put into a queue. */
interface Place {
  readonly key: PolicyKey;
  readonly finish: number;
  readonly turn: number;
}

const UNUSED: KeyUsage = { count: 0, finish: 0, turn: 0 };

/**
 * Start-time fair queueing (Goyal, Vin and Cheng, 1996): each key has a virtual time at which its last turn finished; the
 * one whose next turn starts first is chosen, and a turn takes 1/weight. A turn never starts before that of the last
 * delivery, so a key that was away (new, disabled, at its limit, expired) comes back level with the others instead of
 * catching up. Ties go to the key that served longest ago, which keeps equal keys in one unchanging circle.
 *
 * Keys that would start level with the last delivery wait in one queue, by their last turn; those ahead of it in another,
 * by their finish. A key that cannot serve before keys or counts change leaves its queue.
 */
export class BalancedOrder implements KeyOrder {
  readonly passedOver = new PassedOver();
  readonly #level: TinyQueue<Place>;
  readonly #ahead: TinyQueue<Place>;

  constructor(keys: Iterable<PolicyKey>, usage: Usage) {
    const level: Place[] = [];
    const ahead: Place[] = [];
    for (const key of keys) {
      const { finish, turn } = usage.keys.get(key.id) ?? UNUSED;
      (finish <= usage.virtual ? level : ahead).push({ key, finish, turn });
    }
    this.#level = new TinyQueue(level, byTurn);
    this.#ahead = new TinyQueue(ahead, byFinish);
  }

  first(usage: Usage, now: number, excluded?: ReadonlySet<number>): PolicyKey | null {
    for (let next = this.#ahead.peek(); next !== undefined; next = this.#ahead.peek()) {
      if (next.finish > usage.virtual) break;
      this.#level.push(next);
      this.#ahead.pop();
    }
    return (
      this.#firstOf(this.#level, usage, now, excluded) ?? this.#firstOf(this.#ahead, usage, now, excluded)
    );
  }

  delivered(key: PolicyKey, { finish, turn }: KeyUsage): void {
    this.#ahead.push({ key, finish, turn });
  }

  #firstOf(
    queue: TinyQueue<Place>,
    usage: Usage,
    now: number,
    excluded?: ReadonlySet<number>,
  ): PolicyKey | null {
    const skipped: Place[] = [];
    let found: PolicyKey | null = null;
    for (let place = queue.peek(); place !== undefined; place = queue.peek()) {
      const { key } = place;
      const isExcluded = excluded?.has(key.id) === true;
      if (!isExcluded && isNow(place, usage) && usable(key, now) && underLimit(key, usage)) {
        found = key;
        break;
      }
      queue.pop();
      if (isExcluded) skipped.push(place);
      else this.passedOver.add(key, now);
    }
    for (const place of skipped) queue.push(place);
    return found;
  }
}

/** The key has not served since it was put here; where it has, it is in the queue another time. */
function isNow({ key, finish, turn }: Place, usage: Usage): boolean {
  const known = usage.keys.get(key.id) ?? UNUSED;
  return known.finish === finish && known.turn === turn;
}

function byTurn(one: Place, other: Place): number {
  return one.turn - other.turn || byPosition(one.key, other.key);
}

function byFinish(one: Place, other: Place): number {
  return one.finish - other.finish || byTurn(one, other);
}
