/**
 * Keyed digests of what must be recognised but not be kept: tokens, and provider keys in an import. The key is derived
 * from a pepper that is itself sealed, so that a stolen database offers nothing to guess against, and a new master key
 * makes no token invalid.
 */
import { createHmac, createSecretKey, hash, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';

export class Digests {
  readonly #token: KeyObject;
  readonly #providerKey: KeyObject;
  readonly #request: KeyObject;

  /** `pepper`: 32 random bytes. The caller's copy is wiped. */
  constructor(pepper: Buffer) {
    this.#token = deriveKey(pepper, 'token');
    this.#providerKey = deriveKey(pepper, 'provider-key');
    this.#request = deriveKey(pepper, 'request');
    pepper.fill(0);
  }

  /** HMAC-SHA256 of a token, 32 bytes. */
  ofToken(token: string): Buffer {
    return createHmac('sha256', this.#token).update(token).digest();
  }

  /** HMAC-SHA256 of a provider key within one service: equal only for the same key in the same service. */
  ofProviderKey(serviceId: number, key: string): Buffer {
    return createHmac('sha256', this.#providerKey).update(`${serviceId}\0${key}`).digest();
  }

  /** HMAC-SHA256 of what is repeated in a request, apart for each `use`, which holds no line break. */
  ofRequest(use: string, text: string): Buffer {
    return createHmac('sha256', this.#request).update(`${use}\n${text}`).digest();
  }
}

/** A name for a token in memory, where the token itself does not stay: several times cheaper than its keyed digest. */
export function nameOfToken(token: string): string {
  return hash('sha256', token, 'base64');
}

/** Compares two digests in a time that does not depend on where they differ. */
export function sameDigest(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

function deriveKey(pepper: Buffer, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', pepper, '', `keyrotator/1/${purpose}`, 32)));
}
