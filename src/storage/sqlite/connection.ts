/** The main thread's end of a connection thread: a call is a promise, and no call outlives its thread. */
import { Worker } from 'node:worker_threads';
import { StorageError } from '../errors.ts';
import type { Answer, Call, Command, ConnectionOptions, Result } from './protocol.ts';

interface Waiting {
  resolve(result: Result): void;
  reject(error: Error): void;
}

const OPENING = 0;

export class Connection {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = OPENING;
  #ended: StorageError | null = null;

  private constructor(worker: Worker, onEnd: (error: StorageError) => void) {
    this.#worker = worker;
    worker.on('message', (answer: Answer) => this.#settle(answer));
    worker.on('error', (error: Error & { code?: string }) =>
      this.#fail(error.code ?? 'THREAD', error.message),
    );
    worker.on('exit', () => {
      this.#fail('THREAD', 'the connection thread has ended');
      if (this.#ended !== null) onEnd(this.#ended);
    });
  }

  /** Starts the thread; resolves when its connection is open. `onEnd` is told when the thread has ended, for whatever reason. */
  static async open(options: ConnectionOptions, onEnd: (error: StorageError) => void): Promise<Connection> {
    const worker = new Worker(new URL('./connection-thread.ts', import.meta.url), { workerData: options });
    const connection = new Connection(worker, onEnd);
    await connection.#opened();
    return connection;
  }

  /** Rejects with a {@link StorageError}, at once when the thread has ended. */
  call(command: Command): Promise<Result> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    const id = ++this.#lastId;
    const promise = new Promise<Result>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#worker.postMessage({ id, ...command } satisfies Call);
    return promise;
  }

  /** Closes the connection and waits for the thread to end. */
  async close(): Promise<void> {
    if (this.#ended !== null) return;
    await this.call({ kind: 'close' });
    await this.#worker.terminate();
  }

  /** Ends the thread as a crash would. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #opened(): Promise<Result> {
    return new Promise((resolve, reject) => this.#waiting.set(OPENING, { resolve, reject }));
  }

  #settle(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ('error' in answer) waiting?.reject(new StorageError(answer.error.code, answer.error.message));
    else waiting?.resolve(answer.result);
  }

  #fail(code: string, message: string): void {
    this.#ended ??= new StorageError(code, message);
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}
