/** A connection whose thread is started again when it has died. Until that has worked, every call is refused at once. */
import type { EngineObserver } from '../engine.ts';
import { StorageError } from '../errors.ts';
import { Connection } from './connection.ts';
import type { ConnectionOptions } from './protocol.ts';

const REOPEN_AFTER_MS = 500;

export class SupervisedConnection {
  readonly #options: ConnectionOptions;
  readonly #observer: EngineObserver;
  #current: Connection | null = null;
  #closed = false;
  #reopening: NodeJS.Timeout | null = null;

  private constructor(options: ConnectionOptions, observer: EngineObserver) {
    this.#options = options;
    this.#observer = observer;
  }

  /** Rejects with the StorageError of the first opening; only a thread that has once served is started again. */
  static async open(options: ConnectionOptions, observer: EngineObserver): Promise<SupervisedConnection> {
    const supervised = new SupervisedConnection(options, observer);
    await supervised.#open();
    return supervised;
  }

  /** Throws a {@link StorageError} while there is none. */
  get current(): Connection {
    if (this.#current === null)
      throw new StorageError('THREAD', `the ${this.#options.role} thread is not running`);
    return this.#current;
  }

  get runs(): boolean {
    return this.#current !== null;
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#reopening !== null) clearTimeout(this.#reopening);
    await this.#current?.close();
  }

  async #open(): Promise<void> {
    let served = false;
    const connection = await Connection.open(this.#options, (error) => {
      if (served) this.#ended(error);
    });
    served = true;
    this.#current = connection;
    if (this.#closed) await connection.close();
  }

  #ended(error: StorageError): void {
    this.#current = null;
    if (this.#closed) return;
    this.#observer.batchFailed(error);
    this.#reopen();
  }

  #reopen(): void {
    this.#reopening = setTimeout(() => {
      this.#open().catch((error: Error) => {
        this.#observer.batchFailed(error);
        if (!this.#closed) this.#reopen();
      });
    }, REOPEN_AFTER_MS);
  }
}
