import type { Transaction } from '../../storage/rows.ts';
import { lastId } from '../../storage/tables/sequences.ts';
import { countKeys } from '../../storage/tables/services.ts';

/** So that all keys of a service have room in memory. */
export const MOST_KEYS = 100_000;

/** How many keys may be added to a service. */
export async function roomForKeys(unit: Transaction, serviceId: number): Promise<number> {
  const keys = await countKeys(unit, [serviceId]);
  return Math.max(0, MOST_KEYS - Number(keys.get(serviceId) ?? 0));
}

/**
 * The same for whoever adds keys in one unit after the other: counting very many takes longer than adding some. All keys have
 * their ids of one sequence, so there is room for as many as when they were counted, less the ids that were given since.
 */
export class KeyRoom {
  readonly #serviceId: number;
  #counted: { readonly room: number; readonly lastId: number } | null = null;

  constructor(serviceId: number) {
    this.#serviceId = serviceId;
  }

  /** How many of `wanted` keys may be added. */
  async of(unit: Transaction, wanted: number): Promise<number> {
    const last = await lastId(unit, 'provider_keys');
    const counted = this.#counted;
    if (counted !== null && counted.room - (last - counted.lastId) >= wanted) return wanted;
    const room = await roomForKeys(unit, this.#serviceId);
    this.#counted = { room, lastId: last };
    return Math.min(room, wanted);
  }
}
