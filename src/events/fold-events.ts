/** Many events as few entries for people. */

export interface MailedEvent {
  readonly type: string;
  /** Unix milliseconds. */
  readonly at: number;
  readonly data: object;
}

/** Events of one type, oldest first, never none. */
export type Entry = readonly [MailedEvent, ...MailedEvent[]];

/** What somebody may have to act upon at once. */
const URGENT = new Set([
  'key.burned',
  'key.quarantined',
  'service.no_active_keys',
  'service.last_key',
  'access.suspicious',
  'webhook.disabled',
]);
/** So many entries of a type there are at most. */
const MOST_ENTRIES = 20;
/** What the events of an entry have in common: as much of it as leaves few entries. */
const SUBJECTS = [
  ['service', 'key_id', 'from_key_id', 'to_key_id', 'app_id', 'webhook_id', 'network', 'cause'],
  ['service', 'app_id'],
  [],
];

export function isUrgent([{ type }]: Entry): boolean {
  return URGENT.has(type);
}

/** `events` are oldest first. Urgent entries come first, and otherwise the one that began first. */
export function foldEvents(events: readonly MailedEvent[]): Entry[] {
  return [...Map.groupBy(events, ({ type }) => type).values()]
    .flatMap(entriesOf)
    .sort((a, b) => Number(isUrgent(b)) - Number(isUrgent(a)) || a[0].at - b[0].at);
}

function entriesOf(events: readonly MailedEvent[]): Entry[] {
  for (const members of SUBJECTS) {
    const groups = Map.groupBy(events, ({ data }) => subjectOf(data, members));
    if (groups.size <= MOST_ENTRIES) return [...groups.values()] as unknown as Entry[];
  }
  return [];
}

function subjectOf(data: object, members: readonly string[]): string {
  return JSON.stringify(members.map((name) => (data as Record<string, unknown>)[name] ?? null));
}
