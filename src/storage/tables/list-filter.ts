/** What a list may be narrowed by; the same words on either engine. */
import { type RawBuilder, sql } from 'kysely';

/** What is not named narrows nothing. */
export interface ListFilter<S extends string = string> {
  readonly status?: S | undefined;
  /** Some of a name, in whatever case (of ASCII). */
  readonly q?: string | undefined;
  readonly tag?: Tag | undefined;
}

/** Without a value: whatever the value is. */
export interface Tag {
  readonly name: string;
  readonly value: string | null;
}

/** Rows in the order of ids; `after` is the last id of the page before, `limit` how many rows at most. */
export interface RowRange {
  readonly limit: number;
  readonly after: number | null;
}

/** Whether one of these columns holds the text. */
export function holds(columns: readonly string[], text: string): RawBuilder<boolean> {
  const wanted = asciiLower(text);
  const each = columns.map((column) => {
    const lower = sql`lower(${sql.ref(column)})`;
    return sql`replace(${lower}, ${wanted}, '') <> ${lower}`;
  });
  return sql<boolean>`(${sql.join(each, sql` OR `)})`;
}

/**
 * Whether the tags of this column, a JSON object as JSON.stringify writes it, have the tag. A member stands behind `{` or
 * `,`, and neither of these with a quotation mark behind it stands within a text, where that mark is escaped.
 */
export function hasTag(column: string, { name, value }: Tag): RawBuilder<boolean> {
  const tags = sql.ref(column);
  const member = `${JSON.stringify(name)}:${value === null ? '"' : JSON.stringify(value)}`;
  const each = ['{', ','].map((before) => sql`replace(${tags}, ${before + member}, '') <> ${tags}`);
  return sql<boolean>`(${sql.join(each, sql` OR `)})`;
}

/** Whether the row's `expires_at` has not come. */
export function notExpired(now: number): RawBuilder<boolean> {
  return sql<boolean>`(expires_at IS NULL OR expires_at > ${now})`;
}

function asciiLower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
