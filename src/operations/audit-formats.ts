/** How entries of the audit trail are written down, in each format of its export. */
import { csvLine } from '../audit/csv.ts';
import { type ParquetColumn, ParquetFile, type ParquetValue } from '../audit/parquet.ts';
import { showTime } from '../contract/common.ts';
import type { AuditExportQuery } from '../contract/queries.ts';
import type { AuditEntryRow } from '../storage/rows.ts';
import { showEntry } from './list-audit.ts';

export type Part = string | Uint8Array;

/** Takes entries and gives what there is to be sent, of which there may be nothing yet. */
export interface AuditFormat {
  add(rows: readonly AuditEntryRow[]): Part;
  end(): Part;
}

/** Of a row group: large enough for those who read it, and small enough that writing it holds nobody up. */
const GROUP_ROWS = 2_000;
const GROUP_CHARACTERS = 4_000_000;

const COLUMNS: readonly (ParquetColumn & { readonly value: (row: AuditEntryRow) => ParquetValue })[] = [
  { name: 'id', type: 'integer', value: (row) => row.id },
  { name: 'at', type: 'time', value: (row) => row.at },
  { name: 'type', type: 'text', value: (row) => row.type },
  { name: 'actor_kind', type: 'text', value: (row) => row.actor_kind },
  { name: 'actor_id', type: 'integer', optional: true, value: (row) => row.actor_id },
  { name: 'actor_name', type: 'text', value: (row) => row.actor_name },
  { name: 'actor_role', type: 'text', optional: true, value: (row) => row.actor_role },
  { name: 'ip', type: 'text', optional: true, value: (row) => row.ip },
  { name: 'target', type: 'text', value: (row) => row.target },
  { name: 'outcome', type: 'text', value: (row) => row.outcome },
  { name: 'reason', type: 'text', optional: true, value: (row) => row.reason },
  { name: 'before', type: 'json', optional: true, value: (row) => row.before },
  { name: 'after', type: 'json', optional: true, value: (row) => row.after },
  { name: 'request_id', type: 'text', optional: true, value: (row) => row.request_id },
];

export const AUDIT_FORMATS: Readonly<Record<AuditExportQuery['format'], () => AuditFormat>> = {
  ndjson: () => ({
    add: (rows) => rows.map((row) => `${JSON.stringify(showEntry(row))}\n`).join(''),
    end: () => '',
  }),

  csv: () => {
    let head = csvLine(COLUMNS.map(({ name }) => name));
    return {
      add: (rows) => {
        const lines = rows.map((row) =>
          csvLine(COLUMNS.map(({ type, value }) => (type === 'time' ? showTime(row.at) : value(row)))),
        );
        const text = head + lines.join('');
        head = '';
        return text;
      },
      end: () => head,
    };
  },

  parquet: () => {
    const file = new ParquetFile(COLUMNS);
    let waiting: AuditEntryRow[] = [];
    const group = () => {
      const rows = waiting;
      waiting = [];
      return rows.length === 0 ? '' : file.group(rows.map((row) => COLUMNS.map(({ value }) => value(row))));
    };
    return {
      add: (rows) => {
        waiting.push(...rows);
        return waiting.length < GROUP_ROWS && charactersOf(waiting) < GROUP_CHARACTERS ? '' : group();
      },
      end: () => Buffer.concat([group(), file.end()].map((part) => Buffer.from(part))),
    };
  },
};

/** About how much text entries hold. */
export function charactersOf(rows: readonly AuditEntryRow[]): number {
  return rows.reduce((sum, { before, after }) => sum + (before?.length ?? 0) + (after?.length ?? 0), 0);
}
