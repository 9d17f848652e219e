/** A Parquet file, a row group at a time: what a group came to is given away at once, and only where it stands is kept. */
import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';

/** `time`: Unix milliseconds. `json`: text that is JSON. Null where it is `optional`. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: 'integer' | 'time' | 'text' | 'json';
  readonly optional?: boolean;
}

export type ParquetValue = string | number | null;

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

const encoder = new TextEncoder();

export class ParquetFile {
  readonly #columns: readonly ParquetColumn[];
  readonly #bytes = new ByteWriter();
  readonly #writer: ParquetWriter;

  constructor(columns: readonly ParquetColumn[]) {
    this.#columns = columns;
    // Called JSON, a column would be parsed and printed again: until the end it is of bytes.
    const schema = schemaOf(columns).map(({ converted_type, ...element }) =>
      converted_type === undefined || converted_type === 'JSON' ? element : { ...element, converted_type },
    );
    this.#writer = new ParquetWriter({ writer: this.#bytes, schema, createdBy: 'keyrotator' });
  }

  /** A row group of all `rows`, each with a value for every column. */
  group(rows: readonly (readonly ParquetValue[])[]): Uint8Array {
    const columnData = this.#columns.map(({ name, type }, at) => ({
      name,
      data: rows.map((row) => encode(type, row[at] ?? null)),
      statistics: type === 'integer' || type === 'time',
    }));
    void this.#writer.write({ columnData, rowGroupSize: rows.length });
    return this.#take();
  }

  end(): Uint8Array {
    this.#writer.schema = schemaOf(this.#columns);
    void this.#writer.finish();
    return this.#take();
  }

  #take(): Uint8Array {
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
