/**
 * Moves what is in the log into the database, so that the log stays small. Nearly all of it goes through a connection of
 * its own while commits go on; but the log starts anew only when a commit finds all of it moved, so the writer moves the
 * last few pages, between two commits.
 */
import type { EngineObserver } from '../engine.ts';
import { isFsyncFailure } from '../errors.ts';
import type { Connections } from './connections.ts';
import { measureLog } from './database-file.ts';
import type { Checkpointed } from './protocol.ts';

/** How often the log is looked at while there are commits. */
const LOOK_EVERY_MS = 100;
const PAGE_BYTES = 4_096;
/** From how many pages on it is worth it. */
const PAGES = 2_000;
/** What the writer may be left to move. */
const FEW_PAGES = 500;
/** How often the moving catches up with the commits meanwhile before the writer is made to wait for it all the same. */
const MAX_ROUNDS = 5;

export class Checkpoints {
  readonly #file: string;
  readonly #connections: Connections;
  readonly #observer: EngineObserver;
  #look: NodeJS.Timeout | null = null;
  #underWay: Promise<void> | null = null;
  #toFinish = false;

  /** `file`: the database, by its canonical path. */
  constructor(file: string, connections: Connections, observer: EngineObserver) {
    this.#file = file;
    this.#connections = connections;
    this.#observer = observer;
  }

  /** To be called after each commit, before the writer is given the next. */
  committed(): void {
    if (this.#toFinish) {
      this.#toFinish = false;
      this.#move('writer', 1).catch((error: Error) => this.#observer.batchFailed(error));
    }
    this.#look ??= setTimeout(() => {
      this.#look = null;
      this.#moveMost(PAGES).catch((error: Error) => this.#observer.batchFailed(error));
    }, LOOK_EVERY_MS);
  }

  /** To be called when the disk is full: what was moved into the database leaves its room in the log. */
  full(): void {
    this.#look ??= setTimeout(() => {
      this.#look = null;
      // That the disk is full was told.
      this.#moveMost(1).catch(() => {});
    }, LOOK_EVERY_MS);
  }

  /** Moves what is there now; a look that began before may have found a reader that is gone. Rejects with a StorageError. */
  async now(): Promise<void> {
    await this.#underWay?.catch(() => {});
    return this.#moveMost(1);
  }

  /** Resolves when nothing more is moved. */
  async close(): Promise<void> {
    if (this.#look !== null) clearTimeout(this.#look);
    await this.#underWay?.catch(() => {});
  }

  #moveMost(atLeast: number): Promise<void> {
    this.#underWay ??= this.#catchUp(atLeast).finally(() => {
      this.#underWay = null;
    });
    return this.#underWay;
  }

  async #catchUp(atLeast: number): Promise<void> {
    // A log that is smaller than that has no thread started for it.
    if ((await measureLog(this.#file)) < atLeast * PAGE_BYTES) return;
    for (let round = 0, least = atLeast; round < MAX_ROUNDS; round++, least = FEW_PAGES) {
      const { moved, left } = await this.#move('checkpointer', least);
      // What a reader still needs stays in the log until it is done.
      if (left > 0) return;
      if (moved === 0) break;
      this.#toFinish = true;
    }
  }

  async #move(by: 'writer' | 'checkpointer', atLeast: number): Promise<Checkpointed> {
    try {
      const { writer } = this.#connections;
      const { current } = by === 'writer' ? writer : await this.#connections.checkpointer();
      const { rows } = await current.call({ kind: 'checkpoint', atLeast });
      return rows[0] as Checkpointed;
    } catch (error) {
      // The next checkpoint would be told that all is well, and the log with the only good copy be written over.
      if (isFsyncFailure(error)) this.#observer.storageLost(error as Error);
      throw error;
    }
  }
}
