/** Takes a file of keys apart into requests, each small enough to be answered soon and sent again. */
import { CsvError, type Info, parse } from 'csv-parse/sync';
import { EXIT, Failure } from './failure.ts';

export type FileFormat = 'json' | 'csv';

/** One request of an import. */
export interface Portion {
  readonly type: 'application/json' | 'text/csv';
  readonly content: string;
  /** How many rows of the file come before it. */
  readonly before: number;
  readonly rows: number;
}

export interface ImportFile {
  readonly portions: readonly Portion[];
  readonly rows: number;
  /** Where a row, counted from 1, ends in the file; null where that is not known. */
  readonly lineOf: (row: number) => number | null;
}

const MOST_ROWS = 1_000;
const MOST_CHARACTERS = 2 ** 21;
const LONGEST_RECORD = 65_536;

/** Throws a {@link Failure} for what cannot be read to its end: then nothing is sent. No message holds anything of the file. */
export function readImportFile(bytes: Buffer, name: string, format: FileFormat | undefined): ImportFile {
  const text = decode(bytes, name);
  const isJson = (format ?? formatOf(text, name)) === 'json';
  return isJson ? jsonFile(text, name) : csvFile(text, name);
}

function decode(bytes: Buffer, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Failure(EXIT.input, `${name} is not UTF-8: save it as that`);
  }
}

function formatOf(text: string, name: string): FileFormat {
  if (/\.json$/i.test(name)) return 'json';
  return !/\.csv$/i.test(name) && /^\s*\[/.test(text) ? 'json' : 'csv';
}

function jsonFile(text: string, name: string): ImportFile {
  let rows: unknown;
  try {
    rows = JSON.parse(text);
  } catch {
    throw new Failure(EXIT.input, `${name} is not JSON`);
  }
  if (!Array.isArray(rows)) throw new Failure(EXIT.input, `${name} is not a JSON array of keys`);
  const portions = split(rows.map((row) => JSON.stringify(row))).map(({ before, texts }): Portion => {
    return { type: 'application/json', content: `[${texts.join(',')}]`, before, rows: texts.length };
  });
  return { portions, rows: rows.length, lineOf: () => null };
}

function csvFile(text: string, name: string): ImportFile {
  const [head, ...rows] = csvRecords(text, name);
  if (head === undefined) throw new Failure(EXIT.input, `${name} has no header line: label,key,…`);
  if (rows.length === 0) {
    throw new Failure(
      EXIT.input,
      `${name} has no row below its first line, which names the columns: label,key,…`,
    );
  }
  const header = csvLine(head.record);
  const portions = split(rows.map(({ record }) => csvLine(record))).map(({ before, texts }): Portion => {
    return { type: 'text/csv', content: `${header}${texts.join('')}`, before, rows: texts.length };
  });
  return { portions, rows: rows.length, lineOf: (row) => rows[row - 1]?.info.lines ?? null };
}

interface CsvRecord {
  readonly record: readonly string[];
  readonly info: Info;
}

function csvRecords(text: string, name: string): CsvRecord[] {
  const options = {
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: LONGEST_RECORD,
  };
  try {
    return parse(text, options) as unknown as CsvRecord[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = 'lines' in error && typeof error.lines === 'number' ? `, about line ${error.lines}` : '';
    throw new Failure(
      EXIT.input,
      `${name} is not CSV (RFC 4180): a quote is out of place or not closed${line}`,
    );
  }
}

function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\n`;
}

/** In their order, so many together as a request takes; one that is too long for any goes alone. */
function split(rows: readonly string[]): { before: number; texts: string[] }[] {
  const portions: { before: number; texts: string[] }[] = [];
  let characters = 0;
  for (const [at, row] of rows.entries()) {
    let last = portions.at(-1);
    characters += row.length;
    if (last === undefined || last.texts.length === MOST_ROWS || characters > MOST_CHARACTERS) {
      last = { before: at, texts: [] };
      portions.push(last);
      characters = row.length;
    }
    last.texts.push(row);
  }
  return portions;
}
