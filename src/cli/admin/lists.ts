/** Follows the pages of a list. */
import { EXIT, Failure } from './failure.ts';
import { plainLines } from './plain-text.ts';
import type { Printer } from './printer.ts';
import type { Row } from './tables.ts';
import type { VaultClient, VaultRequest } from './vault-client.ts';

const LARGEST_PAGE = 200;

export interface Extent {
  /** At most so many rows; undefined: all. */
  readonly limit: number | undefined;
  /** Where to begin, as `next_cursor` said. */
  readonly cursor: string | undefined;
}

/** Prints a list while it is fetched, so that a long one is never held whole. JSON is one document, as if it were one page. */
export async function printList(
  client: VaultClient,
  request: VaultRequest,
  { limit = Number.POSITIVE_INFINITY, cursor: start }: Extent,
  printer: Printer,
  columns: readonly string[],
): Promise<void> {
  const printRows = printer.table(columns);
  let left = limit;
  let cursor: string | null = start ?? null;
  let isFirst = true;
  do {
    const page: Record<string, string> = {
      limit: String(Math.min(left, LARGEST_PAGE)),
      ...(cursor === null ? {} : { cursor }),
    };
    const { text } = await client.json({ ...request, query: { ...request.query, ...page } });
    const { data, next_cursor } = JSON.parse(text) as { data: readonly Row[]; next_cursor: string | null };
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
  } while (cursor !== null && left > 0);
  if (printer.manner.json) printer.write(`],"next_cursor":${JSON.stringify(cursor)}}\n`);
}
