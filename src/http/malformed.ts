/** The answer to what is no HTTP, or too large or too slow to be taken. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { newRequestId } from './request-id.ts';

/** How long a client that was refused for what it sent may take to read the answer. */
const REFUSED_LINGER_MS = 1_000;

/**
 * Answers a request that Node's parser could not take and lets go of the connection. Nothing of what was sent is repeated.
 * A connection that failed beneath HTTP, in its TLS handshake too, is let go of without an answer.
 */
export function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  const status = malformedStatus(error.code);
  if (status === null || !socket.writable) return void socket.destroy();
  const requestId = newRequestId();
  const body = JSON.stringify({ error: 'invalid request', status, request_id: requestId });
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Connection: close',
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Cache-Control: no-store',
      'X-Content-Type-Options: nosniff',
      `X-Request-Id: ${requestId}`,
      '',
      body,
    ].join('\r\n'),
  );
  // Ending closes one direction: a client that keeps the other open would hold the socket for good.
  setTimeout(() => socket.destroy(), REFUSED_LINGER_MS).unref();
}

function malformedStatus(code = ''): number | null {
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  return code.startsWith('HPE_') ? 400 : null;
}
