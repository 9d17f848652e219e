/** Units of one process wait for each other here, and not with a connection each in the database. */
import { StorageError } from '../errors.ts';

export class UnitLine {
  readonly #waitMs: number;
  #last: Promise<void> = Promise.resolve();

  /** `waitMs`: how long one may wait, where those before it take longer because the server does not answer. */
  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  /**
   * Runs `run` when those before it are over, and settles as it does. Rejects with `TIMEOUT` as soon as it has waited too
   * long; then it is never run.
   */
  wait<T>(run: () => Promise<T>): Promise<T> {
    const outcome = Promise.withResolvers<T>();
    let waiting = true;
    const late = setTimeout(() => {
      waiting = false;
      const text = `storage was busy with what was asked before for ${this.#waitMs} ms`;
      outcome.reject(new StorageError('TIMEOUT', text));
    }, this.#waitMs);
    this.#last = this.#last.then(async () => {
      clearTimeout(late);
      if (waiting) await run().then(outcome.resolve, outcome.reject);
    });
    return outcome.promise;
  }

  /** Resolves when whoever is in line now is done with. */
  over(): Promise<void> {
    return this.#last;
  }
}
