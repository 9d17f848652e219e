/** Events for webhooks, added in the unit of the change that they tell of. */
import { type NewEvent, outboxRow } from '../../events/catalogue.ts';
import type { OnceEvent } from '../../events/once.ts';
import type { Transaction } from '../rows.ts';
import { portionsOf } from './portions.ts';
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

/** In this order. */
export async function addEvents(unit: Transaction, events: readonly NewEvent[]): Promise<void> {
  for (const portion of portionsOf(events)) {
    await unit.insertInto('outbox').values(portion.map(outboxRow)).execute();
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
