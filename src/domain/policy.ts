/**
 * Which key a service hands out next. Pure: a service, its keys, what they have served and the time in; a choice out.
 *
 * Under `manual` and `time` one key is current. Where it is only held back for now, the next by position stands in for it
 * and nothing changes; where it has ended, the next becomes current, and that change is part of the choice, to be
 * committed with the delivery that it was made for, or not at all.
 */
import { BalancedOrder } from './balanced-order.ts';
import type { ClockReading } from './clock.ts';
import { FailoverOrder } from './failover-order.ts';
import {
  coolsUntil,
  inService,
  type KeyState,
  type PolicyKey,
  type Usage,
  underLimit,
  usable,
} from './policy-key.ts';
import type { RotationSchedule } from './rotation-schedule.ts';
import type { ServiceKeys } from './service-keys.ts';

export const POLICIES = ['manual', 'time', 'usage', 'failover'] as const;
export type Policy = (typeof POLICIES)[number];

/** How long a turn lasts: under `time` for a period, until a time of the schedule, or whichever comes first. */
export interface TurnRule {
  readonly policy: Policy;
  readonly rotate_every_minutes: number | null;
  readonly rotation_schedule: RotationSchedule | null;
}

/** What a choice needs to know of a service. */
export interface ServicePolicy extends TurnRule {
  readonly on_expiry: 'retire' | 'cycle';
  readonly current_key_id: number | null;
  readonly keys: ServiceKeys;
}

export interface KeyChange {
  readonly key_id: number;
  readonly state: KeyState;
  /** The new time of activation; absent where it does not change. */
  readonly activated_at?: number;
  /** When its grace is over, where it was given one; absent where that does not change. */
  readonly retires_at?: number;
  readonly why:
    | 'expired'
    | 'rotation due'
    | 'rotated by hand'
    | 'could not be decrypted'
    | 'became current'
    | 'began again';
}

export type Choice =
  | { readonly key: PolicyKey; readonly changes: readonly KeyChange[] }
  /** `back_at`: when the first key that cools is back, in Unix milliseconds; null where none does. */
  | { readonly key: null; readonly reason: 'no active keys'; readonly back_at: number | null }
  | { readonly key: null; readonly reason: 'key daily limit reached' };

const NO_CHANGES: readonly KeyChange[] = [];
const SPENT: Choice = { key: null, reason: 'key daily limit reached' };

/** Chooses; `excluded` holds the ids of keys that were found broken while this very delivery was decided. */
export function chooseKey(
  service: ServicePolicy,
  usage: Usage,
  time: ClockReading,
  excluded?: ReadonlySet<number>,
): Choice {
  switch (service.policy) {
    case 'usage':
    case 'failover':
      return chooseInOrder(service, usage, time, excluded);
    case 'manual':
    case 'time':
      return chooseCurrent(service, usage, time, excluded);
  }
}

/**
 * When the key stops being handed out, in Unix milliseconds, or null where that is not known: its own `expires_at`, or
 * the end of its turn under `time`, whichever comes first.
 */
export function handedOutUntil(
  service: ServicePolicy,
  key: PolicyKey,
  activatedAt: number | null,
): number | null {
  const due = turnEndsAt(service, activatedAt);
  if (due === null) return key.expires_at;
  return key.expires_at === null ? due : Math.min(due, key.expires_at);
}

/**
 * The end of a turn that began at `activatedAt`, in Unix milliseconds; null under other policies than `time`, and where the
 * key was never activated.
 */
export function turnEndsAt(rule: TurnRule, activatedAt: number | null): number | null {
  const { policy, rotate_every_minutes: minutes, rotation_schedule: schedule } = rule;
  if (policy !== 'time' || activatedAt === null) return null;
  const scheduled = schedule === null ? null : schedule.after(activatedAt);
  if (minutes === null) return scheduled;
  const over = activatedAt + minutes * 60_000;
  return scheduled === null ? over : Math.min(over, scheduled);
}

/** The next usable key after `fromId` by position, round and round, `fromId` itself excepted; null where there is none. */
export function nextInTurn(
  service: ServicePolicy,
  fromId: number | null,
  now: number,
  excluded?: ReadonlySet<number>,
): PolicyKey | null {
  for (const key of service.keys.after(fromId)) if (usable(key, now, excluded)) return key;
  return null;
}

