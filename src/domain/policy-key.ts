/** What a choice needs to know of a provider key, and whether it may serve. */

/** What is kept of a key's state; see docs/key-states.md. */
export const KEY_STATES = [
  'standby',
  'active',
  'retiring',
  'retired',
  'expired',
  'disabled',
  'quarantined',
  'burned',
] as const;
export type KeyState = (typeof KEY_STATES)[number];

/** What is shown of it: a key that serves is `cooling` while its `cooling_until` is ahead. */
export const SHOWN_KEY_STATES = [...KEY_STATES, 'cooling'] as const;
export type ShownKeyState = (typeof SHOWN_KEY_STATES)[number];

/** No key cools for longer, whatever was written down: so a clock that is set back does not hold it back either. */
export const LONGEST_COOLING_MS = 3_600_000;

export interface PolicyKey {
  readonly id: number;
  readonly state: KeyState;
  readonly weight: number;
  readonly position: number;
  readonly max_daily_requests: number | null;
  readonly expires_at: number | null;
  readonly activated_at: number | null;
  /** It rests until then, at most {@link LONGEST_COOLING_MS}. */
  readonly cooling_until: number | null;
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
  /** Where that no longer holds, it takes a new order. */
  readonly passedOver: { holdsAt(now: number): boolean };
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
export function serves(key: Pick<PolicyKey, 'state'>): boolean {
  return key.state === 'active' || key.state === 'standby';
}

/** When a key that cools is back; null where it does not cool. */
export function coolsUntil(
  { cooling_until: until }: Pick<PolicyKey, 'cooling_until'>,
  now: number,
): number | null {
  return until !== null && now < until && until - now <= LONGEST_COOLING_MS ? until : null;
}

/** Serves but for cooling: in one of the two states that do, not past its own expiry, not broken, not among the `excluded` ids. */
export function inService(key: PolicyKey, now: number, excluded?: ReadonlySet<number>): boolean {
  return (
    serves(key) && !key.broken && (key.expires_at === null || now < key.expires_at) && !excluded?.has(key.id)
  );
}

/** In service, and does not cool. */
export function usable(key: PolicyKey, now: number, excluded?: ReadonlySet<number>): boolean {
  return inService(key, now, excluded) && coolsUntil(key, now) === null;
}

/** Below its own daily limit, if it has one. */
export function underLimit(key: PolicyKey, usage: Usage): boolean {
  return key.max_daily_requests === null || (usage.keys.get(key.id)?.count ?? 0) < key.max_daily_requests;
}
