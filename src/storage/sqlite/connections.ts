/** The four connections of a serving vault to its file, each on a thread of its own. */
import type { EngineObserver } from '../engine.ts';
import type { Connection } from './connection.ts';
import type { ConnectionOptions } from './protocol.ts';
import { SupervisedConnection } from './supervised-connection.ts';

export class Connections {
  readonly writer: SupervisedConnection;
  readonly reader: SupervisedConnection;
  /** Apart from the reader, so that no long read holds up a delivery whose configuration has to be loaded. */
  readonly loader: SupervisedConnection;
  /** Apart from the writer, so that no commit waits for a checkpoint. */
  readonly checkpointer: SupervisedConnection;

  /** Opens the writer, lets `prepare` bring the file up to date, and opens the others. Rejects as they do; then none is open. */
  static async open(
    file: string,
    observer: EngineObserver,
    prepare: (writer: Connection) => Promise<void>,
  ): Promise<Connections> {
    const openAs = (role: ConnectionOptions['role']) => SupervisedConnection.open({ file, role }, observer);
    const writer = await openAs('writer');
    try {
      await prepare(writer.current);
    } catch (error) {
      await writer.close();
      throw error;
    }
    const beside = await Promise.allSettled([openAs('reader'), openAs('reader'), openAs('checkpointer')]);
    const [reader, loader, checkpointer] = beside;
    if (
      reader.status === 'fulfilled' &&
      loader.status === 'fulfilled' &&
      checkpointer.status === 'fulfilled'
    ) {
      return new Connections(writer, reader.value, loader.value, checkpointer.value);
    }
    for (const each of beside) if (each.status === 'fulfilled') await each.value.close();
    await writer.close();
    throw beside.find((each) => each.status === 'rejected')?.reason;
  }

  private constructor(
    writer: SupervisedConnection,
    reader: SupervisedConnection,
    loader: SupervisedConnection,
    checkpointer: SupervisedConnection,
  ) {
    this.writer = writer;
    this.reader = reader;
    this.loader = loader;
    this.checkpointer = checkpointer;
  }

  /** The writer last: it has the lock of the file. */
  async close(): Promise<void> {
    await Promise.all([this.reader.close(), this.loader.close(), this.checkpointer.close()]);
    await this.writer.close();
  }
}
