/** Spans around requests, decisions, units, webhooks and jobs; which one is open is told along the calls by Node. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';
import { routeOf } from '../../http/app.ts';
import type { Engine } from '../../storage/engine.ts';
import { errorClass } from '../../storage/error-class.ts';
import { exportSpans } from './export-spans.ts';
import type { Tracing, TracingOptions } from './tracing.ts';

const SHUTDOWN_MS = 2_000;
const ADMINISTRATION = '/admin/v1';

export function createTracing(options: TracingOptions): Tracing {
  const { tracer, shutdown } = exportSpans(options);
  const open = new AsyncLocalStorage<Span>();

  /** Runs `work` within a span; one that rejects ends it as an error, of which only the class is told. */
  async function within<T>(
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    work: (span: Span) => Promise<T>,
  ): Promise<T> {
    const parent = open.getStore();
    const span = tracer.startSpan(name, { kind, attributes }, contextOf(parent));
    try {
      return await open.run(span, work, span);
    } catch (error) {
      fail(span, errorClass(error as Error));
      throw error;
    } finally {
      span.end();
    }
  }

  /** Only within a span: what nobody asked for is no trace of its own. */
  const child = <T>(name: string, work: (span: Span | null) => Promise<T>): Promise<T> =>
    open.getStore()?.isRecording() ? within(name, SpanKind.INTERNAL, {}, work) : work(null);

  function traced(engine: Engine): Engine {
    const changed: Partial<Engine> = {
      deliver: (lookup, decide) =>
        child('decide and commit', (span) =>
          engine.deliver(lookup, (state) => {
            span?.addEvent('decided');
            return decide(state);
          }),
        ),
      write: (scope, work) => child('write', () => engine.write(scope, work)),
      async lead() {
        const leader = await engine.lead();
        return leader === null ? null : traced(leader);
      },
    };
    return new Proxy(engine, {
      get(target, name) {
        if (name in changed) return Reflect.get(changed, name);
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
  }

  return {
    around(request, response, { requestId, route }, handle) {
      const path = route ?? (request.url?.startsWith(`${ADMINISTRATION}/`) ? ADMINISTRATION : null);
      if (path === null) return handle();
      const method = request.method ?? '';
      const attributes = { 'http.request.method': method, 'keyrotator.request_id': requestId };
      const parent = parseTraceParent(String(request.headers.traceparent ?? ''));
      const context =
        parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true });
      const span = tracer.startSpan(`${method} ${path}`, { kind: SpanKind.SERVER, attributes }, context);
      response.once('close', () => {
        const found = route ?? routeOf(request, response);
        const template = found === 'none' ? path : found;
        span.updateName(`${method} ${template}`);
        span.setAttribute('http.route', template);
        if (response.writableFinished) {
          span.setAttribute('http.response.status_code', response.statusCode);
          if (response.statusCode >= 500) fail(span, String(response.statusCode));
        } else {
          fail(span, 'aborted');
        }
        span.end();
      });
      open.run(span, handle);
    },
    job: (job) => ({
      ...job,
      runOnce: (stopping) => within(`job ${job.name}`, SpanKind.INTERNAL, {}, () => job.runOnce(stopping)),
    }),
    engine: traced,
    sender: (sender) => ({
      send: (message) =>
        within('send webhook', SpanKind.CLIENT, { 'keyrotator.event_id': message.id }, async (span) => {
          const result = await sender.send(message);
          if (result.status !== null) span.setAttribute('http.response.status_code', result.status);
          if (!result.ok) fail(span, result.error);
          return result;
        }),
      close: () => sender.close(),
    }),
    observer: (observer) => ({
      ...observer,
      refused(requestId, refusal, ...rest) {
        open.getStore()?.setAttribute('keyrotator.refusal', refusal.reason);
        observer.refused(requestId, refusal, ...rest);
      },
      failed(requestId, error, seconds) {
        open.getStore()?.setAttribute('keyrotator.refusal', 'storage unavailable');
        observer.failed(requestId, error, seconds);
      },
    }),
    async shutdown() {
      await Promise.race([shutdown().catch(() => {}), delay(SHUTDOWN_MS, undefined, { ref: false })]);
    },
  };
}

function contextOf(parent: Span | undefined): Context {
  return parent === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, parent);
}

/** `type` is of a closed set: the message of an error may say anything. */
function fail(span: Span, type: string): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}
