/** Every way in which the state of a provider key changes; docs/key-states.md draws it, and a test holds what happens against it. */
import type { EventType } from './event-type.ts';
import type { ShownKeyState } from './policy-key.ts';

export interface Transition {
  /** Null: the key is new. A key that cools is `standby` or `active`: whatever happens to these may happen to it. */
  readonly from: readonly ShownKeyState[] | null;
  readonly to: readonly ShownKeyState[];
  readonly when: string;
  /** The type of the audit entry that says so. */
  readonly audit: string;
  /** The event that tells of it. */
  readonly event: EventType | null;
}

export const TRANSITIONS: readonly Transition[] = [
  {
    from: null,
    to: ['standby', 'active'],
    when: 'it is added',
    audit: 'key.created',
    event: null,
  },
  {
    from: ['standby'],
    to: ['active'],
    when: 'it becomes current',
    audit: 'key.rotated',
    event: 'key.rotated',
  },
  {
    from: ['active'],
    to: ['standby'],
    when: 'another key becomes current',
    audit: 'key.rotated',
    event: 'key.rotated',
  },
  {
    from: ['active'],
    to: ['retiring', 'retired'],
    when: 'another key becomes current, with `retire_old`',
    audit: 'key.rotated',
    event: 'key.rotated',
  },
  {
    from: ['retiring'],
    to: ['retired'],
    when: 'its grace is over',
    audit: 'key.retired',
    event: null,
  },
  {
    from: ['standby', 'active', 'disabled'],
    to: ['expired'],
    when: 'its `expires_at` has come, or under `time` the end of its turn',
    audit: 'key.expired',
    event: 'key.expired',
  },
  {
    from: ['standby', 'active', 'retiring', 'retired', 'expired', 'quarantined', 'disabled'],
    to: ['disabled'],
    when: 'somebody disables it',
    audit: 'key.disabled',
    event: null,
  },
  {
    from: ['retiring', 'retired', 'expired', 'quarantined', 'disabled'],
    to: ['standby', 'active'],
    when: 'somebody enables it, or the time is over for which it was disabled',
    audit: 'key.enabled',
    event: null,
  },
  {
    from: ['standby', 'active', 'retiring', 'retired', 'expired', 'quarantined', 'disabled'],
    to: ['burned'],
    when: 'somebody burns it',
    audit: 'key.burned',
    event: 'key.burned',
  },
  {
    from: ['standby', 'active'],
    to: ['cooling'],
    when: 'clients report that the provider limits it, or a key of its `bucket`',
    audit: 'key.cooling',
    event: 'key.cooling',
  },
  {
    from: ['cooling'],
    to: ['standby', 'active'],
    when: 'its `cooling_until` has come',
    audit: 'key.recovered',
    event: 'key.recovered',
  },
  {
    from: ['cooling'],
    to: ['standby', 'active'],
    when: 'somebody enables it',
    audit: 'key.enabled',
    event: 'key.recovered',
  },
  {
    from: ['standby', 'active'],
    to: ['quarantined'],
    when: 'clients report that the provider refuses it',
    audit: 'key.quarantined',
    event: 'key.quarantined',
  },
  {
    from: ['standby', 'active'],
    to: ['standby', 'active'],
    when: 'the policy of its service changes',
    audit: 'service.updated',
    event: null,
  },
];
