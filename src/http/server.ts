/** The HTTP server: deliveries and reports first, everything else through Express. */
import {
  createServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { refuse } from '../domain/refusal.ts';
import { type DeliveryHandlerContext, handleDelivery, isDeliveryPath } from './delivery/handler.ts';
import { sendRefusal } from './delivery/render.ts';
import { handleReport, type ReportHandlerContext } from './delivery/report-handler.ts';
import { followHandshakes } from './handshakes.ts';
import { inTurn } from './in-turns.ts';
import { refuseMalformed } from './malformed.ts';
import { newRequestId } from './request-id.ts';

/** With TLS or without: in all else they are alike. */
export type Server = HttpServer | TlsServer;

/** A certificate, followed by those that vouch for it, and its private key; in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

/** A request's id, for whoever answers it. */
export const REQUEST_ID = Symbol('request id');

const HTTP_SETTINGS = {
  connectionsCheckingInterval: 1_000,
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16_384,
  requireHostHeader: false,
};

const OLDEST_TLS = { minVersion: 'TLSv1.2' } as const;

declare module 'node:http' {
  interface IncomingMessage {
    [REQUEST_ID]?: string;
  }
}

/**
 * Makes the server, not yet listening; until {@link serve} it answers 503, and that it is alive. A header that takes longer than 10 s, or a
 * request longer than 60 s, is answered 408; what is no HTTP is answered 400; both within a second of being found out.
 * With a certificate it speaks TLS 1.2 and later and nothing else; a handshake may take 10 s.
 */
export function createHttpServer(certificate: Certificate | null = null): Server {
  const server = certificate === null ? createServer(HTTP_SETTINGS) : tlsServer(certificate);
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

function tlsServer(certificate: Certificate): TlsServer {
  const server = createTlsServer({
    ...HTTP_SETTINGS,
    ...OLDEST_TLS,
    ...certificate,
    handshakeTimeout: 10_000,
  });
  followHandshakes(server);
  return server;
}

/** Handshakes from now on are made with `certificate`, which has to be one that can be used; connections stay. */
export function replaceCertificate(server: Server, certificate: Certificate): void {
  if ('setSecureContext' in server) server.setSecureContext({ ...OLDEST_TLS, ...certificate });
}

/** Handles a request by calling `handle`, once; `route` is the path of a delivery or a report, and null for everything else. */
export type Around = (
  request: IncomingMessage,
  response: ServerResponse,
  about: { readonly requestId: string; readonly route: string | null },
  handle: () => void,
) => void;

/** From now on deliveries and reports go to `context`, and everything else to `everythingElse`, each by way of `around` where there is one. */
export function serve(
  server: Server,
  context: DeliveryHandlerContext & ReportHandlerContext,
  everythingElse: RequestListener,
  around: Around | null = null,
): void {
  server.removeAllListeners('request');
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const requestId = newRequestId();
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    const ours = isDeliveryPath(path) ? handleDelivery : path === '/api/report' ? handleReport : null;
    if (ours !== null) {
      const query = mark < 0 ? '' : url.slice(mark + 1);
      if (around === null) return void ours(context, request, response, requestId, query);
      around(request, response, { requestId, route: path }, () => {
        void ours(context, request, response, requestId, query);
      });
      return;
    }
    request[REQUEST_ID] = requestId;
    if (around === null) everythingElse(request, response);
    else around(request, response, { requestId, route: null }, () => everythingElse(request, response));
  };
  server.on('request', (request, response) => inTurn(request, response, () => answer(request, response)));
}