/** Where keys serve side by side. */
function chooseInOrder(
  service: ServicePolicy,
  usage: Usage,
  { now }: ClockReading,
  excluded?: ReadonlySet<number>,
): Choice {
  if (usage.order === null || !usage.order.passedOver.holdsAt(now)) {
    usage.order =
      service.policy === 'usage' ? new BalancedOrder(service.keys, usage) : new FailoverOrder(service.keys);
  }
  const key = usage.order.first(usage, now, excluded);
  if (key !== null) return { key, changes: NO_CHANGES };
  for (const other of service.keys) if (usable(other, now, excluded)) return SPENT;
  return noneBefore(service.keys, now, excluded);
}

/** No key serves, until the first of those that cool is back. */
function noneBefore(keys: Iterable<PolicyKey>, now: number, excluded?: ReadonlySet<number>): Choice {
  let back: number | null = null;
  for (const key of keys) {
    const cool = inService(key, now, excluded) ? coolsUntil(key, now) : null;
    if (cool !== null) back = Math.min(back ?? cool, cool);
  }
  return { key: null, reason: 'no active keys', back_at: back };
}

function chooseCurrent(
  service: ServicePolicy,
  usage: Usage,
  time: ClockReading,
  excluded?: ReadonlySet<number>,
): Choice {
  const current = service.current_key_id === null ? null : (service.keys.get(service.current_key_id) ?? null);
  const ended = current === null ? null : howCurrentEnded(service, current, time);
  if (current !== null && ended === null && servesNow(service, current, time, excluded)) {
    return underLimit(current, usage) ? { key: current, changes: NO_CHANGES } : SPENT;
  }
  const next = nextInTurn(service, current?.id ?? null, time.now, excluded);
  const heldBack = current !== null && ended === null;
  if (next !== null) {
    if (!underLimit(next, usage)) return SPENT;
    return { key: next, changes: heldBack ? NO_CHANGES : succession(current, ended, next, time.settled) };
  }
  // A cycle of one: its only key begins another turn.
  if (current !== null && service.on_expiry === 'cycle' && usable(current, time.now, excluded)) {
    if (!underLimit(current, usage)) return SPENT;
    if (heldBack) return { key: current, changes: NO_CHANGES };
    return { key: current, changes: [beginAgain(current.id, time.settled)] };
  }
  const others = heldBack ? service.keys : service.keys.after(current?.id ?? null);
  return noneBefore(others, time.now, excluded);
}

/**
 * How the current key ended for good by the settled time: the state that it takes and why; null where it has not ended.
 * A key that somebody has already put out of service has ended and keeps its state.
 */
export function howCurrentEnded(
  service: ServicePolicy,
  current: PolicyKey,
  time: ClockReading,
): { state: KeyState; why: 'expired' | 'rotation due' } | null {
  if (current.state !== 'active') return { state: current.state, why: 'expired' };
  if (current.expires_at !== null && time.settled >= current.expires_at) {
    return { state: 'expired', why: 'expired' };
  }
  const due = turnEndsAt(service, current.activated_at);
  if (due === null || time.settled < due) return null;
  return service.on_expiry === 'cycle'
    ? { state: 'standby', why: 'rotation due' }
    : { state: 'expired', why: 'rotation due' };
}

/**
 * What it takes for `next` to follow `current`: both changes, or only the second where nobody was current. The turn begins
 * at the settled time: a step of the clock that was not borne out does not make it last any longer.
 */
export function succession(
  current: PolicyKey | null,
  ended: Omit<KeyChange, 'key_id'> | null,
  next: PolicyKey,
  settled: number,
): readonly KeyChange[] {
  const became: KeyChange = {
    key_id: next.id,
    state: 'active',
    activated_at: settled,
    why: 'became current',
  };
  if (current === null || ended === null || ended.state === current.state) return [became];
  return [{ key_id: current.id, ...ended }, became];
}

/** The change by which a cycle's only key starts its next turn, at the settled time. */
export function beginAgain(keyId: number, settled: number): KeyChange {
  return { key_id: keyId, state: 'active', activated_at: settled, why: 'began again' };
}

/** By the time at hand (which may be ahead of the settled one) the current key's turn is still running. */
function servesNow(
  service: ServicePolicy,
  current: PolicyKey,
  time: ClockReading,
  excluded?: ReadonlySet<number>,
): boolean {
  if (!usable(current, time.now, excluded)) return false;
  const due = turnEndsAt(service, current.activated_at);
  return due === null || time.now < due;
}

/** The balance after `key` was chosen under `usage`: its turn's start, its finish, and the number of the turn. */
export function takeTurn(key: PolicyKey, usage: Usage): { start: number; finish: number; turn: number } {
  const start = Math.max(usage.keys.get(key.id)?.finish ?? 0, usage.virtual);
  return { start, finish: start + 1 / key.weight, turn: usage.turn + 1 };
}
