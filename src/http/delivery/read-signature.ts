import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { parseSignedRequest, type SignedRequest } from '../../domain/signed-request.ts';
import { singleField } from '../header-fields.ts';

/** A signed request has a body of this many bytes at most. */
const MAX_BODY = 65_536;
const EMPTY_HASH = createHash('sha256').digest('hex');

/** What the request is signed with; null where it is not signed, or not in the form that it has to have. Never rejects. */
export async function readSignature(request: IncomingMessage): Promise<SignedRequest | null> {
  const bodyHash = hasBody(request) ? await hashBody(request) : EMPTY_HASH;
  return bodyHash === null ? null : signatureOver(request, bodyHash);
}

/** The same of a request whose body was read: `bodyHash` is its SHA-256 in hex. */
export function signatureOver(request: IncomingMessage, bodyHash: string): SignedRequest | null {
  const fields = {
    timestamp: singleField(request, 'x-timestamp'),
    nonce: singleField(request, 'x-nonce'),
    signature: singleField(request, 'x-signature'),
  };
  return parseSignedRequest(request.method ?? '', request.url ?? '', fields, bodyHash);
}

/** RFC 9112, section 6.3: either field says that there is one. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Null where it is too large, or ends early. */
function hashBody(request: IncomingMessage): Promise<string | null> {
  const hash = createHash('sha256');
  let length = 0;
  return new Promise((resolve) => {
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= MAX_BODY) hash.update(chunk);
      else resolve(null);
    });
    request.on('end', () => resolve(length <= MAX_BODY ? hash.digest('hex') : null));
    request.on('error', () => resolve(null));
    request.on('close', () => resolve(null));
  });
}
