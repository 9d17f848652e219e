/** Events that are told at most once in a time, by a name that says of what. */
import { type NewEvent, newEvent, type ServiceLastKey } from './catalogue.ts';

const DAY_MS = 86_400_000;

/** An event for the outbox unless `name` was told for a time that goes beyond `at`; then it counts as told before `until`. */
export interface OnceEvent {
  readonly event: NewEvent;
  readonly name: string;
  readonly at: number;
  readonly until: number;
}

/** A service is left with one key: told at most once a day. `time` as in domain/clock.ts. */
export function lastKeyEvent(
  service: { readonly id: number; readonly tenant_id: number },
  data: ServiceLastKey,
  time: { readonly now: number; readonly settled: number },
): OnceEvent {
  return {
    event: newEvent('service.last_key', service.tenant_id, time.now, data),
    name: `service.last_key/${service.id}`,
    at: time.settled,
    until: time.settled + DAY_MS,
  };
}
