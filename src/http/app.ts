/** Everything but the delivery path: the administration, and what an operator asks a running service. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import helmet, { type HelmetOptions } from 'helmet';
import { Problem, type ProblemCode } from '../domain/problem.ts';
import { StorageError } from '../storage/errors.ts';
import type { AuthenticationContext } from './admin/authenticate.ts';
import { adminRouter } from './admin/router.ts';
import { ROUTES } from './admin/routes.ts';
import { DOCS_PATHS, docsRouter } from './docs/router.ts';
import { PROBLEM_STATUS } from './errors.ts';
import { hasOneHost } from './header-fields.ts';
import { openApiText } from './openapi/text.ts';
import { REQUEST_ID } from './server.ts';

export interface AppContext extends AuthenticationContext {
  readonly probes: Probes;
  /** Whether the service speaks TLS itself. */
  readonly tls: boolean;
  readonly observer: AppObserver;
}

/** Told of each answer that Express gave. `route` is the pattern, never the path, and nothing of the query. */
export interface AppObserver {
  answered(entry: {
    request_id: string;
    method: string;
    route: string;
    status: number;
    seconds: number;
  }): void;
  failed(requestId: string, error: Error): void;
}

export interface Probes {
  /** Resolves with what keeps the service from serving, or null. */
  notReady(): Promise<string | null>;
  /** Prometheus' text format. */
  metrics(): Promise<{ type: string; text: string }>;
}

/** Where the service speaks plain HTTP, whoever puts TLS in front says whether browsers are to insist on it. */
const WITHOUT_TLS: HelmetOptions = {
  strictTransportSecurity: false,
  contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
};

/** What else is served under the name is not the vault's to decide. */
const WITH_TLS: HelmetOptions = { strictTransportSecurity: { includeSubDomains: false } };

export function createApp(context: AppContext): Express {
  const app = express();
  app.set('query parser', 'simple');
  app.set('case sensitive routing', true);
  app.set('strict routing', true);
  app.disable('etag');
  app.disable('x-powered-by');
  app.use(helmet(context.tls ? WITH_TLS : WITHOUT_TLS));
  app.use((request, response, next) => {
    response.set({ 'Cache-Control': 'no-store', 'X-Request-Id': request[REQUEST_ID] ?? '' });
    observe(context.observer, request, response);
    next(hasOneHost(request) ? undefined : new Problem('invalid request', 'Send one Host header.'));
  });
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'alive' });
  });
  app.get('/readyz', async (_request, response) => {
    const why = await context.probes.notReady();
    response
      .status(why === null ? 200 : 503)
      .json(why === null ? { status: 'ready' } : { status: 'not ready', why });
  });
  app.get('/metrics', async (_request, response) => {
    const { type, text } = await context.probes.metrics();
    response.set('Content-Type', type).send(text);
  });
  app.get('/openapi.json', async (_request, response) => {
    response.type('application/json').send(await openApiText());
  });
  app.use(docsRouter());
  app.use('/admin/v1', adminRouter(context, ROUTES));
  app.all(['/healthz', '/readyz', '/metrics', '/openapi.json', ...DOCS_PATHS], (_request, response, next) => {
    response.set('Allow', 'GET, HEAD');
    next(new Problem('method not allowed', 'This path takes GET.'));
  });
  app.use((_request, _response, next) => next(new Problem('not found', 'There is no such path.')));
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    sendProblem(context, error, request, response);
  });
  return app;
}

/** The pattern of the route that a request has come to; `none` where it has come to none. */
export function routeOf(request: IncomingMessage, response: ServerResponse): string {
  const { locals } = response as Partial<Response>;
  const { route } = request as Partial<Request>;
  const path: unknown = locals?.route ?? route?.path;
  return typeof path === 'string' ? path : 'none';
}

function observe(observer: AppObserver, request: Request, response: Response): void {
  const started = performance.now();
  response.on('finish', () => {
    observer.answered({
      request_id: request[REQUEST_ID] ?? '',
      method: request.method,
      route: routeOf(request, response),
      status: response.statusCode,
      seconds: Math.round(performance.now() - started) / 1000,
    });
  });
}

/** RFC 9457. What is no Problem is told to the log alone. */
function sendProblem(context: AppContext, error: unknown, request: Request, response: Response): void {
  if (response.headersSent) {
    // A file that ends short: the connection is closed, so that nobody takes it for whole.
    response.destroy();
    context.observer.failed(request[REQUEST_ID] ?? '', error as Error);
    return;
  }
  const problem = asProblem(error);
  if (problem.code === 'internal error' || problem.code === 'storage unavailable') {
    context.observer.failed(request[REQUEST_ID] ?? '', error as Error);
  }
  const status = PROBLEM_STATUS[problem.code];
  const body = {
    type: 'about:blank',
    title: problem.code,
    status,
    detail: problem.detail,
    error: problem.code,
    request_id: request[REQUEST_ID] ?? '',
    ...(problem.mistakes.length > 0 ? { errors: problem.mistakes } : {}),
  };
  response.status(status).type('application/problem+json').send(JSON.stringify(body));
}

/** Errors of the body parser carry what was sent: only their kind is taken over. */
const PARSER_ERRORS: Readonly<Record<string, [ProblemCode, string]>> = {
  'entity.too.large': ['payload too large', 'The body is larger than this route takes.'],
  'encoding.unsupported': ['unsupported media type', 'The body has a Content-Encoding that is not taken.'],
  'charset.unsupported': ['unsupported media type', 'The body has a charset that is not taken: send UTF-8.'],
  'request.aborted': ['invalid request', 'The body ended early.'],
  'request.size.invalid': ['invalid request', 'The body does not have the length that was announced.'],
};

/** What zlib throws has no kind of the parser's, but its status. */
const NOT_UNPACKED: [ProblemCode, string] = [
  'invalid request',
  'The body does not unpack: it is not what its Content-Encoding says.',
];
const FAILED: [ProblemCode, string] = ['internal error', 'The request failed: its id leads to the log.'];

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof StorageError) {
    return new Problem('storage unavailable', 'Nothing was changed: try again in a moment.');
  }
  if (error instanceof URIError)
    return new Problem('invalid request', 'The path has an escape that does not decode.');
  const { type, status } = (error ?? {}) as { type?: unknown; status?: unknown };
  const [code, detail] = PARSER_ERRORS[String(type)] ?? (status === 400 ? NOT_UNPACKED : FAILED);
  return new Problem(code, detail);
}
