/** The HTTP server: the delivery path first, everything else through Express. */
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { refuse } from '../domain/refusal.ts';
import { type DeliveryHandlerContext, handleDelivery, isDeliveryPath } from './delivery/handler.ts';
import { sendRefusal } from './delivery/render.ts';
import { newRequestId } from './request-id.ts';

export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

/** A request's id, for whoever answers it. */
export const REQUEST_ID = Symbol('request id');

/** How long a client that was refused for what it sent may take to read the answer. */
const REFUSED_LINGER_MS = 1_000;

declare module 'node:http' {
  interface IncomingMessage {
    [REQUEST_ID]?: string;
  }
}

/**
 * Makes the server, not yet listening; until {@link serve} it answers 503, and that it is alive. A header that takes longer than 10 s, or a
 * request longer than 60 s, is answered 408; what is no HTTP is answered 400; both within a second of being found out.
 */
export function createHttpServer(): Server {
  const server = createServer({
    connectionsCheckingInterval: 1_000,
    headersTimeout: 10_000,
    requestTimeout: 60_000,
    keepAliveTimeout: 65_000,
    maxHeaderSize: 16_384,
    requireHostHeader: false,
  });
  // A field past Node's own count would be dropped in silence; maxHeaderSize bounds them already.
  server.maxHeadersCount = 0;
  server.on('request', answerWhileStarting);
  server.on('clientError', refuseMalformed);
  // RFC 9110, section 10.1.1, lets a server ignore an expectation that it does not know.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  return server;
}

/** Alive is what the process is from the first moment on; nothing else can be had of it yet. */
function answerWhileStarting({ url = '/' }: IncomingMessage, response: ServerResponse): void {
  const path = url.split('?')[0];
  if (path !== '/healthz' && path !== '/readyz') {
    sendRefusal(response, newRequestId(), refuse('storage unavailable'));
    return;
  }
  const [status, body] =
    path === '/healthz' ? [200, { status: 'alive' }] : [503, { status: 'not ready', why: 'starting' }];
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'X-Request-Id': newRequestId(),
  });
  response.end(JSON.stringify(body));
}

/** Handles a request by calling `handle`, once; `route` is the path of a delivery, and null for everything else. */
export type Around = (
  request: IncomingMessage,
  response: ServerResponse,
  about: { readonly requestId: string; readonly route: string | null },
  handle: () => void,
) => void;

/** From now on deliveries go to `context`, and everything else to `everythingElse`, each by way of `around` where there is one. */
export function serve(
  server: Server,
  context: DeliveryHandlerContext,
  everythingElse: RequestListener,
  around: Around | null = null,
): void {
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    const requestId = newRequestId();
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    if (isDeliveryPath(path)) {
      const query = mark < 0 ? '' : url.slice(mark + 1);
      if (around === null) return void handleDelivery(context, request, response, requestId, query);
      around(request, response, { requestId, route: path }, () => {
        void handleDelivery(context, request, response, requestId, query);
      });
      return;
    }
    request[REQUEST_ID] = requestId;
    if (around === null) everythingElse(request, response);
    else around(request, response, { requestId, route: null }, () => everythingElse(request, response));
  });
}

/** How long kept-alive connections are given to send one more request and to be told that it was the last. */
const FAREWELL_MS = 250;

/**
 * Tells the clients that each answer is the last on its connection, takes no further connection, lets the requests under
 * way finish, and closes; what is not finished after `patienceMs` is cut off.
 */
export async function drain(server: Server, patienceMs: number): Promise<void> {
  server.prependListener('request', (_request, response) => {
    response.shouldKeepAlive = false;
  });
  await delay(FAREWELL_MS);
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const sweep = setInterval(() => server.closeIdleConnections(), 20);
  const cut = setTimeout(() => server.closeAllConnections(), patienceMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}

/** What Node's parser could not take. Nothing of what was sent is repeated. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const status = malformedStatus(error.code);
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

function malformedStatus(code: string | undefined): number {
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  return 400;
}
