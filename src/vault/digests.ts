/**
 * Keyed digests of what must be recognised but not be kept: tokens, and provider keys in an import. The key is derived
 * from a pepper that is itself sealed, so that a stolen database offers nothing to guess against, and a new master key
 * makes no token invalid.
 */
import { createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';

export class Digests {
  readonly #token: KeyObject;
  readonly #providerKey: KeyObject;

  /** `pepper`: 32 random bytes. The caller's copy is wiped. */
  constructor(pepper: Buffer) {
    this.#token = deriveKey(pepper, 'token');
    this.#providerKey = deriveKey(pepper, 'provider-key');
    pepper.fill(0);
  }

  /** HMAC-SHA256 of a token, 32 bytes. */
  ofToken(token: string): Buffer {
    return createHmac('sha256', this.#token).update(token).digest();
  }

  /** The same as base64, as a name in memory. */
  nameOfToken(token: string): string {
    return createHmac('sha256', this.#token).update(token).digest('base64');
  }

  /** HMAC-SHA256 of a provider key within one service: equal only for the same key in the same service. */
  ofProviderKey(serviceId: number, key: string): Buffer {
    return createHmac('sha256', this.#providerKey).update(`${serviceId}\0${key}`).digest();
  }
}

/** Compares two digests in a time that does not depend on where they differ. */
export function sameDigest(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

function deriveKey(pepper: Buffer, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', pepper, '', `keyrotator/1/${purpose}`, 32)));
}
