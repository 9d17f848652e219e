/** How entries of the audit trail are written down, in each format of its export. */
import { csvLine } from '../../audit/csv.ts';
import type { ParquetColumn, ParquetValue } from '../../audit/parquet.ts';
import { ParquetWriter } from '../../audit/parquet-writer.ts';
import { showTime } from '../../contract/common.ts';
import type { AuditExportQuery } from '../../contract/queries.ts';
import type { AuditRow } from '../../storage/tables/audit-entries.ts';
import { showEntry, showVaultEntry } from './list-audit.ts';

export type Part = string | Uint8Array;

/** Takes entries and gives what there is to be sent, of which there may be nothing yet. */
export interface AuditFormat {
  add(rows: readonly AuditRow[]): Part | Promise<Part>;
  end(): Part | Promise<Part>;
  /** To be called when no more is asked for, whether it came to its end or not. */
  close?(): void;
}

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
    const writer = new ParquetWriter(columns);
    return {
      add: (rows) => writer.add(rows.map((row) => columns.map(({ value }) => value(row)))),
      end: () => writer.end(),
      close: () => writer.close(),
    };
  },
};
