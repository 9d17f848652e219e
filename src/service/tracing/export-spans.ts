/** Sends spans to a collector, OTLP over HTTP. Everything is passed in: nothing is left to what the packages read themselves. */
import type { Tracer } from '@opentelemetry/api';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type ReadableSpan,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { TracingConfig } from '../../config/config.ts';
import type { TracingOptions } from './tracing.ts';

/** What does not fit is dropped: spans never hold up what they tell of. */
const QUEUE = 4_096;
const BATCH = 512;
const EVERY_MS = 2_000;
const TIMEOUT_MS = 5_000;
const LONGEST_VALUE = 200;

export function exportSpans(options: TracingOptions): { tracer: Tracer; shutdown(): Promise<void> } {
  const { config, version } = options;
  const exporter = new OTLPTraceExporter({
    url: `${config.endpoint.replace(/\/$/, '')}/v1/traces`,
    headers: { ...config.headers },
    timeoutMillis: TIMEOUT_MS,
  });
  const processor = new BatchSpanProcessor({
    exporter: counting(exporter, options),
    maxQueueSize: QUEUE,
    maxExportBatchSize: BATCH,
    scheduledDelayMillis: EVERY_MS,
    exportTimeoutMillis: TIMEOUT_MS,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      ...config.resourceAttributes,
      'service.name': config.serviceName,
      'service.version': version,
    }),
    sampler: samplerOf(config),
    spanLimits: { attributeValueLengthLimit: LONGEST_VALUE },
    spanProcessors: [processor],
  });
  return {
    tracer: provider.getTracer('keyrotator', version),
    shutdown: () => provider.shutdown(),
  };
}

function samplerOf({ sampler, ratio }: TracingConfig): Sampler {
  const root = sampler.endsWith('always_on')
    ? new AlwaysOnSampler()
    : sampler.endsWith('always_off')
      ? new AlwaysOffSampler()
      : new TraceIdRatioBasedSampler(ratio);
  return sampler.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}

/** Says once that the collector takes nothing, and once that it does again. */
function counting(exporter: SpanExporter, { spans: count, log }: TracingOptions): SpanExporter {
  let failing = false;
  const noted = (spans: readonly ReadableSpan[], ok: boolean): void => {
    if (ok) count.exported += spans.length;
    else count.failed += spans.length;
    if (!ok && !failing) log.warn('traces are not taken by OTEL_EXPORTER_OTLP_ENDPOINT: they are dropped');
    if (ok && failing) log.info('traces are taken again');
    failing = !ok;
  };
  return {
    export(spans, done) {
      exporter.export(spans, (result: ExportResult) => {
        noted(spans, result.code === ExportResultCode.SUCCESS);
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
  };
}
