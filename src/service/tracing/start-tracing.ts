/** Traces for OpenTelemetry, where a collector is configured. Where none is, nothing of it is loaded or run. */
import type { TracingConfig } from '../../config/config.ts';
import type { Tracing, TracingOptions } from './tracing.ts';

/** Resolves with null where no collector is configured. */
export async function startTracing(
  options: Omit<TracingOptions, 'config'> & { config: TracingConfig | null },
): Promise<Tracing | null> {
  const { config, ...rest } = options;
  if (config === null) return null;
  const { createTracing } = await import('./create-tracing.ts');
  return createTracing({ ...rest, config });
}
