/** Turns the table of routes into an Express router: who is calling and may, what it says, what comes of it. */

import express, {
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
  Router,
} from 'express';
import type { z } from 'zod';
import { plainWords } from '../../contract/plain-words.ts';
import { unkeepable } from '../../contract/unkeepable.ts';
import { type Mistake, Problem } from '../../domain/problem.ts';
import { Idempotency } from '../../operations/idempotency.ts';
import { type AuthenticationContext, authenticate, authorize } from './authenticate.ts';
import { entityTag, ifMatch } from './etag.ts';
import { FilesUnderWay } from './files-under-way.ts';
import { idempotencyKey, requestOf } from './idempotency-key.ts';
import { isJson, jsonBody } from './json-body.ts';
import { LargeBodies } from './large-bodies.ts';
import { pageFrom, requireKnown } from './query.ts';
import type { AdminContext, Method, Reply, Route } from './route.ts';

export function adminRouter(context: AuthenticationContext, routes: readonly Route[]): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const idempotency = new Idempotency();
  const files = new FilesUnderWay();
  const largeBodies = new LargeBodies();
  router.use((request, response, next) => {
    authenticate(context, request, response).then(() => next(), next);
  });
  const methods = new Map<string, Method[]>();
  for (const each of routes) {
    methods.set(each.path, [...(methods.get(each.path) ?? []), each.method]);
    const verb = each.method.toLowerCase() as 'get' | 'post' | 'patch' | 'delete';
    router[verb](
      each.path,
      (request: Request, response: Response, next: NextFunction) => {
        response.locals.route = `/admin/v1${each.path}`;
        authorize(response.locals.caller, each, request.params);
        next();
      },
      ...bodyParsers(each, largeBodies),
      (request: Request, response: Response, next: NextFunction) => {
        answer(context, idempotency, files, each, request, response)
          .finally(() => response.locals.freeBody?.())
          .catch(next);
      },
    );
  }
  for (const [path, allowed] of methods) {
    router.all(path, (_request, response, next) => {
      response.set('Allow', allowed.join(', '));
      next(new Problem('method not allowed', `This path takes ${allowed.join(', ')}.`));
    });
  }
  return router;
}

function bodyParsers(each: Route, largeBodies: LargeBodies) {
  if (each.body === undefined && each.maxBodyBytes === undefined) return [];
  if (each.maxBodyBytes !== undefined) return [textBody(each.maxBodyBytes, largeBodies)];
  return jsonBody;
}

/** Leaves the text in `request.body`, and in `response.locals` what frees its place once the answer is there. */
function textBody(limit: number, largeBodies: LargeBodies): RequestHandler {
  const parse = express.text({ type: () => true, limit });
  return (request, response, next) => {
    // Whoever is gone before its turn would never say so again, and keep a place for good.
    if (response.destroyed) return;
    const free = largeBodies.enter(String(request.params.tenant), request, response);
    // Of a connection that ends while a compressed body comes, the parser says nothing.
    response.once('close', free);
    parse(request, response, (error?: unknown) => {
      response.off('close', free);
      if (error === undefined) response.locals.freeBody = free;
      else free();
      next(error);
    });
  };
}

async function answer(
  context: AuthenticationContext,
  idempotency: Idempotency,
  files: FilesUnderWay,
  each: Route,
  request: Request,
  response: Response,
): Promise<void> {
  requireKnown(each, request.query);
  const members = each.tagged === undefined ? [] : Object.keys(each.tagged.shape);
  const call = {
    origin: response.locals.origin,
    caller: response.locals.caller,
    params: request.params as Record<string, string>,
    query: each.query === undefined ? undefined : check(each.query, request.query, 'query'),
    body: each.body === undefined ? rawBody(each, request) : checkBody(each.body, request),
    page: pageFrom(each, request),
    precondition: ifMatch(request.headers['if-match'], members),
  };
  await context.administrationPace.waitForRows(call.caller, each, call.page.limit);
  const run = (vault: AdminContext) => each.run({ ...call, context: vault });
  const key = each.method === 'POST' ? idempotencyKey(request) : null;
  let reply: Reply;
  if (key === null) {
    reply = await run(context);
  } else {
    const once = await idempotency.once(context, requestOf(each, request, response, key), run);
    if (once.replayed) response.set('Idempotent-Replayed', 'true');
    reply = once.reply;
  }
  context.administrationPace.answered(call.caller, each, reply);
  if (reply.location !== undefined) response.set('Location', `/admin/v1${reply.location}`);
  if (each.tagged !== undefined && reply.body !== undefined) {
    response.set('ETag', entityTag(reply.body, members));
  }
  response.status(reply.status);
  if (reply.file !== undefined) return files.send(call.params.tenant ?? '', response, reply.file);
  if (reply.body === undefined) response.end();
  else response.json(reply.body);
}

function rawBody(each: Route, request: Request): unknown {
  if (each.maxBodyBytes === undefined) return undefined;
  return {
    text: typeof request.body === 'string' ? request.body : '',
    type: request.headers['content-type'] ?? '',
  };
}

/** An absent body is an empty object, so that an action without members needs none. */
function checkBody(schema: z.ZodType, request: Request): unknown {
  const length = request.headers['content-length'];
  const empty =
    request.headers['transfer-encoding'] === undefined && (length === undefined || length === '0');
  if (empty) return check(schema, {}, 'body');
  if (!isJson(request)) {
    throw new Problem('unsupported media type', 'Send JSON: Content-Type: application/json.');
  }
  return check(schema, request.body, 'body');
}

function check(schema: z.ZodType, value: unknown, part: 'query' | 'body'): unknown {
  const result = schema.safeParse(value, { error: plainWords });
  const lost = result.success && part === 'body' ? unkeepable(value) : [];
  if (result.success && lost.length === 0) return result.data;
  const mistakes = result.success
    ? lost.map(({ path, detail }) => ({ pointer: pointer(path), detail }))
    : mistakesOf(result.error);
  if (part === 'query') {
    const said = mistakes.map(({ pointer: at, detail }) => `${at.slice(1)} ${detail}`).join('; ');
    throw new Problem('invalid request', `A query parameter is wrong: ${said}.`);
  }
  throw new Problem('unprocessable', 'The body is not what this route takes.', mistakes.slice(0, 50));
}

function mistakesOf(error: z.ZodError): Mistake[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ pointer: pointer([...path, key]), detail: 'unknown member' }));
    }
    return [{ pointer: pointer(path), detail: issue.message }];
  });
}

/** RFC 6901. */
function pointer(path: readonly string[]): string {
  return path.map((part) => `/${part.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
