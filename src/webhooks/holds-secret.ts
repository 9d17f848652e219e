/** So much of a secret in one piece is taken for it: 12 of its 32 bytes. */
const PIECE_BYTES = 12;
const BASE64_PIECE = 16;
const HEX_PIECE = 2 * PIECE_BYTES;

/**
 * Whether the text holds a piece of the secret in base64 of any alphabet and from any byte on, or in hex, however it is escaped by
 * backslashes, per cent or white space.
 */
export function holdsSecret(text: string, secret: string): boolean {
  const folded = unescaped(text).replaceAll('-', '+').replaceAll('_', '/');
  if (!/[A-Za-z0-9+/]{16}/.test(folded)) return false;
  const bytes = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const base64 = [0, 1, 2].map((from) => bytes.subarray(from).toString('base64').replace(/=+$/, ''));
  const lower = folded.toLowerCase();
  return (
    base64.some((encoded) => pieces(encoded, BASE64_PIECE).some((piece) => folded.includes(piece))) ||
    pieces(bytes.toString('hex'), HEX_PIECE).some((piece) => lower.includes(piece))
  );
}

function pieces(text: string, length: number): string[] {
  return Array.from({ length: Math.max(0, text.length - length + 1) }, (_, at) =>
    text.slice(at, at + length),
  );
}

function unescaped(text: string): string {
  return text
    .replace(/\\u00([0-9a-f]{2})|\\x([0-9a-f]{2})|%([0-9a-f]{2})/gi, (_, ...[unicode, hex, percent]) =>
      String.fromCharCode(Number.parseInt(unicode ?? hex ?? percent, 16)),
    )
    .replace(/\\[nrt]|[\\\s]/g, '');
}
