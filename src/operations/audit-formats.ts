/** How entries of the audit trail are written down, in each format of its export. */
import { csvLine } from '../audit/csv.ts';
import { type ParquetColumn, ParquetFile, type ParquetValue } from '../audit/parquet.ts';
import { showTime } from '../contract/common.ts';
import type { AuditExportQuery } from '../contract/queries.ts';
import type { AuditRow } from '../storage/tables/audit-entries.ts';
import { showEntry, showVaultEntry } from './list-audit.ts';

export type Part = string | Uint8Array;

/** Takes entries and gives what there is to be sent, of which there may be nothing yet. */
export interface AuditFormat {
  add(rows: readonly AuditRow[]): Part;
  end(): Part;
}

/** Of a row group: large enough for those who read it, and small enough that writing it holds nobody up. */
const GROUP_ROWS = 2_000;
const GROUP_CHARACTERS = 4_000_000;

type Column = ParquetColumn & { readonly value: (row: AuditRow) => ParquetValue };

const COLUMNS: readonly Column[] = [
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

/** Behind the others, so that whoever reads columns by their place reads both. */
const TENANT: Column = { name: 'tenant', type: 'text', optional: true, value: (row) => row.tenant ?? null };

const columnsOf = (named: boolean) => (named ? [...COLUMNS, TENANT] : COLUMNS);

/** `named`: each entry says whose it is. */
export const AUDIT_FORMATS: Readonly<Record<AuditExportQuery['format'], (named: boolean) => AuditFormat>> = {
  ndjson: (named) => ({
    add: (rows) =>
      rows.map((row) => `${JSON.stringify(named ? showVaultEntry(row) : showEntry(row))}\n`).join(''),
    end: () => '',
  }),

  csv: (named) => {
    const columns = columnsOf(named);
    let head = csvLine(columns.map(({ name }) => name));
    return {
      add: (rows) => {
        const lines = rows.map((row) =>
          csvLine(columns.map(({ type, value }) => (type === 'time' ? showTime(row.at) : value(row)))),
        );
        const text = head + lines.join('');
        head = '';
        return text;
      },
      end: () => head,
    };
  },

  parquet: (named) => {
    const columns = columnsOf(named);
    const file = new ParquetFile(columns);
    let waiting: AuditRow[] = [];
    const group = () => {
      const rows = waiting;
      waiting = [];
      return rows.length === 0 ? '' : file.group(rows.map((row) => columns.map(({ value }) => value(row))));
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
export function charactersOf(rows: readonly AuditRow[]): number {
  return rows.reduce((sum, { before, after }) => sum + (before?.length ?? 0) + (after?.length ?? 0), 0);
}
