/** Ids of things that own a secret: given before the secret is sealed, and never twice, not even after a deletion. */
import type { Transaction } from '../rows.ts';

type Sequence =
  | 'tenants'
  | 'services'
  | 'provider_keys'
  | 'apps'
  | 'groups'
  | 'webhooks'
  | 'emails'
  | 'admin_tokens'
  | 'idempotent_replies'
  | 'signing_secrets';

/** Takes `count` ids and returns the first of them; the others follow it. */
export async function takeIds(unit: Transaction, name: Sequence, count = 1): Promise<number> {
  const { last } = await unit
    .insertInto('sequences')
    .values({ name, last: count })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((row) => ({ last: row('sequences.last', '+', count) })),
    )
    .returning('last')
    .executeTakeFirstOrThrow();
  return last - count + 1;
}

/** The last id that was given; 0 before the first. */
export async function lastId(unit: Transaction, name: Sequence): Promise<number> {
  const row = await unit.selectFrom('sequences').select('last').where('name', '=', name).executeTakeFirst();
  return row?.last ?? 0;
}
