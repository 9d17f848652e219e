/** Events for webhooks, added in the unit of the change that they tell of. */
import { type NewEvent, outboxRow } from '../../events/catalogue.ts';
import type { OnceEvent } from '../../events/once.ts';
import type { Transaction } from '../rows.ts';
import { tellOnce } from './told.ts';

/** Resolves with its place in the order of events. */
export async function addEvent(unit: Transaction, event: NewEvent): Promise<number> {
  const { seq } = await unit
    .insertInto('outbox')
    .values(outboxRow(event))
    .returning('seq')
    .executeTakeFirstOrThrow();
  return seq;
}

/** So that no statement has thousands of parameters: putting one together would take the event loop as long. */
const ROWS_A_STATEMENT = 40;

/** In this order. */
export async function addEvents(unit: Transaction, events: readonly NewEvent[]): Promise<void> {
  for (let at = 0; at < events.length; at += ROWS_A_STATEMENT) {
    const rows = events.slice(at, at + ROWS_A_STATEMENT).map(outboxRow);
    await unit.insertInto('outbox').values(rows).execute();
  }
}

/** Adds it unless it was told of already; whether it did. */
export async function addEventOnce(
  unit: Transaction,
  { event, name, at, until }: OnceEvent,
): Promise<boolean> {
  const untold = await tellOnce(unit, event.tenant_id, name, at, until);
  if (untold) await addEvent(unit, event);
  return untold;
}
