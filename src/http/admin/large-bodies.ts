/** Bodies that may be large: in memory whole while they are taken and worked on, so only few are at once. */
import type { Request, Response } from 'express';
import { Problem } from '../../domain/problem.ts';

const MOST = 2;
const SMALL_BYTES = 262_144;
const RETRY_SECONDS = 10;

export class LargeBodies {
  readonly #tenants = new Set<string>();

  /**
   * Takes the place of a body for `tenant`, one of its own and {@link MOST} in all; what it gives frees the place, once. What is known to be small, up to
   * {@link SMALL_BYTES}, takes none. Throws a Problem, with Retry-After, where there is no place.
   */
  enter(tenant: string, request: Request, response: Response): () => void {
    if (isSmall(request)) return () => {};
    const own = this.#tenants.has(tenant);
    if (own || this.#tenants.size >= MOST) {
      response.set('Retry-After', String(RETRY_SECONDS));
      throw new Problem(
        'rate limit exceeded',
        own
          ? 'A large body is being taken for this tenant: wait until that is over.'
          : 'Large bodies are being taken for others: try again in a moment.',
      );
    }
    this.#tenants.add(tenant);
    let isTaken = true;
    return () => {
      if (isTaken) this.#tenants.delete(tenant);
      isTaken = false;
    };
  }
}

/** What is compressed, or comes in chunks, may become any length. */
function isSmall({ headers }: Request): boolean {
  if (headers['content-encoding'] !== undefined || headers['transfer-encoding'] !== undefined) return false;
  return Number(headers['content-length'] ?? 0) <= SMALL_BYTES;
}
