/** What a token opens: `client` (a tenant's), `app` (an app's), `admin` (the administration, root included). */
export type TokenKind = 'client' | 'app' | 'admin';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const PREFIXES: Readonly<Record<TokenKind, string>> = { client: 'krc_', app: 'kra_', admin: 'krr_' };
const PREFIX_LENGTH = 4;
const RANDOM_BYTES = 32;
/** 62^43 is just above 2^256. */
const RANDOM_LENGTH = 43;
/** 62^6 is above 2^32. */
const CHECKSUM_LENGTH = 6;
const BODY_LENGTH = PREFIX_LENGTH + RANDOM_LENGTH;
const TOKEN_LENGTH = BODY_LENGTH + CHECKSUM_LENGTH;
const HINT_LENGTH = PREFIX_LENGTH + 4;

/** The value of each ASCII character as a base62 digit, -1 for any other character. */
const DIGIT_VALUES = Int8Array.from({ length: 128 }, (_, code) =>
  ALPHABET.indexOf(String.fromCharCode(code)),
);

/** CRC-32 as in ISO-HDLC, zip and PNG: reflected polynomial 0xEDB88320, initial value and final XOR 0xFFFFFFFF. */
const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

function crcStep(crc: number, byte: number): number {
  return (CRC_TABLE[(crc ^ byte) & 0xff] as number) ^ (crc >>> 8);
}

function crc32(ascii: string): number {
  let crc = -1;
  for (let i = 0; i < ascii.length; i++) crc = crcStep(crc, ascii.charCodeAt(i));
  return (crc ^ -1) >>> 0;
}

function base62(value: bigint, length: number): string {
  let digits = '';
  for (let rest = value; digits.length < length; rest /= 62n) digits = ALPHABET[Number(rest % 62n)] + digits;
  return digits;
}

/**
 * A new token `<krc|kra|krr>_<43 base62 digits><6 base62 digits>`: the first group is the 256 random bits as one
 * big-endian number, so that different bits make different tokens; the second is the CRC-32 of everything before
 * it. This is the layout of GitHub's tokens: secret scanners recognise it, and a mistyped token is refused without
 * a look-up. Throws a RangeError unless `random` is 32 bytes.
 */
export function formatToken(kind: TokenKind, random: Uint8Array): string {
  if (random.length !== RANDOM_BYTES) throw new RangeError('a token is made of exactly 32 random bytes');
  let bits = 0n;
  for (const byte of random) bits = (bits << 8n) | BigInt(byte);
  const body = PREFIXES[kind] + base62(bits, RANDOM_LENGTH);
  return body + base62(BigInt(crc32(body)), CHECKSUM_LENGTH);
}

function kindOfPrefix(token: string): TokenKind | null {
  if (token.startsWith(PREFIXES.client)) return 'client';
  if (token.startsWith(PREFIXES.app)) return 'app';
  if (token.startsWith(PREFIXES.admin)) return 'admin';
  return null;
}

/**
 * The kind of a well-formed token; null where prefix, length, alphabet or checksum is wrong. Any change of a single
 * character is noticed. Says nothing about whether such a token was ever issued. Allocates nothing, never throws.
 */
export function parseTokenKind(token: string): TokenKind | null {
  if (token.length !== TOKEN_LENGTH) return null;
  const kind = kindOfPrefix(token);
  if (kind === null) return null;
  let crc = -1;
  for (let i = 0; i < PREFIX_LENGTH; i++) crc = crcStep(crc, token.charCodeAt(i));
  let checksum = 0;
  for (let i = PREFIX_LENGTH; i < TOKEN_LENGTH; i++) {
    const code = token.charCodeAt(i);
    const digit = code < 128 ? (DIGIT_VALUES[code] as number) : -1;
    if (digit < 0) return null;
    if (i < BODY_LENGTH) crc = crcStep(crc, code);
    else checksum = checksum * 62 + digit;
  }
  return checksum === (crc ^ -1) >>> 0 ? kind : null;
}

/** Whether it is well-formed, and of one of the two kinds by which keys are got. */
export function isDeliveryToken(token: string): boolean {
  const kind = parseTokenKind(token);
  return kind === 'client' || kind === 'app';
}

/**
 * The beginning of a token by which people may recognise it in a list: its prefix and four of its random characters
 * (24 of 256 bits). Empty for a text that is not a well-formed token, so that no other secret is shown by mistake.
 */
export function tokenHint(token: string): string {
  return parseTokenKind(token) === null ? '' : token.slice(0, HINT_LENGTH);
}
