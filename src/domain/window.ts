/** A counter in its window; `ends_at` in Unix milliseconds. */
export interface Window {
  readonly starts_at: number;
  readonly ends_at: number;
  readonly count: number;
}
