/** A real collector of traces: takes OTLP over HTTP, and gives the spans as they came. */
import { type Receiver, startReceiver } from './http-receiver.ts';

export interface ReceivedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly status: { readonly code?: number; readonly message?: string };
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly events: readonly string[];
}

export interface Collector {
  /** What the environment of the service needs. */
  readonly env: { readonly OTEL_EXPORTER_OTLP_ENDPOINT: string };
  readonly receiver: Receiver;
  spans(): ReceivedSpan[];
  close(): Promise<void>;
}

/** `status`: what it answers, or null where it never does. */
export async function startCollector(status: number | null = 200): Promise<Collector> {
  const receiver = await startReceiver((_request, response) => {
    if (status !== null) response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
  });
  return {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${receiver.port}` },
    receiver,
    spans: () => receiver.requests.flatMap(({ body }) => spansIn(JSON.parse(body))),
    close: () => receiver.close(),
  };
}

interface OtlpValue {
  readonly stringValue?: string;
  readonly intValue?: string | number;
  readonly doubleValue?: number;
}

type OtlpSpan = Omit<ReceivedSpan, 'attributes' | 'events'> & {
  readonly attributes?: readonly { readonly key: string; readonly value: OtlpValue }[];
  readonly events?: readonly { readonly name: string }[];
};

interface OtlpBody {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

function spansIn({ resourceSpans }: OtlpBody): ReceivedSpan[] {
  const spans = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  return spans.map(({ attributes = [], events = [], ...span }) => ({
    ...span,
    attributes: Object.fromEntries(
      attributes.map(({ key, value }) => [
        key,
        value.stringValue ?? Number(value.intValue ?? value.doubleValue),
      ]),
    ),
    events: events.map(({ name }) => name),
  }));
}
