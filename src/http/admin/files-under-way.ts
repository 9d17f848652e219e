/** Files that are sent while they are read: of one tenant only so many at once, and none to a reader that takes nothing. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import { Problem } from '../../domain/problem.ts';
import type { Reply } from './route.ts';

const MOST_FILES = 4;
const PATIENCE_MS = 60_000;

export class FilesUnderWay {
  readonly #ofTenant = new Map<string, number>();

  /**
   * Sends the parts as they come, no faster than they are taken; where one fails, or nothing is taken for a minute, the
   * answer ends short, and so as an error. Throws a Problem where too many are under way.
   */
  async send(
    tenant: string,
    response: Response,
    { type, name, parts }: NonNullable<Reply['file']>,
  ): Promise<void> {
    const others = this.#ofTenant.get(tenant) ?? 0;
    if (others >= MOST_FILES) {
      response.set('Retry-After', '10');
      throw new Problem('rate limit exceeded', `${MOST_FILES} files are being sent: wait until one is over.`);
    }
    this.#ofTenant.set(tenant, others + 1);
    try {
      response.set({ 'Content-Type': type, 'Content-Disposition': `attachment; filename="${name}"` });
      response.setTimeout(PATIENCE_MS, () => response.destroy());
      await pipeline(Readable.from(parts), response);
    } finally {
      const left = (this.#ofTenant.get(tenant) ?? 1) - 1;
      if (left === 0) this.#ofTenant.delete(tenant);
      else this.#ofTenant.set(tenant, left);
    }
  }
}
