/** Pages of a list in the order of an id, or of an id and a text. */
import { createHash } from 'node:crypto';
import type { ListView } from '../contract/common.ts';
import { Problem } from '../domain/problem.ts';

export interface Page {
  /** What tells the list from all others: its cursors are good for it alone. */
  readonly list: string;
  /** 1 to 200. */
  readonly limit: number;
  /** The id that ended the page before; null for the first page. */
  readonly after: number | null;
  /** The same where the order is that of an id and a text. */
  readonly place?: Place | null;
}

export interface Place {
  readonly id: number;
  /** Of digits, letters, dots and colons. */
  readonly text: string;
}

/** The rows to read for a page: one more than it shows says that there is another page. */
export function oneMore({ limit, after }: Page): { limit: number; after: number | null } {
  return { limit: limit + 1, after };
}

/** `rows`: up to `limit + 1` of them, of which the one too many only says that there is another page. */
export function pageOf<R, V>(
  rows: readonly R[],
  { limit, list }: Page,
  placeOf: (row: R) => number | Place,
  show: (row: R) => V,
): ListView<V> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { data: shown.map(show), next_cursor: more ? encodeCursor(placeOf(last), list) : null };
}

/** Holds nothing that whoever reads the list does not know: what ended the page, and a mark of the list. */
export function encodeCursor(place: number | Place, list: string): string {
  const named = typeof place === 'number' ? place : `${place.id}/${place.text}`;
  return Buffer.from(`v2:${markOf(list)}:${named}`).toString('base64url');
}

/** Throws a Problem for a cursor that no page of this list has given. */
export function decodeCursor(cursor: string, list: string): number {
  const match = /^v2:[\w-]{8}:(\d{1,16})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  const id = Number(match?.[1] ?? Number.NaN);
  if (!Number.isSafeInteger(id) || encodeCursor(id, list) !== cursor) throw noCursor();
  return id;
}

/** The same for a list in the order of an id and a text. */
export function decodePlace(cursor: string, list: string): Place {
  const match = /^v2:[\w-]{8}:(\d{1,16})\/([\w.:]*)$/.exec(
    Buffer.from(cursor, 'base64url').toString('latin1'),
  );
  const place = { id: Number(match?.[1] ?? Number.NaN), text: match?.[2] ?? '' };
  if (!Number.isSafeInteger(place.id) || encodeCursor(place, list) !== cursor) throw noCursor();
  return place;
}

function noCursor(): Problem {
  return new Problem(
    'invalid request',
    'The cursor is none that this list has returned: leave it out to start over.',
  );
}

function markOf(list: string): string {
  return createHash('sha256').update(list).digest('base64url').slice(0, 8);
}
