/** What a choice needs to know of a provider key, and whether it may serve. */

export const KEY_STATES = ['standby', 'active', 'expired', 'retiring', 'retired', 'disabled'] as const;
export type KeyState = (typeof KEY_STATES)[number];

export interface PolicyKey {
  readonly id: number;
  readonly state: KeyState;
  readonly weight: number;
  readonly position: number;
  readonly max_daily_requests: number | null;
  readonly expires_at: number | null;
  readonly activated_at: number | null;
  /** The key could not be decrypted: it is left out until somebody enables it again. */
  readonly broken: boolean;
}

/** What a key has served: `count` in the service's limit day; `finish` and `turn` are its balance, see balanced-order.ts. */
export interface KeyUsage {
  count: number;
  finish: number;
  turn: number;
}

/** What a service's keys have served. `virtual` and `turn` are those of the last balanced delivery. */
export interface Usage {
  readonly keys: ReadonlyMap<number, KeyUsage>;
  readonly virtual: number;
  readonly turn: number;
  /**
   * What a choice has found out for the next one. To be set to null when keys, or what they have served, changed by
   * anything but a delivery that it was told of.
   */
  order: KeyOrder | null;
}

/** The keys of a service in the order in which they are to serve, so that a choice need not look at every key. */
export interface KeyOrder {
  /** A key was passed over because this time had come; a clock that is before it needs a new order. In Unix milliseconds. */
  readonly expiredBy: number;
  /** The first key that may serve and is under its daily limit; null where there is none. */
  first(usage: Usage, now: number, excluded?: ReadonlySet<number>): PolicyKey | null;
  /** A key has served: `usage` is what it has served since. */
  delivered(key: PolicyKey, usage: KeyUsage): void;
}

/** The order of the keys in a service, for sorting. */
export function byPosition(one: PolicyKey, other: PolicyKey): number {
  return one.position - other.position || one.id - other.id;
}

/** In one of the two states that serve. */
export function serves(key: PolicyKey): boolean {
  return key.state === 'active' || key.state === 'standby';
}

/** In one of the two states that serve, not past its own expiry, not broken and not among the `excluded` ids. */
export function usable(key: PolicyKey, now: number, excluded?: ReadonlySet<number>): boolean {
  return (
    serves(key) && !key.broken && (key.expires_at === null || now < key.expires_at) && !excluded?.has(key.id)
  );
}

/** Below its own daily limit, if it has one. */
export function underLimit(key: PolicyKey, usage: Usage): boolean {
  return key.max_daily_requests === null || (usage.keys.get(key.id)?.count ?? 0) < key.max_daily_requests;
}
