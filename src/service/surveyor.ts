/**
 * Asks the database what the metrics want to know, seldom enough that whoever reads from it does not feel it: an answer
 * holds for ten seconds, or for twenty times as long as it took. A database that does not answer delays no scrape for long.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Survey, surveyVault } from '../operations/upkeep/survey-vault.ts';
import type { Vault } from '../operations/vault/vault.ts';

const HOLDS_MS = 10_000;
const REST = 20;
const PATIENCE_MS = 1_000;

export class Surveyor {
  readonly #vault: Vault;
  readonly #monotonic: () => number;
  #last: Survey | null = null;
  #holdsUntil = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | null = null;

  /** `monotonic`: milliseconds. */
  constructor(vault: Vault, monotonic: () => number) {
    this.#vault = vault;
    this.#monotonic = monotonic;
  }

  /** The last answer, after a second at most; null where the last question failed or there was none. Never rejects. */
  async latest(): Promise<Survey | null> {
    if (this.#running === null && this.#monotonic() >= this.#holdsUntil) {
      this.#running = this.#ask().finally(() => {
        this.#running = null;
      });
    }
    if (this.#running !== null) {
      const enough = new AbortController();
      const patience = delay(PATIENCE_MS, undefined, { signal: enough.signal }).catch(() => {});
      await Promise.race([this.#running, patience]);
      enough.abort();
    }
    return this.#last;
  }

  async #ask(): Promise<void> {
    const started = performance.now();
    this.#last = await surveyVault(this.#vault).catch(() => null);
    const took = performance.now() - started;
    this.#holdsUntil = this.#monotonic() + Math.max(HOLDS_MS, REST * took);
  }
}
