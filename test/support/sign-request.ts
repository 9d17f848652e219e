/** Signs requests as a client would that has read the documentation, and shares nothing with the vault's own code. */
import { createHash, createHmac, randomUUID } from 'node:crypto';

export interface Signing {
  readonly secret: string;
  /** Unix seconds. */
  readonly timestamp: number | string;
  readonly nonce?: string;
  readonly method?: string;
  readonly target?: string;
  readonly body?: string;
}

/** The three header fields of a request. */
export function sign({
  secret,
  timestamp,
  nonce = randomUUID(),
  method = 'GET',
  target = '/api/next?service=openai',
  body = '',
}: Signing): { 'X-Timestamp': string; 'X-Nonce': string; 'X-Signature': string } {
  const hash = createHash('sha256').update(body).digest('hex');
  const text = `${method}\n${target}\n${timestamp}\n${nonce}\n${hash}`;
  const mac = createHmac('sha256', secret).update(text, 'latin1').digest('hex');
  return { 'X-Timestamp': String(timestamp), 'X-Nonce': nonce, 'X-Signature': `v1=${mac}` };
}
