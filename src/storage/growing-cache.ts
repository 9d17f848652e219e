/** A cache that forgets what was used longest ago, and takes room only for what is in it. */
import { LRUCache } from 'lru-cache';

/**
 * Of at most `max` entries, each for `ttl` milliseconds, or until it is forgotten where that is 0. An LRUCache that is given
 * its `max` as such takes the room for all of them at once: megabytes, and a part of each start.
 */
export function growingCache<K extends {}, V extends {}>(max: number, ttl = 0): LRUCache<K, V> {
  return new LRUCache({ maxSize: max, sizeCalculation: () => 1, ttl });
}
