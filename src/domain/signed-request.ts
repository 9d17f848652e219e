/** What a signed request says beside its token, and when it is timely. Pure; the signature itself is the vault's to check. */

/** How far its timestamp may be from the vault's time, either way. */
const TOLERANCE_MS = 300_000;
/** For how long a nonce is remembered. */
const REMEMBERED_MS = 600_000;

export interface SignedRequest {
  /** Unix milliseconds. */
  readonly timestamp: number;
  readonly nonce: string;
  /** HMAC-SHA256 in lower-case hex. */
  readonly mac: string;
  /** What is signed: each character is a byte as it was sent. */
  readonly text: string;
}

/** The values of the three fields; null for one that is missing, or there twice. */
export interface SignatureFields {
  readonly timestamp: string | null;
  readonly nonce: string | null;
  readonly signature: string | null;
}

/** `target` as it was sent; `bodyHash` is the SHA-256 of the body in hex. Null for what is no signed request. */
export function parseSignedRequest(
  method: string,
  target: string,
  { timestamp, nonce, signature }: SignatureFields,
  bodyHash: string,
): SignedRequest | null {
  if (timestamp === null || !/^\d{1,12}$/.test(timestamp)) return null;
  if (nonce === null || !/^[\x21-\x7e]{16,128}$/.test(nonce)) return null;
  const mac = signature === null ? undefined : /^v1=([0-9a-fA-F]{64})$/.exec(signature)?.[1];
  if (mac === undefined) return null;
  return {
    timestamp: Number(timestamp) * 1000,
    nonce,
    mac: mac.toLowerCase(),
    text: [method, target, timestamp, nonce, bodyHash].join('\n'),
  };
}

export function isTimely({ timestamp }: SignedRequest, now: number): boolean {
  return Math.abs(Math.floor(now / 1000) * 1000 - timestamp) <= TOLERANCE_MS;
}

/** Until when its nonce is remembered: past any time at which it would be timely again, wherever the clock steps meanwhile. */
export function rememberedUntil({ timestamp }: SignedRequest, now: number): number {
  return Math.max(now, timestamp) + REMEMBERED_MS;
}
