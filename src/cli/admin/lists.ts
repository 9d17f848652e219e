/** Follows the pages of a list. */
import { EXIT, Failure } from './failure.ts';
import { plainLines, plainText } from './plain-text.ts';
import type { Printer } from './printer.ts';
import type { List } from './resource.ts';
import type { Row } from './tables.ts';
import type { VaultClient, VaultRequest } from './vault-client.ts';

const LARGEST_PAGE = 200;

export interface Extent {
  /** At most so many rows; undefined: all. */
  readonly limit: number | undefined;
  /** Where to begin, as `next_cursor` said. */
  readonly cursor: string | undefined;
}

/** One page, as the vault answers it. */
interface Page {
  readonly data: readonly Row[];
  readonly next_cursor: string | null;
}

/**
 * Prints a list while it is fetched, so that a long one is never held whole. JSON is one document, as if it were one page; what stands
 * beside the rows is that of the last one. Throws a
 * {@link Failure} where a page leads back to an earlier one.
 */
export async function printList(
  client: VaultClient,
  request: VaultRequest,
  { limit = Number.POSITIVE_INFINITY, cursor: start }: Extent,
  printer: Printer,
  { columns, beside = [] }: List,
): Promise<void> {
  const printRows = printer.table(columns);
  let left = limit;
  let cursor: string | null = start ?? null;
  let isFirst = true;
  let others: Row = {};
  const followed = new Set([cursor]);
  do {
    const page: Record<string, string> = {
      limit: String(Math.min(left, LARGEST_PAGE)),
      ...(cursor === null ? {} : { cursor }),
    };
    const { text } = await client.json({ ...request, query: { ...request.query, ...page } });
    const { data, next_cursor, ...rest } = readPage(text);
    others = rest;
    left -= data.length;
    cursor = next_cursor;
    if (printer.manner.json) {
      printer.write(isFirst ? '{"data":[' : '');
      printer.write(
        data.map((row, at) => (isFirst && at === 0 ? '' : ',') + plainLines(JSON.stringify(row))).join(''),
      );
    } else if (!isFirst || data.length > 0) {
      printRows(data);
    }
    if (data.length > 0) isFirst = false;
    else if (cursor !== null)
      throw new Failure(EXIT.protocol, 'the vault answered a page without rows that is not the last');
    if (cursor !== null && followed.has(cursor))
      throw new Failure(
        EXIT.protocol,
        'the vault led back to a page that was there before: the list is not whole',
      );
    followed.add(cursor);
  } while (cursor !== null && left > 0);
  if (printer.manner.json) {
    const end = JSON.stringify({ next_cursor: cursor, ...others });
    printer.write(`],${plainLines(end.slice(1))}\n`);
  } else if (beside.length > 0) {
    printer.hint(beside.map((name) => `${name}: ${plainText(String(others[name] ?? 'none'))}`).join(', '));
  }
}

function readPage(text: string): Page {
  const page = JSON.parse(text) as Partial<Page> | null;
  const cursor = page?.next_cursor;
  if (Array.isArray(page?.data) && (cursor === null || typeof cursor === 'string')) return page as Page;
  throw new Failure(EXIT.protocol, 'the answer is no page of a list: what answers is no KeyRotator');
}
