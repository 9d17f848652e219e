/** The log of attempts: the newest of each endpoint. */
import type { Insertable } from 'kysely';
import type { Reader, Transaction, WebhookAttemptRow, WebhookAttemptsTable } from '../rows.ts';
import type { RowRange } from './list-filter.ts';

/** Of an endpoint at least so many are kept, where there were so many. */
export const KEPT_ATTEMPTS = 1_000;

export async function addAttempts(
  unit: Transaction,
  rows: readonly Insertable<WebhookAttemptsTable>[],
): Promise<void> {
  if (rows.length > 0) await unit.insertInto('webhook_attempts').values(rows).execute();
}

/** Newest first; `after` is the id that ended the page before. */
export function listAttempts(
  db: Reader,
  webhookId: number,
  { limit, after }: RowRange,
): Promise<WebhookAttemptRow[]> {
  let query = db.selectFrom('webhook_attempts').selectAll().where('webhook_id', '=', webhookId);
  if (after !== null) query = query.where('id', '<', after);
  return query.orderBy('id', 'desc').limit(limit).execute();
}

export function findAttempt(
  db: Reader,
  webhookId: number,
  id: number,
): Promise<WebhookAttemptRow | undefined> {
  return db
    .selectFrom('webhook_attempts')
    .selectAll()
    .where('webhook_id', '=', webhookId)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** Removes all attempts of an endpoint but the newest, and batches that neither they nor attempts to come are about. */
export async function trimAttempts(unit: Transaction, webhookId: number): Promise<void> {
  const oldest = await unit
    .selectFrom('webhook_attempts')
    .select('id')
    .where('webhook_id', '=', webhookId)
    .orderBy('id', 'desc')
    .offset(KEPT_ATTEMPTS - 1)
    .limit(1)
    .executeTakeFirst();
  if (oldest === undefined) return;
  await unit
    .deleteFrom('webhook_attempts')
    .where('webhook_id', '=', webhookId)
    .where('id', '<', oldest.id)
    .execute();
  await unit
    .deleteFrom('webhook_batches')
    .where('webhook_id', '=', webhookId)
    .where('last_seq', '<=', (of) =>
      of.selectFrom('webhooks').select('delivery_cursor').where('id', '=', webhookId),
    )
    .where('last_seq', 'not in', (of) =>
      of
        .selectFrom('webhook_retries')
        .select('seq')
        .where('webhook_id', '=', webhookId)
        .where('source', '=', 'delivery'),
    )
    .where('last_seq', 'not in', (of) =>
      of
        .selectFrom('webhook_attempts')
        .select('seq')
        .where('webhook_id', '=', webhookId)
        .where('source', '=', 'delivery'),
    )
    .execute();
}

const STEP = 500;

/** Removes the oldest that are from before `before`; whether there may be more. */
export async function removeOldestAttempts(unit: Transaction, before: number): Promise<boolean> {
  const oldest = await unit
    .selectFrom('webhook_attempts')
    .select(['id', 'at'])
    .orderBy('id')
    .limit(STEP)
    .execute();
  const last = oldest.filter(({ at }) => at < before).at(-1);
  if (last === undefined) return false;
  await unit.deleteFrom('webhook_attempts').where('id', '<=', last.id).where('at', '<', before).execute();
  return oldest.length === STEP;
}
