/** Events as a mail for people: plain text, several of them in one. */
import { type Entry, foldEvents, isUrgent, type MailedEvent } from './fold-events.ts';

const MOST_CHARACTERS = 500;
/** Of a member that differs between the events of an entry. */
const MOST_VALUES = 10;
const MOST_CHARACTERS_OF_SEVERAL = 100;

/**
 * A subject and a text without control characters but line ends, and without invisible ones, which would show a text another way
 * round; whatever the events hold. `events` are oldest first; what is urgent is told of first, and repeats in one.
 */
export function mailOf(tenant: string, events: readonly MailedEvent[]): { subject: string; text: string } {
  const entries = foldEvents(events);
  const text = [
    ...entries.map((entry) => [headOf(entry), ...linesOf(entry)].join('\n')),
    `An administrator of the tenant ${plain(tenant)} has asked KeyRotator to send you this, and can end it.`,
  ].join('\n\n');
  return {
    subject: `KeyRotator: ${whatOf(entries, events.length)} in ${plain(tenant)}`,
    text: `${text}\n`,
  };
}

function whatOf([first]: readonly Entry[], count: number): string {
  if (first === undefined || (count > 1 && !isUrgent(first))) return `${number(count)} events`;
  return count === 1 ? plain(first[0].type) : `${plain(first[0].type)} among ${number(count)} events`;
}

function headOf(entry: Entry): string {
  const [{ type, at }] = entry;
  const head = `${new Date(at).toISOString()}  ${plain(type)}`;
  if (entry.length === 1) return head;
  return `${head} × ${number(entry.length)}, last ${new Date(entry.at(-1)?.at ?? at).toISOString()}`;
}

/** A line for each member, with the newest of its values first. */
function linesOf(entry: Entry): string[] {
  const members = new Map<string, Set<string>>();
  for (const { data } of entry.toReversed()) {
    for (const [name, value] of Object.entries(data)) {
      if (name === 'tenant' || value === null) continue;
      const values = members.get(name) ?? new Set();
      members.set(name, values.add(typeof value === 'string' ? value : JSON.stringify(value)));
    }
  }
  return [...members].map(([name, values]) => `  ${plain(name)}: ${several([...values])}`);
}

function several(values: readonly string[]): string {
  const [only = ''] = values;
  if (values.length <= 1) return plain(only);
  const shown = values.slice(0, MOST_VALUES).map((value) => plain(value, MOST_CHARACTERS_OF_SEVERAL));
  const more = values.length - shown.length;
  return `${shown.join(', ')}${more === 0 ? '' : ` and ${number(more)} more`}`;
}

function number(count: number): string {
  return count.toLocaleString('en-US');
}

function plain(text: string, most = MOST_CHARACTERS): string {
  return text
    .replaceAll(/\p{Cf}/gu, '')
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
    .slice(0, most);
}
