/** The connections of a serving vault to its file, each on a thread of its own. */
import type { EngineObserver } from '../engine.ts';
import type { Connection } from './connection.ts';
import type { ConnectionOptions } from './protocol.ts';
import { SupervisedConnection } from './supervised-connection.ts';

type OpenAs = (role: ConnectionOptions['role']) => Promise<SupervisedConnection>;

export class Connections {
  readonly writer: SupervisedConnection;
  readonly reader: SupervisedConnection;
  /** Apart from the reader, so that no long read holds up a delivery whose configuration has to be loaded. */
  readonly loader: SupervisedConnection;
  readonly #openAs: OpenAs;
  #checkpointer: Promise<SupervisedConnection> | null = null;

  /** Opens the writer, lets `prepare` bring the file up to date, and opens the others. Rejects as they do; then none is open. */
  static async open(
    file: string,
    observer: EngineObserver,
    prepare: (writer: Connection) => Promise<void>,
  ): Promise<Connections> {
    const openAs: OpenAs = (role) => SupervisedConnection.open({ file, role }, observer);
    const writer = await openAs('writer');
    try {
      await prepare(writer.current);
    } catch (error) {
      await writer.close();
      throw error;
    }
    const readers = await Promise.allSettled([openAs('reader'), openAs('reader')]);
    const [reader, loader] = readers;
    if (reader.status === 'fulfilled' && loader.status === 'fulfilled') {
      return new Connections(writer, reader.value, loader.value, openAs);
    }
    for (const each of readers) if (each.status === 'fulfilled') await each.value.close();
    await writer.close();
    throw readers.find((each) => each.status === 'rejected')?.reason;
  }

  private constructor(
    writer: SupervisedConnection,
    reader: SupervisedConnection,
    loader: SupervisedConnection,
    openAs: OpenAs,
  ) {
    this.writer = writer;
    this.reader = reader;
    this.loader = loader;
    this.#openAs = openAs;
  }

  /**
   * Apart from the writer, so that no commit waits for a checkpoint. Opened when it is first asked for, so that no start
   * waits for it. Rejects with the StorageError of the opening; the next call tries again.
   */
  async checkpointer(): Promise<SupervisedConnection> {
    this.#checkpointer ??= this.#openAs('checkpointer');
    try {
      return await this.#checkpointer;
    } catch (error) {
      this.#checkpointer = null;
      throw error;
    }
  }

  /** The writer last: it has the lock of the file. */
  async close(): Promise<void> {
    const checkpointer = await this.#checkpointer?.catch(() => null);
    await Promise.all([this.reader.close(), this.loader.close(), checkpointer?.close()]);
    await this.writer.close();
  }
}
