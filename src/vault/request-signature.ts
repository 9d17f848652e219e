/** Signatures of requests: HMAC-SHA256 under a secret that the client knows, too. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** `krs_` and 256 random bits in base64url; `random`: 32 bytes. */
export function newSigningSecret(random: Buffer): string {
  return `krs_${random.toString('base64url')}`;
}

/** Whether `mac`, 64 hex digits, is that of `text`, each character of which is a byte. Takes the same time wherever they differ. */
export function isSignedWith(secret: string, text: string, mac: string): boolean {
  const expected = createHmac('sha256', Buffer.from(secret, 'utf8')).update(text, 'latin1').digest();
  const given = Buffer.from(mac, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
