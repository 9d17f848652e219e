/** Who was handed which key unmasked, and whether another one since. */
import { sql } from 'kysely';
import type { Reader } from '../rows.ts';

/** The place of a holder among those of a key. `app_id` 0: the client token. */
export interface HolderPlace {
  readonly app_id: number;
  readonly ip: string;
}

/** Times in Unix milliseconds, `last_at` to the minute. */
export interface Holder extends HolderPlace {
  readonly first_at: number;
  readonly last_at: number;
}

/** `newer_key_id`: the newest of the other keys that it was given, and when last, to the minute; null where there is none. */
export interface HolderSince extends Holder {
  readonly newer_key_id: number | null;
  readonly newer_at: number | null;
}

/** Of more keys than these nobody asks who was given one: whoever is not found is taken to have none. */
const MOST_OTHERS = 100;

/** In the order of their places; `after` is the last one of the page before. */
export function listHolders(
  db: Reader,
  keyId: number,
  limit: number,
  after: HolderPlace | null,
): Promise<Holder[]> {
  return pageOfHolders(db, keyId, limit, after).execute();
}

/** The same, with what each was given since of the service's `others`, as {@link othersSince} finds them. */
export async function listHoldersSince(
  db: Reader,
  keyId: number,
  limit: number,
  after: HolderPlace | null,
  others: readonly number[],
  since: number,
): Promise<HolderSince[]> {
  const page = pageOfHolders(db, keyId, limit, after);
  if (others.length === 0) {
    const holders = await page.execute();
    return holders.map((holder) => ({ ...holder, newer_key_id: null, newer_at: null }));
  }
  return db
    .selectFrom(page.as('holder'))
    .selectAll()
    .select(({ selectFrom }) => {
      const newest = selectFrom('key_holders as newer')
        .where('newer.key_id', 'in', others)
        .whereRef('newer.app_id', '=', 'holder.app_id')
        .whereRef('newer.ip', '=', 'holder.ip')
        .where('newer.last_at', '>', since)
        .orderBy('newer.last_at', 'desc')
        .orderBy('newer.key_id', 'desc')
        .limit(1);
      return [
        newest.select('newer.key_id').as('newer_key_id'),
        newest.select('newer.last_at').as('newer_at'),
      ];
    })
    .orderBy('app_id')
    .orderBy('ip')
    .execute();
}

/** Whether an app, or with 0 a client token, has ever got a key of the service unmasked. */
export async function hasEverHeld(db: Reader, serviceId: number, appId: number): Promise<boolean> {
  const holder = await db
    .selectFrom('provider_keys')
    .innerJoin('key_holders', 'key_holders.key_id', 'provider_keys.id')
    .select('key_id')
    .where('service_id', '=', serviceId)
    .where('app_id', '=', appId)
    .limit(1)
    .executeTakeFirst();
  return holder !== undefined;
}

/** A key, and when it was delivered last. */
export interface DeliveredKey {
  readonly id: number;
  readonly last_delivered_at: number;
}

/** The keys of a service that were delivered last, at most 100 of them. */
export function listLastDelivered(db: Reader, serviceId: number): Promise<DeliveredKey[]> {
  return db
    .selectFrom('provider_keys')
    .innerJoin('key_balances', 'key_balances.key_id', 'provider_keys.id')
    .select(['provider_keys.id', 'last_delivered_at'])
    .where('service_id', '=', serviceId)
    .orderBy('last_delivered_at', 'desc')
    .limit(MOST_OTHERS)
    .execute();
}

/** The ids of those that are not this key and were delivered after `since`. */
export function othersSince(delivered: readonly DeliveredKey[], keyId: number, since: number): number[] {
  return delivered.flatMap(({ id, last_delivered_at: at }) => (id !== keyId && at > since ? id : []));
}

function pageOfHolders(db: Reader, keyId: number, limit: number, after: HolderPlace | null) {
  let query = db
    .selectFrom('key_holders')
    .select(({ fn }) => ['app_id', 'ip', fn.coalesce('first_at', 'last_at').as('first_at'), 'last_at'])
    .where('key_id', '=', keyId);
  if (after !== null) query = query.where(sql<boolean>`(app_id, ip) > (${after.app_id}, ${after.ip})`);
  return query.orderBy('app_id').orderBy('ip').limit(limit);
}
