/** Events for webhooks, added in the unit of the change that they tell of. */
import { type NewEvent, outboxRow } from '../../events/catalogue.ts';
import type { Transaction } from '../rows.ts';

/** Resolves with its place in the order of events. */
export async function addEvent(unit: Transaction, event: NewEvent): Promise<number> {
  const { seq } = await unit
    .insertInto('outbox')
    .values(outboxRow(event))
    .returning('seq')
    .executeTakeFirstOrThrow();
  return seq;
}
