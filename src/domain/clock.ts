/**
 * How the vault reads time when clocks jump.
 *
 * Two times come out of one reading of the wall clock and the monotonic clock:
 * - `settled` never goes back, and takes over a step of the wall clock (more than {@link TOLERANCE_MS} off what the
 *   monotonic clock bears out) only after it has lasted {@link BELIEVED_AFTER_MS}. Whatever cannot be undone goes by it:
 *   limit days, the expiry of a key for good, pruning.
 * - `now` is `settled`, or the wall clock where that is ahead. Whatever is refused for being too late goes by it.
 *
 * So a step back reopens no spent day and no expired key, and a step ahead ends nothing for good on its own word.
 */
export interface ClockReading {
  readonly now: number;
  readonly settled: number;
}

/** With the monotonic clock of this process, which means nothing to another one. Seconds and bursts go by it. */
export interface ProcessReading extends ClockReading {
  readonly mono: number;
}

/**
 * What is remembered between two readings. `settled` and the wall clock are Unix milliseconds, `mono` any monotonic ones;
 * `exact` is `settled` with its fraction, so that readings that follow each other closely do not lose time.
 */
export interface ClockState extends ProcessReading {
  readonly exact: number;
  /** The step under observation: its direction, and when the monotonic clock first saw it. */
  readonly step: { readonly ahead: boolean; readonly since: number } | null;
}

export const TOLERANCE_MS = 5_000;
export const BELIEVED_AFTER_MS = 3_600_000;

/** The first state of a process: the wall clock, or the persisted mark where the wall clock is behind it. */
export function startClock(wall: number, mono: number, mark: number): ClockState {
  return readClock(at(Math.max(wall, mark), wall, mono, null), wall, mono);
}

/** The next state, in whole milliseconds. Total: any two numbers are a reading; `settled` is never below the one before. */
export function readClock(state: ClockState, wall: number, mono: number): ClockState {
  const expected = state.exact + Math.max(0, mono - state.mono);
  const drift = wall - expected;
  if (drift <= TOLERANCE_MS && drift >= -TOLERANCE_MS)
    return at(Math.max(state.exact, wall), wall, mono, null);
  const ahead = drift > 0;
  const step = state.step?.ahead === ahead ? state.step : { ahead, since: mono };
  const believed = mono - step.since >= BELIEVED_AFTER_MS;
  if (ahead) return at(believed ? wall : expected, wall, mono, believed ? null : step);
  // A believed step back: the time holds still until the wall clock has reached it again.
  if (believed && wall >= state.exact) return at(wall, wall, mono, null);
  return at(believed ? state.exact : expected, wall, mono, step);
}

function at(exact: number, wall: number, mono: number, step: ClockState['step']): ClockState {
  return { now: Math.floor(Math.max(exact, wall)), settled: Math.floor(exact), exact, mono, step };
}
