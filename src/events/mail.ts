/** Events as a mail for people: plain text, several of them in one. */

export interface MailedEvent {
  readonly type: string;
  /** Unix milliseconds. */
  readonly at: number;
  readonly data: object;
}

const MOST_CHARACTERS = 500;

/**
 * A subject and a text without control characters but line ends, and without invisible ones, which would show a text another way
 * round; whatever the events hold.
 */
export function mailOf(tenant: string, events: readonly MailedEvent[]): { subject: string; text: string } {
  const [first] = events;
  const what = events.length === 1 && first !== undefined ? first.type : `${events.length} events`;
  const text = [
    ...events.map(({ type, at, data }) =>
      [`${new Date(at).toISOString()}  ${plain(type)}`, ...linesOf(data)].join('\n'),
    ),
    `An administrator of the tenant ${plain(tenant)} has asked KeyRotator to send you this, and can end it.`,
  ].join('\n\n');
  return { subject: `KeyRotator: ${plain(what)} in ${plain(tenant)}`, text: `${text}\n` };
}

function linesOf(data: object): string[] {
  return Object.entries(data)
    .filter(([name, value]) => name !== 'tenant' && value !== null)
    .map(
      ([name, value]) =>
        `  ${plain(name)}: ${plain(typeof value === 'string' ? value : JSON.stringify(value))}`,
    );
}

function plain(text: string): string {
  return text
    .replaceAll(/\p{Cf}/gu, '')
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
    .slice(0, MOST_CHARACTERS);
}
