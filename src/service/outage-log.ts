/**
 * One line in the log when storage fails and one when it works again, however much fails in between: on a disk that is nearly
 * full the trial has room where deliveries have none.
 */
import { errorClass } from '../storage/error-class.ts';
import { errorFields, type Logger } from './log.ts';

/** Longer than one trial of storage serves everybody who asks. */
const LOOK_EVERY_MS = 2_000;

/** Classes of errors that are none of storage as a whole: two were in each other's way, or the program is at fault. */
const OF_ONE_ALONE = new Set(['conflict', 'other']);

export class OutageLog {
  readonly #log: Logger;
  readonly #check: () => Promise<void>;
  #since: number | null = null;
  /** Whether anything failed since the last look. */
  #failedAgain = false;
  #timer: NodeJS.Timeout | null = null;

  /** `check` resolves once storage works. */
  constructor(log: Logger, check: () => Promise<void>) {
    this.#log = log;
    this.#check = check;
  }

  /** Storage has failed deliveries. */
  failed(error: Error): void {
    this.#failedAgain = true;
    if (this.#since !== null) return;
    this.#since = performance.now();
    this.#log.error(errorFields(error), 'storage failed: deliveries are refused until it works again');
    this.#lookLater();
  }

  /** Whether `error` is one of storage as a whole: then the log has been told, and needs not be told again. */
  explains(error: Error): boolean {
    if (OF_ONE_ALONE.has(errorClass(error))) return false;
    this.failed(error);
    return true;
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#since ??= performance.now();
  }

  #lookLater(): void {
    this.#timer = setTimeout(() => this.#look(), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  #look(): void {
    const before = this.#failedAgain;
    this.#failedAgain = false;
    this.#check().then(
      () => {
        const seconds = Math.round((performance.now() - (this.#since ?? 0)) / 1_000);
        if (this.#timer === null) return;
        if (before || this.#failedAgain) return this.#lookLater();
        this.#since = null;
        this.#log.info({ seconds }, 'storage works again');
      },
      () => {
        if (this.#timer !== null) this.#lookLater();
      },
    );
  }
}
