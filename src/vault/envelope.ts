/**
 * The format of every secret at rest, and the only place that encrypts or decrypts.
 *
 * Version 1: `0x01 | key version, 4 bytes big-endian | nonce, 12 bytes | tag, 16 bytes | ciphertext`, AES-256-GCM
 * (NIST SP 800-38D) with a random nonce. The associated data binds the format version, the purpose, the tenant, the id and
 * the key version, so that an envelope opens in the one place that it was sealed for and in no other.
 */
import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';

/** What a secret is for. A name here is part of the associated data: it never changes. */
export type SealPurpose =
  | 'master-key-check'
  | 'data-key'
  | 'token-pepper'
  | 'provider-key'
  | 'webhook-secret'
  | 'idempotent-reply'
  | 'signing-secret';

/** The place that a secret belongs to. What belongs to no tenant has tenant 0. */
export interface SealPlace {
  readonly purpose: SealPurpose;
  readonly tenantId: number;
  readonly id: number;
}

/** An envelope did not open: it was damaged, moved, or sealed under another key. Says nothing of its content. */
export class SealBroken extends Error {
  constructor(place: SealPlace) {
    super(`a sealed ${place.purpose} (tenant ${place.tenantId}, id ${place.id}) does not open`);
    this.name = 'SealBroken';
  }
}

const FORMAT = 1;
const NONCE_AT = 5;
const TAG_AT = NONCE_AT + 12;
const CIPHERTEXT_AT = TAG_AT + 16;
const GCM = { authTagLength: 16 } as const;

/**
 * Seals `plaintext` for `place`. Whatever was sealed opens to the exact same bytes with the same key, version and place,
 * and with nothing else.
 */
export function seal(key: KeyObject, keyVersion: number, place: SealPlace, plaintext: Uint8Array): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, GCM);
  cipher.setAAD(associatedData(place, keyVersion));
  const ciphertext = cipher.update(plaintext);
  cipher.final();
  const header = Buffer.alloc(NONCE_AT);
  header[0] = FORMAT;
  header.writeUInt32BE(keyVersion, 1);
  return Buffer.concat([header, nonce, cipher.getAuthTag(), ciphertext]);
}

/** The version of the key that an envelope was sealed under; throws {@link SealBroken} for what is no envelope. */
export function sealedUnder(envelope: Uint8Array, place: SealPlace): number {
  if (envelope.length < CIPHERTEXT_AT || envelope[0] !== FORMAT) throw new SealBroken(place);
  return viewOf(envelope).readUInt32BE(1);
}

/** Opens an envelope; throws {@link SealBroken} unless every bit of it, the key and the place are those of {@link seal}. */
export function open(key: KeyObject, place: SealPlace, envelope: Uint8Array): Buffer {
  const keyVersion = sealedUnder(envelope, place);
  const decipher = createDecipheriv('aes-256-gcm', key, envelope.subarray(NONCE_AT, TAG_AT), GCM);
  decipher.setAAD(associatedData(place, keyVersion));
  decipher.setAuthTag(envelope.subarray(TAG_AT, CIPHERTEXT_AT));
  const plaintext = decipher.update(envelope.subarray(CIPHERTEXT_AT));
  try {
    decipher.final();
  } catch {
    plaintext.fill(0);
    throw new SealBroken(place);
  }
  return plaintext;
}

/** Unambiguous: the parts are joined by a character that none of them can hold. */
function associatedData(place: SealPlace, keyVersion: number): Buffer {
  return Buffer.from(
    `keyrotator/${FORMAT}/${place.purpose}/${place.tenantId}/${place.id}/${keyVersion}`,
    'latin1',
  );
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
