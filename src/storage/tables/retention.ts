/** What is kept for a while, and removed in steps that are small enough for the deliveries between them. */
import type { Reader, Transaction } from '../rows.ts';
import { addLosses, lostEvents } from './webhook-losses.ts';

/** The refusals of the oldest minute, where that is before `before`; whether there was one. */
export async function removeOldestRefusals(unit: Transaction, before: number): Promise<boolean> {
  const oldest = await unit
    .selectFrom('refusals')
    .select((of) => of.fn.min('minute').as('minute'))
    .executeTakeFirst();
  const minute = oldest?.minute ?? null;
  if (minute === null || minute >= before) return false;
  await unit.deleteFrom('refusals').where('minute', '=', minute).execute();
  return true;
}

const EVENTS = 500;

/** The oldest events that are from before `before`, and who was yet to be sent them; whether there may be more. */
export async function removeOldestEvents(unit: Transaction, before: number): Promise<boolean> {
  const oldest = await unit.selectFrom('outbox').selectAll().orderBy('seq').limit(EVENTS).execute();
  const old = oldest.filter(({ at }) => at < before);
  const last = old.at(-1);
  if (last === undefined) return false;
  await addLosses(unit, await lostEvents(unit, old));
  await unit.deleteFrom('outbox').where('seq', '<=', last.seq).where('at', '<', before).execute();
  return oldest.length === EVENTS;
}

/** What is due again and is no more. */
export async function removeOrphanedRetries(unit: Transaction): Promise<void> {
  await unit
    .deleteFrom('webhook_retries')
    .where('source', '=', 'outbox')
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('outbox').select('seq').whereRef('outbox.seq', '=', 'webhook_retries.seq'))),
    )
    .execute();
  await unit
    .deleteFrom('webhook_retries')
    .where('source', '=', 'delivery')
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('webhooks')
            .innerJoin('deliveries', 'deliveries.tenant_id', 'webhooks.tenant_id')
            .select('deliveries.seq')
            .whereRef('webhooks.id', '=', 'webhook_retries.webhook_id')
            .whereRef('deliveries.seq', '=', 'webhook_retries.seq'),
        ),
      ),
    )
    .execute();
}

export async function removeEndedTokens(unit: Transaction, before: number): Promise<void> {
  await unit.deleteFrom('tokens').where('valid_until', '<', before).execute();
}

export async function removeEndedSecrets(unit: Transaction, before: number): Promise<void> {
  await unit.deleteFrom('signing_secrets').where('valid_until', '<', before).execute();
}

/** The next tenant after `tenantId` that has sums, and whether it still exists. */
export async function nextWithUsage(
  db: Reader,
  tenantId: number,
): Promise<{ tenantId: number; exists: boolean } | null> {
  const next = await db
    .selectFrom('usage_counts')
    .select('tenant_id')
    .where('tenant_id', '>', tenantId)
    .orderBy('tenant_id')
    .limit(1)
    .executeTakeFirst();
  if (next === undefined) return null;
  const tenant = await db
    .selectFrom('tenants')
    .select('id')
    .where('id', '=', next.tenant_id)
    .executeTakeFirst();
  return { tenantId: next.tenant_id, exists: tenant !== undefined };
}

/** The start of a tenant's oldest bucket; null where there is none. */
export async function oldestUsage(db: Reader, tenantId: number, bucketMs: number): Promise<number | null> {
  const oldest = await db
    .selectFrom('usage_counts')
    .select('starts_at')
    .where('tenant_id', '=', tenantId)
    .where('bucket_ms', '=', bucketMs)
    .orderBy('starts_at')
    .limit(1)
    .executeTakeFirst();
  return oldest?.starts_at ?? null;
}

export async function removeUsage(
  unit: Transaction,
  tenantId: number,
  bucketMs: number,
  before: number,
): Promise<void> {
  await unit
    .deleteFrom('usage_counts')
    .where('tenant_id', '=', tenantId)
    .where('bucket_ms', '=', bucketMs)
    .where('starts_at', '<', before)
    .execute();
}
