/** Files that are sent while they are read: of one tenant only so many at once, and none to a reader that takes nothing. */
import type { Response } from 'express';
import { Problem } from '../../domain/problem.ts';
import type { Reply } from './route.ts';

const MOST_FILES = 4;
const PATIENCE_MS = 60_000;
/** Small beside what the system buffers: that much, up to 2 MB, a reader has to take before it is seen to take anything. */
const SLICE = 16_384;

type File = NonNullable<Reply['file']>;

export class FilesUnderWay {
  readonly #ofTenant = new Map<string, number>();
  readonly #patienceMs: number;

  /** A file is broken off where for so long nothing is taken of what waits to be. */
  constructor(patienceMs = PATIENCE_MS) {
    this.#patienceMs = patienceMs;
  }

  /**
   * Sends the parts as they come, no faster than they are taken, and resolves when they were, or nobody is there to take
   * them. How long a part is in coming does not matter. Throws what reading a part throws: then the answer is not whole and
   * has to be destroyed. Throws a Problem where too many are under way. To a HEAD nothing is sent, and so nothing is read. `tenant`:
   * empty for what is of none.
   */
  async send(tenant: string, response: Response, { type, name, parts }: File): Promise<void> {
    const others = this.#ofTenant.get(tenant) ?? 0;
    if (others >= MOST_FILES) {
      response.set('Retry-After', '10');
      throw new Problem('rate limit exceeded', `${MOST_FILES} files are being sent: wait until one is over.`);
    }
    this.#ofTenant.set(tenant, others + 1);
    try {
      response.set({ 'Content-Type': type, 'Content-Disposition': `attachment; filename="${name}"` });
      if (response.req.method === 'HEAD') response.end();
      else await this.#write(response, parts);
    } catch (error) {
      if (!response.headersSent) response.removeHeader('Content-Disposition');
      throw error;
    } finally {
      const left = (this.#ofTenant.get(tenant) ?? 1) - 1;
      if (left === 0) this.#ofTenant.delete(tenant);
      else this.#ofTenant.set(tenant, left);
    }
  }

  async #write(response: Response, parts: File['parts']): Promise<void> {
    for await (const part of parts) {
      for (const slice of slicesOf(part)) {
        if (response.destroyed) return;
        if (!response.write(slice)) await this.#taken(response, 'drain');
      }
    }
    if (response.destroyed) return;
    const finished = this.#taken(response, 'finish');
    response.end();
    await finished;
  }

  /** Resolves when all that was written is taken, or the connection is closed, which it is when patience is over. */
  #taken(response: Response, event: 'drain' | 'finish'): Promise<void> {
    return new Promise((resolve) => {
      const impatience = setTimeout(() => response.destroy(), this.#patienceMs);
      const over = () => {
        clearTimeout(impatience);
        response.off(event, over).off('close', over);
        resolve();
      };
      response.on(event, over).on('close', over);
    });
  }
}

/** An empty part has an empty slice. */
function* slicesOf(part: string | Uint8Array): Generator<Uint8Array> {
  const bytes = typeof part === 'string' ? Buffer.from(part) : part;
  let at = 0;
  do {
    yield bytes.subarray(at, at + SLICE);
    at += SLICE;
  } while (at < bytes.length);
}
