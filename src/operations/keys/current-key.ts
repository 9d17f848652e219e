/**
 * Which key of a `manual` or `time` service is current, and the change of it, as every operation makes it that may end
 * one. Who follows is for domain/policy.ts to say, the same as in a delivery.
 */
import type { Origin } from '../../audit/entry.ts';
import type { ClockReading } from '../../domain/clock.ts';
import {
  beginAgain,
  howCurrentEnded,
  type KeyChange,
  nextInTurn,
  type Policy,
  type ServicePolicy,
  succession,
  turnEndsAt,
} from '../../domain/policy.ts';
import { type KeyState, type PolicyKey, serves, usable } from '../../domain/policy-key.ts';
import { ServiceKeys } from '../../domain/service-keys.ts';
import { keyConfig, turnRule } from '../../storage/configuration.ts';
import type { Reader, ServiceRow, Transaction } from '../../storage/rows.ts';
import { addAuditEntry } from '../../storage/tables/audit-entries.ts';
import { addEvent } from '../../storage/tables/outbox.ts';
import { findKey, listKeysInTurn, updateKey } from '../../storage/tables/provider-keys.ts';
import { updateService } from '../../storage/tables/services.ts';
import { auditKeyChange } from './audit-key-change.ts';
import { keyChangeEvents } from './key-events.ts';
import { tellLastKey } from './tell-last-key.ts';
import { whoseKeys } from './whose-keys.ts';

/** A service with those of its keys that a succession depends on. */
export interface Turn {
  readonly service: ServicePolicy;
  readonly current: PolicyKey | null;
}

export function hasCurrentKey(policy: Policy): boolean {
  return policy === 'manual' || policy === 'time';
}

export async function loadTurn(db: Reader, service: ServiceRow, now: number): Promise<Turn> {
  const rows = await listKeysInTurn(db, service.id, service.current_key_id, now);
  const keys = ServiceKeys.of(rows.map(keyConfig));
  const current = service.current_key_id === null ? null : (keys.get(service.current_key_id) ?? null);
  return { service: { ...service, ...turnRule(service), keys }, current };
}

/**
 * Sees to it that a service which has a current key has one that serves, as far as there is any. Where the current key
 * has ended or is broken, the next one becomes current, activated now; where nobody follows one that has ended, none is
 * current. Changes nothing where the current key serves. Returns the id of the key that is current then.
 */
export async function settleCurrent(
  unit: Transaction,
  service: ServiceRow,
  time: ClockReading,
  origin: Origin,
): Promise<number | null> {
  if (!hasCurrentKey(service.policy)) return null;
  const turn = await loadTurn(unit, service, time.now);
  const { current } = turn;
  const { keys } = turn.service;
  const ended = current === null ? null : howCurrentEnded(turn.service, current, time);
  if (current !== null && ended === null && !current.broken) return current.id;
  const next = nextInTurn(turn.service, current?.id ?? null, time.now);
  if (next !== null) {
    const end = ended ?? ({ state: 'standby', why: 'could not be decrypted' } as const);
    const changes = succession(current, end, next, time.settled);
    const id = await applyChanges(unit, service, keys, changes, time.now, origin);
    if (current !== null && !serves(end)) await tellLastKey(unit, service, current, time);
    return id;
  }
  if (current === null) return null;
  if (ended === null) return current.id;
  if (turn.service.on_expiry === 'cycle' && usable(current, time.now)) {
    return applyChanges(unit, service, keys, [beginAgain(current.id, time.settled)], time.now, origin);
  }
  const changes = ended.state === current.state ? [] : [lastChange(current.id, ended)];
  const id = await applyChanges(unit, service, keys, changes, time.now, origin);
  if (!serves(ended)) await tellLastKey(unit, service, current, time);
  return id;
}

function lastChange(keyId: number, ended: { state: KeyState; why: KeyChange['why'] }): KeyChange {
  return { key_id: keyId, state: ended.state, why: ended.why };
}

/**
 * Writes the changes of `keys`, with an audit entry each and the events that tell of them; the key that became active by them is current, or none is.
 * `reason`: the one that somebody gave; without it, each entry says why the key changed.
 */
export async function applyChanges(
  unit: Transaction,
  service: ServiceRow,
  keys: Iterable<PolicyKey>,
  changes: readonly KeyChange[],
  at: number,
  origin: Origin,
  reason?: string,
): Promise<number | null> {
  const known = ServiceKeys.of(keys);
  for (const change of changes) {
    const { key_id, state, activated_at, retires_at } = change;
    const activation = activated_at === undefined ? {} : { activated_at };
    const retirement = retires_at === undefined ? {} : { retires_at };
    await updateKey(unit, key_id, { state, updated_at: at, ...activation, ...retirement });
    const before = known.get(key_id);
    await addAuditEntry(unit, auditKeyChange(change, before, service, at, origin, reason));
  }
  if (changes.length > 0) {
    const whose = await whoseKeys(unit, service);
    for (const event of keyChangeEvents(whose, changes, service.current_key_id, at, reason))
      await addEvent(unit, event);
  }
  const became = changes.find(({ state }) => state === 'active');
  const current_key_id = became?.key_id ?? null;
  const activatedAt =
    became === undefined ? null : (became.activated_at ?? known.get(became.key_id)?.activated_at);
  const next_rotation_at = turnEndsAt(turnRule(service), activatedAt ?? null);
  await updateService(unit, service.id, { current_key_id, next_rotation_at });
  return current_key_id;
}

/** Writes down when the current key's turn ends, where anything else than a change of the key has moved that. */
export async function noteTurnEnd(unit: Transaction, service: ServiceRow): Promise<void> {
  const { id, current_key_id } = service;
  const current = current_key_id === null ? undefined : await findKey(unit, id, current_key_id);
  const next_rotation_at = turnEndsAt(turnRule(service), current?.activated_at ?? null);
  await updateService(unit, id, { next_rotation_at });
}
