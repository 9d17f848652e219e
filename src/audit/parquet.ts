/** A Parquet file, a row group at a time: what a group came to is given away at once, and only where it stands is kept. */
import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';

/** `time`: Unix milliseconds. `json`: text that is JSON. Null where it is `optional`. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: 'integer' | 'time' | 'text' | 'json';
  readonly optional?: boolean;
}

export type ParquetValue = string | number | null;
export type ParquetRow = readonly ParquetValue[];

const TYPES = {
  integer: { type: 'INT64' },
  time: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  json: { type: 'BYTE_ARRAY', converted_type: 'JSON', logical_type: { type: 'JSON' } },
} as const satisfies Record<ParquetColumn['type'], Partial<SchemaElement>>;

/** Of a row group: large enough for those who read it, and small enough to be waited for in memory. */
const GROUP_ROWS = 2_000;
const GROUP_CHARACTERS = 4_000_000;

const encoder = new TextEncoder();

export class ParquetFile {
  readonly #columns: readonly ParquetColumn[];
  readonly #bytes = new ByteWriter();
  readonly #writer: ParquetWriter;
  #waiting: ParquetRow[] = [];
  #characters = 0;

  constructor(columns: readonly ParquetColumn[]) {
    this.#columns = columns;
    // Called JSON, a column would be parsed and printed again: until the end it is of bytes.
    const schema = schemaOf(columns).map(({ converted_type, ...element }) =>
      converted_type === undefined || converted_type === 'JSON' ? element : { ...element, converted_type },
    );
    this.#writer = new ParquetWriter({ writer: this.#bytes, schema, createdBy: 'keyrotator' });
  }

  /** What there is to be sent, which may be nothing yet; each row has a value for every column. */
  add(rows: readonly ParquetRow[]): Uint8Array<ArrayBuffer> {
    for (const row of rows) {
      this.#waiting.push(row);
      for (const value of row) if (typeof value === 'string') this.#characters += value.length;
    }
    if (this.#waiting.length >= GROUP_ROWS || this.#characters >= GROUP_CHARACTERS) this.#writeGroup();
    return this.#take();
  }

  end(): Uint8Array<ArrayBuffer> {
    if (this.#waiting.length > 0) this.#writeGroup();
    this.#writer.schema = schemaOf(this.#columns);
    void this.#writer.finish();
    return this.#take();
  }

  #writeGroup(): void {
    const rows = this.#waiting;
    this.#waiting = [];
    this.#characters = 0;
    const columnData = this.#columns.map(({ name, type }, at) => ({
      name,
      data: rows.map((row) => encode(type, row[at] ?? null)),
      statistics: type === 'integer' || type === 'time',
    }));
    void this.#writer.write({ columnData, rowGroupSize: rows.length });
  }

  #take(): Uint8Array<ArrayBuffer> {
    const bytes = this.#bytes.getBytes().slice();
    this.#bytes.index = 0;
    return bytes;
  }
}

function schemaOf(columns: readonly ParquetColumn[]): SchemaElement[] {
  return [
    { name: 'root', num_children: columns.length },
    ...columns.map(
      ({ name, type, optional = false }): SchemaElement => ({
        name,
        repetition_type: optional ? 'OPTIONAL' : 'REQUIRED',
        ...TYPES[type],
      }),
    ),
  ];
}

function encode(type: ParquetColumn['type'], value: ParquetValue): unknown {
  if (value === null) return null;
  if (type === 'json') return encoder.encode(String(value));
  return type === 'text' ? value : BigInt(value);
}
