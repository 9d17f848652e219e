import { expressionBuilder } from 'kysely';
import { LONGEST_COOLING_MS, type ShownKeyState } from '../../domain/policy-key.ts';
import type { ProviderKeyChanges, ProviderKeyRow, Reader, Tables, Transaction } from '../rows.ts';
import { hasTag, holds, type ListFilter, type RowRange } from './list-filter.ts';
import { portionsOf } from './portions.ts';

export function findKey(db: Reader, serviceId: number, id: number): Promise<ProviderKeyRow | undefined> {
  return db
    .selectFrom('provider_keys')
    .selectAll()
    .where('service_id', '=', serviceId)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** Whether a service of the tenant has the key. */
export async function hasKey(db: Reader, tenantId: number, id: number): Promise<boolean> {
  const row = await db
    .selectFrom('provider_keys')
    .select('id')
    .where('id', '=', id)
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst();
  return row !== undefined;
}

/** In the order of ids; `after` is the last id of the page before, and `now` says which keys cool. */
export function listKeys(
  db: Reader,
  serviceId: number,
  { limit, after }: RowRange,
  { status, q, tag }: ListFilter<ShownKeyState>,
  now: number,
): Promise<ProviderKeyRow[]> {
  let query = db.selectFrom('provider_keys').selectAll().where('service_id', '=', serviceId);
  if (status === 'cooling') {
    query = query.where('state', 'in', ['active', 'standby']).where(({ not }) => not(isNotCooling(now)));
  } else if (status !== undefined) {
    query = query.where('state', '=', status).where(isNotCooling(now));
  }
  if (q !== undefined) query = query.where(holds(['label'], q));
  if (tag !== undefined) query = query.where(hasTag('tags', tag));
  return query
    .where('id', '>', after ?? 0)
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** The condition that a key does not cool at `now`; as `coolsUntil` in domain/policy-key.ts has it. */
function isNotCooling(now: number) {
  const { eb, or } = expressionBuilder<Tables, 'provider_keys'>();
  return or([
    eb('cooling_until', 'is', null),
    eb('cooling_until', '<=', now),
    eb('cooling_until', '>', now + LONGEST_COOLING_MS),
  ]);
}

export async function insertKeys(unit: Transaction, rows: readonly ProviderKeyRow[]): Promise<void> {
  for (const portion of portionsOf(rows)) {
    await unit.insertInto('provider_keys').values(portion).execute();
  }
}

export async function updateKey(
  unit: Transaction,
  id: number,
  changes: Omit<ProviderKeyChanges, 'id' | 'tenant_id' | 'service_id' | 'fingerprint' | 'created_at'>,
): Promise<void> {
  await unit.updateTable('provider_keys').set(changes).where('id', '=', id).execute();
}

/** Lets these keys cool until then, at most a hundred of them. */
export async function coolUntil(
  unit: Transaction,
  ids: readonly number[],
  until: number,
  now: number,
): Promise<void> {
  const changes = { cooling_until: until, updated_at: now };
  await unit.updateTable('provider_keys').set(changes).where('id', 'in', ids).execute();
}

/** Deletes a key, its counters and its balance. */
export async function deleteKey(unit: Transaction, id: number): Promise<void> {
  await unit.deleteFrom('counters').where('subject', '=', 'key').where('subject_id', '=', id).execute();
  await unit.deleteFrom('provider_keys').where('id', '=', id).execute();
}

/**
 * Fingerprint (hex) → id, of those fingerprints that the service has. Each is looked up for itself, and by an order that one
 * index alone has: where a service has just been given very many keys, PostgreSQL would still have it that it has few, and
 * read all of them.
 */
export async function findByFingerprints(
  db: Reader,
  serviceId: number,
  fingerprints: readonly Uint8Array[],
): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const portion of portionsOf(fingerprints)) {
    // Of no row: it says what type the others have.
    const none = db
      .selectFrom('provider_keys')
      .select('fingerprint')
      .where(({ lit }) => lit(false));
    const wanted = portion.reduce(
      (all, fingerprint) => all.unionAll(db.selectNoFrom(({ val }) => val(fingerprint).as('fingerprint'))),
      none,
    );
    const rows = await db
      .selectFrom(wanted.as('wanted'))
      .select(({ selectFrom }) => [
        'wanted.fingerprint',
        selectFrom('provider_keys')
          .select(({ case: either, ref }) =>
            either()
              .when('provider_keys.fingerprint', '=', ref('wanted.fingerprint'))
              .then(ref('provider_keys.id'))
              .end()
              .as('id'),
          )
          .where('service_id', '=', serviceId)
          .whereRef('provider_keys.fingerprint', '>=', 'wanted.fingerprint')
          .orderBy('provider_keys.fingerprint')
          .limit(1)
          .as('id'),
      ])
      .execute();
    for (const { id, fingerprint } of rows) {
      if (id !== null) found.set(Buffer.from(fingerprint).toString('hex'), id);
    }
  }
  return found;
}

