/** A service whose deliveries are chosen and counted as an engine does it, without one. */
import type { ClockReading } from '../../src/domain/clock.ts';
import { type Choice, chooseKey, type ServicePolicy, takeTurn } from '../../src/domain/policy.ts';
import type { KeyUsage, PolicyKey, Usage } from '../../src/domain/policy-key.ts';
import { ServiceKeys } from '../../src/domain/service-keys.ts';

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function policyKey(id: number, more: Partial<PolicyKey> = {}): Mutable<PolicyKey> {
  return {
    id,
    state: 'active',
    weight: 1,
    position: id,
    max_daily_requests: null,
    expires_at: null,
    activated_at: null,
    cooling_until: null,
    broken: false,
    ...more,
  };
}

export class SimulatedService {
  /** To be changed at will, and then told of by {@link changed}. */
  readonly keys: Mutable<PolicyKey>[];
  readonly policy: Mutable<ServicePolicy>;
  readonly usage: Mutable<Usage> & { readonly keys: Map<number, KeyUsage> } = {
    keys: new Map(),
    virtual: 0,
    turn: 0,
    order: null,
  };

  constructor(
    policy: ServicePolicy['policy'],
    keys: Mutable<PolicyKey>[],
    more: Partial<ServicePolicy> = {},
  ) {
    this.keys = keys;
    this.policy = {
      policy,
      rotate_every_minutes: null,
      rotation_schedule: null,
      on_expiry: 'retire',
      current_key_id: null,
      ...more,
      keys: ServiceKeys.of(keys),
    };
  }

  changed(): void {
    this.policy.keys = ServiceKeys.of(this.keys);
    this.usage.order = null;
  }

  key(id: number): Mutable<PolicyKey> {
    const key = this.keys.find((candidate) => candidate.id === id);
    if (key === undefined) throw new Error(`no key ${id}`);
    return key;
  }

  /** Chooses and takes over what was chosen. */
  deliver(time: ClockReading, excluded?: ReadonlySet<number>): Choice {
    const choice = chooseKey(this.policy, this.usage, time, excluded);
    if (choice.key === null) return choice;
    const { start, finish, turn } = takeTurn(choice.key, this.usage);
    const count = (this.usage.keys.get(choice.key.id)?.count ?? 0) + 1;
    this.usage.keys.set(choice.key.id, { count, finish, turn });
    this.usage.order?.delivered(choice.key, { count, finish, turn });
    this.usage.virtual = start;
    this.usage.turn = turn;
    for (const { key_id, state, activated_at } of choice.changes) {
      const key = this.key(key_id);
      key.state = state;
      if (activated_at !== undefined) key.activated_at = activated_at;
      if (state === 'active') this.policy.current_key_id = key_id;
    }
    if (choice.changes.length > 0) this.changed();
    return choice;
  }
}
