/** What has piled up for an address since its last mail. */
import type { EmailRow, OutboxRow, Reader } from '../../storage/rows.ts';
import { eventsFor } from '../../storage/tables/emails.ts';

const PAGE = 500;
/** Of the events of the tenant, so many are looked at for a mail. */
const MOST_LOOKED_AT = 5_000;

/** The events that the address asks for, oldest first, and the place up to which they are all of them; null where there are none. */
export async function piledUp(
  db: Reader,
  email: EmailRow,
): Promise<{ readonly wanted: OutboxRow[]; readonly cursor: number } | null> {
  const types = JSON.parse(email.events) as string[];
  const wanted: OutboxRow[] = [];
  let cursor = email.outbox_cursor;
  for (let looked = 0; looked < MOST_LOOKED_AT; looked += PAGE) {
    const page = await eventsFor(db, { ...email, outbox_cursor: cursor }, PAGE);
    wanted.push(...page.filter((event) => isFor(types, event)));
    cursor = page.at(-1)?.seq ?? cursor;
    if (page.length < PAGE) break;
  }
  return cursor === email.outbox_cursor ? null : { wanted, cursor };
}

function isFor(types: readonly string[], { type }: OutboxRow): boolean {
  return type !== 'webhook.test' && (types.includes('*') || types.includes(type));
}
