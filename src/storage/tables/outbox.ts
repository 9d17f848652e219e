/** Events for webhooks, added in the unit of the change that they tell of. */
import { type NewEvent, outboxRow } from '../../events/catalogue.ts';
import type { Transaction } from '../rows.ts';

export async function addEvent(unit: Transaction, event: NewEvent): Promise<void> {
  await unit.insertInto('outbox').values(outboxRow(event)).execute();
}
