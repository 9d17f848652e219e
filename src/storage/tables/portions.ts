/** So that no statement has thousands of parameters: putting one together would take the event loop as long. */
const ROWS_A_STATEMENT = 40;

/** The rows in their order, as many at a time as one statement takes. */
export function* portionsOf<R>(rows: readonly R[]): Generator<R[]> {
  for (let at = 0; at < rows.length; at += ROWS_A_STATEMENT) yield rows.slice(at, at + ROWS_A_STATEMENT);
}
