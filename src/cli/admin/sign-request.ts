/** Signs requests of an app that requires it; each signature is good for one delivery. */
import { createHash, createHmac, randomUUID } from 'node:crypto';

/** SHA-256 of a body without anything in it. */
const NO_BODY = createHash('sha256').digest('hex');

export function signerWith(secret: string): (method: string, target: string) => Record<string, string> {
  return (method, target) => {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const nonce = randomUUID();
    const text = [method, target, timestamp, nonce, NO_BODY].join('\n');
    const mac = createHmac('sha256', secret).update(text).digest('hex');
    return { 'x-timestamp': timestamp, 'x-nonce': nonce, 'x-signature': `v1=${mac}` };
  };
}
