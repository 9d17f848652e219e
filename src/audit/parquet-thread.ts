/**
 * Runs in a worker thread and makes Parquet files, any number of them at a time: a row group takes tens of milliseconds to
 * write, and never on the event loop.
 */
import { parentPort } from 'node:worker_threads';
import { type ParquetColumn, ParquetFile, type ParquetRow } from './parquet.ts';

/** What is asked of a file, which has a number. `add` and `end` are answered. */
export type ParquetRequest = { readonly file: number } & (
  | { readonly kind: 'open'; readonly columns: readonly ParquetColumn[] }
  | { readonly kind: 'add'; readonly rows: readonly ParquetRow[] }
  | { readonly kind: 'end' | 'close' }
);

/** The bytes that there are to be sent, maybe none. */
export type ParquetAnswer = { readonly file: number } & (
  | { readonly bytes: Uint8Array }
  | { readonly error: string }
);

const port = parentPort;
if (port === null) throw new Error('parquet-thread runs only as a worker thread');

const files = new Map<number, ParquetFile>();

port.on('message', (request: ParquetRequest) => {
  const { file } = request;
  try {
    const bytes = answer(request);
    if (bytes !== null) port.postMessage({ file, bytes } satisfies ParquetAnswer, [bytes.buffer]);
  } catch (error) {
    port.postMessage({ file, error: (error as Error).message } satisfies ParquetAnswer);
  }
});

function answer(request: ParquetRequest): Uint8Array<ArrayBuffer> | null {
  if (request.kind === 'open') {
    files.set(request.file, new ParquetFile(request.columns));
    return null;
  }
  if (request.kind === 'close') {
    files.delete(request.file);
    return null;
  }
  const file = files.get(request.file) as ParquetFile;
  return request.kind === 'add' ? file.add(request.rows) : file.end();
}
