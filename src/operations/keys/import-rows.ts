/**
 * Reads the body of an import row by row, in slices between which the event loop gets its turn: a body may have 64 MiB, and
 * deliveries do not wait for it. No error holds anything of the body.
 */
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CsvError, parse } from 'csv-parse';
import { splitJsonArray } from '../../domain/json-array.ts';
import { repeatedMember } from '../../domain/json-members.ts';
import { mistake, Problem } from '../../domain/problem.ts';
import { shownName } from './import-row-error.ts';

/** The body as it came: `type` is its Content-Type. */
export interface ImportBody {
  readonly type: string;
  readonly text: string;
}

/** What a row offers as a key, still to be checked, or why it offers none. */
export type ImportRow = { readonly candidate: unknown } | { readonly error: string };

/** In characters of JSON, bytes of CSV. A delivery takes several turns of the event loop, and may wait for a slice in each of them. */
const SLICE = 4_096;
const MAX_RECORD_BYTES = 65_536;
/** Every character may be an escape; more would hold up the event loop. */
const MAX_ELEMENT = 262_144;
const MAX_LINES = 100_000;
const REQUIRED = ['label', 'key'];
const OPTIONAL = ['weight', 'position', 'max_daily_requests', 'expires_at', 'bucket'];

/** Every row of the body. Throws a Problem for a body that cannot be read, possibly after rows that could. */
export function readRows(body: ImportBody): AsyncGenerator<ImportRow, void> {
  const type = body.type.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json' && type !== 'text/csv') {
    throw new Problem('unsupported media type', 'Send a JSON array (application/json) or CSV (text/csv).');
  }
  requireWhole(body.text);
  return type === 'application/json' ? jsonRows(body.text) : csvRows(body.text);
}

/**
 * Bytes that are no UTF-8 have become replacement characters where they were read. One that was sent as such tells of the
 * same accident, earlier on.
 */
function requireWhole(text: string): void {
  const at = text.indexOf('\ufffd');
  if (at < 0 && text.isWellFormed()) return;
  throw new Problem(
    'invalid request',
    `The body is not UTF-8, or was damaged before: look${at < 0 ? '' : placeOf(text, at)} for what is no text.`,
  );
}

/** Lines are counted as far as that holds up nobody. */
function placeOf(text: string, at: number): string {
  let line = 1;
  for (let end = text.indexOf('\n'); end >= 0 && end < at; end = text.indexOf('\n', end + 1)) {
    if (line === MAX_LINES) return ` behind line ${MAX_LINES}`;
    line++;
  }
  return ` in line ${line}`;
}

async function* jsonRows(text: string): AsyncGenerator<ImportRow, void> {
  if (!/^\s*\[/.test(text.slice(0, MAX_ELEMENT))) {
    // A body that is none at all is told apart where that takes no time.
    if (text.length <= MAX_ELEMENT) parseJson(text);
    throw mistake('', 'must be an array of keys');
  }
  let sinceTurn = 0;
  try {
    for (const element of splitJsonArray(text, MAX_ELEMENT)) {
      yield jsonRow(element);
      sinceTurn += element.length;
      if (sinceTurn < SLICE) continue;
      sinceTurn = 0;
      await nextTurn();
    }
  } catch (error) {
    if (error instanceof RangeError) throw longRow();
    throw error instanceof SyntaxError ? notJson() : error;
  }
}

function jsonRow(element: string): ImportRow {
  const candidate = parseJson(element);
  const twice = repeatedMember(element);
  return twice === null ? { candidate } : { error: `${shownName(twice)} is there twice` };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notJson();
  }
}

function longRow(): Problem {
  return new Problem(
    'invalid request',
    `A row has more than ${MAX_ELEMENT} characters: no key needs so many.`,
  );
}

function notJson(): Problem {
  return new Problem('invalid request', 'The body is not JSON.');
}

async function* csvRows(text: string): AsyncGenerator<ImportRow, void> {
  const records = parse({
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_RECORD_BYTES,
  });
  let columns: readonly string[] | null = null;
  try {
    for await (const cells of Readable.from(slicesOf(text)).pipe(records) as AsyncIterable<string[]>) {
      if (columns === null) columns = readHeader(cells);
      else yield candidateOf(columns, cells);
    }
  } catch (error) {
    throw error instanceof CsvError ? brokenCsv(error) : error;
  }
  if (columns === null) throw new Problem('invalid request', 'The body has no header line: label,key,…');
}

async function* slicesOf(text: string): AsyncGenerator<Buffer, void> {
  const bytes = Buffer.from(text, 'utf8');
  for (let at = 0; at < bytes.length; at += SLICE) {
    await nextTurn();
    yield bytes.subarray(at, at + SLICE);
  }
}

/** A first line that is no header is likely to hold a key: it is not repeated. */
function readHeader(cells: readonly string[]): readonly string[] {
  const columns = cells.map((cell) => cell.trim());
  const known = columns.every((column) => REQUIRED.includes(column) || OPTIONAL.includes(column));
  if (
    !known ||
    new Set(columns).size < columns.length ||
    !REQUIRED.every((column) => columns.includes(column))
  ) {
    const detail = `The first line names the columns, each once: ${REQUIRED.join(', ')}, and any of ${OPTIONAL.join(', ')}.`;
    throw new Problem('invalid request', detail);
  }
  return columns;
}

/** An empty cell says nothing: its member has the default. Cells are text, whatever they begin with. */
function candidateOf(columns: readonly string[], cells: readonly string[]): ImportRow {
  if (cells.length !== columns.length) {
    return { error: `the row has ${cells.length} cells, the header ${columns.length}` };
  }
  const members = columns.map((column, at): [string, unknown] => [column, cells[at] ?? '']);
  const said = members.filter(([column, cell]) => REQUIRED.includes(column) || cell !== '');
  return {
    candidate: Object.fromEntries(said.map(([column, cell]) => [column, typedCell(column, String(cell))])),
  };
}

function typedCell(column: string, cell: string): unknown {
  const isNumber = column === 'weight' || column === 'position' || column === 'max_daily_requests';
  return isNumber && /^\d{1,15}$/.test(cell) ? Number(cell) : cell;
}

function brokenCsv(error: CsvError): Problem {
  const line = 'lines' in error && typeof error.lines === 'number' ? ` about line ${error.lines}` : '';
  const what =
    error.code === 'CSV_MAX_RECORD_SIZE'
      ? 'a row is too long, or a quote is not closed'
      : 'a quote is out of place';
  return new Problem('invalid request', `The body is not CSV (RFC 4180): ${what}${line}.`);
}
