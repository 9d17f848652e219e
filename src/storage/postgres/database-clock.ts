/** The vault's time by the database's clock: read with every batch, and carried on by the monotonic clock in between. */
import { type ClockState, type ProcessReading, readClock, startClock } from '../../domain/clock.ts';

export interface DatabaseClockSource {
  /** Milliseconds that only go forward. */
  monotonic(): number;
  /** The wall clock, given the database's in Unix milliseconds: the same, but in a test that moves time. */
  wall(database: number): number;
}

export class DatabaseClock {
  readonly #source: DatabaseClockSource;
  #database: number;
  #sampledAt: number;
  #state: ClockState;

  /** `database`: its clock just now; `mark`: the settled time that the database remembers. Unix milliseconds. */
  constructor(source: DatabaseClockSource, database: number, mark: number) {
    this.#source = source;
    this.#database = database;
    this.#sampledAt = source.monotonic();
    this.#state = startClock(source.wall(database), this.#sampledAt, mark);
  }

  /** Takes over what the database's clock has just said. */
  sample(database: number): void {
    this.#database = database;
    this.#sampledAt = this.#source.monotonic();
  }

  read(): ProcessReading {
    const wall = this.#source.wall(this.database);
    this.#state = readClock(this.#state, wall, this.#source.monotonic());
    return this.#state;
  }

  /** What the database's own clock should be at, in Unix milliseconds; it is not where this machine has slept. */
  get database(): number {
    return this.#database + (this.#source.monotonic() - this.#sampledAt);
  }

  get monotonic(): number {
    return this.#source.monotonic();
  }
}