/** The highest position in the service, 0 where it has no key. */
export async function lastPosition(db: Reader, serviceId: number): Promise<number> {
  const row = await db
    .selectFrom('provider_keys')
    .select('position')
    .where('service_id', '=', serviceId)
    .orderBy('position', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.position ?? 0;
}

/**
 * Those keys of a service, in the order of (position, id), on which it depends who follows the current one: itself, the
 * first behind it that can serve at `now`, and the first of all that can. A service may have very many keys.
 */
export async function listKeysInTurn(
  db: Reader,
  serviceId: number,
  currentId: number | null,
  now: number,
): Promise<ProviderKeyRow[]> {
  const current = currentId === null ? undefined : await findKey(db, serviceId, currentId);
  const ableToServe = inServiceOf(db, serviceId, now)
    .where(isNotCooling(now))
    .where('id', '!=', current?.id ?? 0)
    .orderBy('position')
    .orderBy('id')
    .limit(1);
  const first = await ableToServe.executeTakeFirst();
  if (current === undefined) return first === undefined ? [] : [first];
  const behind = await ableToServe
    .where('position', '>=', current.position)
    .where((where) => where.or([where('position', '>', current.position), where('id', '>', current.id)]))
    .executeTakeFirst();
  const keys = [current, first, behind].filter((key) => key !== undefined);
  const once = [...new Map(keys.map((key) => [key.id, key])).values()];
  return once.sort((one, other) => one.position - other.position || one.id - other.id);
}

/** Whether another key of the service is in service at `now`, cooling or not. */
export async function hasOtherInService(
  db: Reader,
  { id, service_id }: Pick<ProviderKeyRow, 'id' | 'service_id'>,
  now: number,
): Promise<boolean> {
  const other = await inServiceOf(db, service_id, now).where('id', '!=', id).limit(1).executeTakeFirst();
  return other !== undefined;
}

/**
 * The keys in service that share the bucket of this one, itself left out, and do not cool until `until` already: the first by
 * position, those that do not cool at `now` before the others, `limit` at most.
 */
export async function listBucket(
  db: Reader,
  { id, service_id, bucket }: Pick<ProviderKeyRow, 'id' | 'service_id' | 'bucket'>,
  now: number,
  until: number,
  limit: number,
): Promise<ProviderKeyRow[]> {
  if (bucket === null) return [];
  return inServiceOf(db, service_id, now)
    .where('bucket', '=', bucket)
    .where((where) => where.or([where('cooling_until', 'is', null), where('cooling_until', '<', until)]))
    .where('id', '!=', id)
    .orderBy(({ eb }) => eb.case().when('cooling_until', '>', now).then(1).else(0).end())
    .orderBy('position')
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** Whether another key of the service than this one and those of its bucket could be handed out at `now`. */
export async function hasUsableBeside(
  db: Reader,
  { id, service_id, bucket }: Pick<ProviderKeyRow, 'id' | 'service_id' | 'bucket'>,
  now: number,
): Promise<boolean> {
  let query = inServiceOf(db, service_id, now).where(isNotCooling(now)).where('id', '!=', id);
  if (bucket !== null)
    query = query.where((where) => where.or([where('bucket', 'is', null), where('bucket', '!=', bucket)]));
  return (await query.limit(1).executeTakeFirst()) !== undefined;
}

/** The first `limit` keys of a service that are in service at `now`, cooling or not. */
export function listInService(
  db: Reader,
  serviceId: number,
  now: number,
  limit: number,
): Promise<ProviderKeyRow[]> {
  return inServiceOf(db, serviceId, now).limit(limit).execute();
}

/** As `inService` in domain/policy-key.ts has it. */
function inServiceOf(db: Reader, serviceId: number, now: number) {
  return db
    .selectFrom('provider_keys')
    .selectAll()
    .where('service_id', '=', serviceId)
    .where('state', 'in', ['active', 'standby'])
    .where('decrypt_failed_at', 'is', null)
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', now)]));
}

/** Whether any key of a service could be handed out at `now`, as far as that is not a matter of limits. */
export async function hasUsableKey(db: Reader, serviceId: number, now: number): Promise<boolean> {
  const key = await inServiceOf(db, serviceId, now).where(isNotCooling(now)).limit(1).executeTakeFirst();
  return key !== undefined;
}

/** When the first key of a service that cools is back; null where none does. */
export async function firstBack(db: Reader, serviceId: number, now: number): Promise<number | null> {
  const key = await inServiceOf(db, serviceId, now)
    .where('cooling_until', '>', now)
    .where('cooling_until', '<=', now + LONGEST_COOLING_MS)
    .orderBy('cooling_until')
    .limit(1)
    .executeTakeFirst();
  return key?.cooling_until ?? null;
}

/** Where all keys serve side by side: those that stand by become active. */
export async function activateAll(unit: Transaction, serviceId: number, now: number): Promise<void> {
  await unit
    .updateTable('provider_keys')
    .set({ state: 'active', activated_at: now, updated_at: now })
    .where('service_id', '=', serviceId)
    .where('state', '=', 'standby')
    .execute();
}

/** Where one key is to be current: those that are active stand by. */
export async function standDownAll(unit: Transaction, serviceId: number, now: number): Promise<void> {
  await unit
    .updateTable('provider_keys')
    .set({ state: 'standby', updated_at: now })
    .where('service_id', '=', serviceId)
    .where('state', '=', 'active')
    .execute();
}

/** Key → what it has served in the limit day that began at `dayStartsAt`, and when it served last. */
export async function loadServed(
  db: Reader,
  ids: readonly number[],
  dayStartsAt: number | null,
): Promise<Map<number, { count: number | null; last_delivered_at: number }>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('key_balances')
    .leftJoin('counters', (join) =>
      join
        .onRef('counters.subject_id', '=', 'key_balances.key_id')
        .on('counters.subject', '=', 'key')
        .on('counters.starts_at', '=', dayStartsAt),
    )
    .select(['key_id', 'count', 'last_delivered_at'])
    .where('key_id', 'in', ids)
    .execute();
  return new Map(rows.map(({ key_id, ...served }) => [key_id, served]));
}

/** Lets a key's last turn have cost what it costs by the new weight, from the same start on. */
export async function reweighBalance(unit: Transaction, id: number, from: number, to: number): Promise<void> {
  await unit
    .updateTable('key_balances')
    .set((set) => ({ finish: set('finish', '+', 1 / to - 1 / from) }))
    .where('key_id', '=', id)
    .execute();
}
