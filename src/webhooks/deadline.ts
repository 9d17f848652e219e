/** A limit on how long something may take. */
export interface Deadline {
  /** Aborted once the time is up. */
  readonly signal: AbortSignal;
  /** What `work` comes to, or a rejection once the time is up, whether or not `work` heeds the signal. */
  race<T>(work: Promise<T>): Promise<T>;
  /** To be called when all is done: nothing is aborted any more. */
  clear(): void;
}

/** Starts a deadline of `ms` milliseconds from now. */
export function startDeadline(ms: number): Deadline {
  const controller = new AbortController();
  const { signal } = controller;
  const timer = setTimeout(() => controller.abort(), ms);
  const { promise: over, reject } = Promise.withResolvers<never>();
  over.catch(() => undefined);
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  return { signal, race: (work) => Promise.race([work, over]), clear: () => clearTimeout(timer) };
}
