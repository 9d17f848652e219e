/** How much of a receiver's answer is kept for whoever looks at the attempt later, in bytes. */
const KEPT_BYTES = 1024;

/**
 * Reads a response body up to `maxBytes`, the last chunk over them included, and then destroys it, which ends an
 * unfinished connection. Gives the first 1 KiB as text: what is not UTF-8, and NUL, which no database column
 * takes, comes out as U+FFFD. Never rejects: of a body that breaks off, what had come is given.
 */
export async function readStart(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const kept = new Uint8Array(KEPT_BYTES);
  let seen = 0;
  try {
    for await (const chunk of body) {
      if (seen < KEPT_BYTES) kept.set(chunk.subarray(0, KEPT_BYTES - seen), seen);
      seen += chunk.length;
      if (seen >= maxBytes) break;
    }
  } catch {
    // The status has come already, and it alone decides.
  }
  const start = kept.subarray(0, Math.min(seen, KEPT_BYTES));
  // A character that the limit cuts in two is left out.
  return new TextDecoder().decode(start, { stream: seen > KEPT_BYTES }).replaceAll('\0', '\ufffd');
}
