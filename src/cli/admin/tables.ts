/** Rows and records as text: aligned for people, separated by tabs for programs. */
import { plainText } from './plain-text.ts';

export type Row = Readonly<Record<string, unknown>>;

/** Prints rows as they come, page by page. On a terminal there is a line with the names of the columns. */
export class Table {
  readonly #columns: readonly string[];
  readonly #forPeople: boolean;
  #widths: number[] | null = null;

  constructor(columns: readonly string[], forPeople: boolean) {
    this.#columns = columns;
    this.#forPeople = forPeople;
  }

  /** The lines of a page, each with its line end. Columns are as wide as the first page needs. */
  page(rows: readonly Row[]): string {
    const cells = rows.map((row) =>
      this.#columns.map((column) => cellOf(memberOf(row, column), this.#forPeople)),
    );
    if (!this.#forPeople) return cells.map((line) => `${line.join('\t')}\n`).join('');
    const head = this.#widths === null ? [this.#columns.map((column) => column.toUpperCase())] : [];
    this.#widths ??= this.#columns.map((_, at) =>
      Math.max(...[...head, ...cells].map((line) => widthOf(line[at] ?? ''))),
    );
    return [...head, ...cells].map((line) => `${this.#aligned(line)}\n`).join('');
  }

  #aligned(line: readonly string[]): string {
    return line
      .map((cell, at) => padded(cell, this.#widths?.[at] ?? 0))
      .join('  ')
      .trimEnd();
  }
}

/** `a.b` is the member b of the member a. */
function memberOf(row: Row, column: string): unknown {
  return column.split('.').reduce<unknown>((value, name) => (value as Row | null | undefined)?.[name], row);
}

/** Each member of a thing on a line of its own. */
export function recordLines(record: Row, forPeople: boolean): string {
  const names = Object.keys(record).map(plainText);
  const width = Math.max(0, ...names.map(widthOf));
  const cells = Object.values(record).map((value) => cellOf(value, forPeople));
  return names
    .map((name, at) => (forPeople ? `${padded(name, width)}  ${cells[at]}\n` : `${name}\t${cells[at]}\n`))
    .join('');
}

/** Null is nothing, and a hyphen for people; a list its parts with commas; an object of texts `name=value`. */
function cellOf(value: unknown, forPeople: boolean): string {
  const shown = plainText(textOf(value));
  return shown === '' && forPeople ? '-' : shown;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object') return String(value);
  const parts = Array.isArray(value) ? value.map((part) => ['', part]) : Object.entries(value);
  if (parts.some(([, part]) => part !== null && typeof part === 'object')) return JSON.stringify(value);
  return parts.map(([name, part]) => (name === '' ? String(part) : `${name}=${part ?? 'none'}`)).join(',');
}

const GRAPHEMES = new Intl.Segmenter();

function widthOf(cell: string): number {
  return /^[\x20-\x7e]*$/.test(cell) ? cell.length : [...GRAPHEMES.segment(cell)].length;
}

function padded(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - widthOf(cell)));
}
