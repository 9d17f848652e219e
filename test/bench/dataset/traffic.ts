/**
 * The deliveries of a data set, made up: the same each time for the same places, so that work which was broken off goes on
 * where it was. In every minute half of them are the hot service's; the others take the other half in turns.
 */
import { nextDeliveryId } from '../../../src/operations/delivery/delivery-id.ts';
import type { CountersTable, NewDelivery, Tables } from '../../../src/storage/rows.ts';

/** A service that has been delivered of. */
export interface Place {
  readonly tenantId: number;
  readonly serviceId: number;
  /** Those that serve, in turn. */
  readonly keyIds: readonly number[];
  readonly appId: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const ADDRESSES = ['192.0.2.10', '192.0.2.11', '198.51.100.7', '2001:db8::7'];

type Subject = CountersTable['subject'];

export class Traffic {
  readonly #places: readonly Place[];
  readonly #perMinute: number;
  readonly #counters = new Map<string, CountersTable>();
  readonly #moved = new Set<CountersTable>();
  readonly #balances = new Map<number, Tables['key_balances']>();
  readonly #turns = new Map<number, number>();
  #made = 0;

  /** `places`: the hot one first. */
  constructor(places: readonly Place[], perMinute: number) {
    this.#places = places;
    this.#perMinute = perMinute;
  }

  /** The deliveries of the minute that begins at `startsAt`, in their order. `perMinute` is what they come to on average. */
  minute(startsAt: number, number: number): NewDelivery[] {
    const due = Math.floor((number + 1) * this.#perMinute);
    const count = due - this.#made;
    this.#made = due;
    const [hot, ...others] = this.#places;
    if (hot === undefined) throw new Error('there is no service to deliver of');
    const other = others[number % Math.max(1, others.length)] ?? hot;
    return Array.from({ length: count }, (_, at) =>
      this.#deliver(at % 2 === 0 ? hot : other, startsAt + Math.floor((at * MINUTE_MS) / count)),
    );
  }

  /** What the counters and balances that were moved since the last call have come to. */
  takeTotals(): { counters: CountersTable[]; balances: Tables['key_balances'][] } {
    const totals = { counters: [...this.#moved], balances: [...this.#balances.values()] };
    this.#moved.clear();
    this.#balances.clear();
    return totals;
  }

  #deliver({ tenantId, serviceId, keyIds, appId }: Place, at: number): NewDelivery {
    const turn = (this.#turns.get(serviceId) ?? 0) + 1;
    this.#turns.set(serviceId, turn);
    const keyId = keyIds[(turn - 1) % keyIds.length] as number;
    const app = Math.floor((turn - 1) / keyIds.length) % 2 === 0 ? appId : null;
    const finish = Math.floor((turn - 1) / keyIds.length) + 1;
    this.#balances.set(keyId, { key_id: keyId, finish, turn, last_delivered_at: at });
    this.#count('key', keyId, at);
    if (app !== null) this.#count('app', app, at);
    return {
      delivery_id: nextDeliveryId(at),
      at,
      tenant_id: tenantId,
      service_id: serviceId,
      key_id: keyId,
      app_id: app,
      ip: ADDRESSES[turn % ADDRESSES.length] as string,
      masked: 0,
      usage_today: this.#count('service', serviceId, at),
    };
  }

  /** Counts in the UTC day, which is the limit day of an app and of a service that says nothing else. */
  #count(subject: Subject, id: number, at: number): number {
    const starts_at = at - (at % DAY_MS);
    const name = `${subject}/${id}`;
    const last = this.#counters.get(name);
    const fresh = { subject, subject_id: id, starts_at, ends_at: starts_at + DAY_MS, count: 0, last_at: at };
    const row = last?.starts_at === starts_at ? last : fresh;
    this.#counters.set(name, row);
    this.#moved.add(row);
    row.count += 1;
    row.last_at = at;
    return row.count;
  }
}
