/** The main thread's end of the thread that makes Parquet files: it is there while one is made, and the same for all. */
import { Worker } from 'node:worker_threads';
import type { ParquetColumn, ParquetRow } from './parquet.ts';
import type { ParquetAnswer, ParquetRequest } from './parquet-thread.ts';

/** Makes one file, its parts asked for one after the other; to be closed, whether it came to its end or not. */
export class ParquetWriter {
  readonly #thread: ParquetThread;
  readonly #file: number;
  #asked: PromiseWithResolvers<Uint8Array> | null = null;
  #failed: Error | null = null;

  constructor(columns: readonly ParquetColumn[]) {
    this.#thread = ParquetThread.running();
    this.#file = this.#thread.add((answer) => {
      if ('bytes' in answer) this.#asked?.resolve(answer.bytes);
      else this.#fail(new Error(answer.error));
    });
    // Whatever else there is to a column stays here.
    const plain = columns.map(({ name, type, optional = false }) => ({ name, type, optional }));
    this.#thread.ask({ file: this.#file, kind: 'open', columns: plain });
  }

  /** Resolves with what there is to be sent, which may be nothing yet; each row has a value for every column. */
  add(rows: readonly ParquetRow[]): Promise<Uint8Array> {
    return this.#ask({ file: this.#file, kind: 'add', rows });
  }

  end(): Promise<Uint8Array> {
    return this.#ask({ file: this.#file, kind: 'end' });
  }

  close(): void {
    this.#fail(new Error('the file is closed'));
    this.#thread.remove(this.#file);
  }

  #ask(request: ParquetRequest): Promise<Uint8Array> {
    if (this.#failed !== null) return Promise.reject(this.#failed);
    this.#asked = Promise.withResolvers();
    this.#thread.ask(request);
    return this.#asked.promise;
  }

  #fail(error: Error): void {
    this.#failed ??= error;
    this.#asked?.reject(this.#failed);
  }
}

type Settle = (answer: ParquetAnswer) => void;

class ParquetThread {
  static #running: ParquetThread | null = null;
  readonly #worker = new Worker(new URL('./parquet-thread.ts', import.meta.url));
  readonly #files = new Map<number, Settle>();
  #last = 0;

  static running(): ParquetThread {
    ParquetThread.#running ??= new ParquetThread();
    return ParquetThread.#running;
  }

  private constructor() {
    this.#worker.on('message', (answer: ParquetAnswer) => this.#files.get(answer.file)?.(answer));
    this.#worker.on('error', ({ message }: Error) => this.#end(message));
    this.#worker.on('exit', () => this.#end('the thread that makes Parquet files has ended'));
  }

  /** Returns the number of a new file. */
  add(settle: Settle): number {
    this.#files.set(++this.#last, settle);
    return this.#last;
  }

  ask(request: ParquetRequest): void {
    this.#worker.postMessage(request);
  }

  remove(file: number): void {
    this.#files.delete(file);
    if (this.#files.size > 0) {
      this.ask({ file, kind: 'close' });
      return;
    }
    this.#end('no file is left');
    void this.#worker.terminate();
  }

  #end(error: string): void {
    if (ParquetThread.#running === this) ParquetThread.#running = null;
    for (const [file, settle] of this.#files) settle({ file, error });
  }
}
