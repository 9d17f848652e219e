/**
 * Metrics whose values are plain numbers elsewhere, read when Prometheus asks: what counts pays for an addition. A sample that
 * is not known is left out, where prom-client's own classes would show a 0.
 */
import type { Metric, MetricValue, Registry } from 'prom-client';

export type Labels = Readonly<Record<string, string>>;
export type Sample = readonly [labels: Labels, value: number];

export interface Named {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
}

export interface Described extends Named {
  /** The samples as of now. */
  read(): readonly Sample[];
}

export function counter(registry: Registry, { read, ...named }: Described): void {
  register(registry, 'counter', named, () => read().map(([labels, value]) => ({ labels, value })));
}

export function gauge(registry: Registry, { read, ...named }: Described): void {
  register(registry, 'gauge', named, () => read().map(([labels, value]) => ({ labels, value })));
}

/** A value with the labels that it is shown with; a histogram's have names of their own. */
export type ShownValue = Pick<MetricValue<string>, 'value'> & {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly metricName?: string;
};

/** The registry asks whatever has a name for its values. */
export function register(
  registry: Registry,
  type: 'counter' | 'gauge' | 'histogram',
  { name, help, labelNames = [] }: Named,
  values: () => readonly ShownValue[],
): void {
  const metric = {
    name,
    labelNames,
    get: async () => ({ name, help, type, values: values(), aggregator: 'sum' }),
    reset() {},
  };
  registry.registerMetric(metric as unknown as Metric);
}

/** A sample without labels. */
export function value(of: number): readonly Sample[] {
  return [[{}, of]];
}

/** A count for each of a closed set of names, all of them 0. */
export function zeros<N extends string>(names: readonly N[]): Record<N, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<N, number>;
}

/** A sample for each name of {@link zeros}. */
export function byName(label: string, counts: Readonly<Record<string, number>>): readonly Sample[] {
  return Object.entries(counts).map(([name, count]) => [{ [label]: name }, count]);
}
