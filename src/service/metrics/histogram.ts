/** Histograms in plain numbers: an observation is a search and two additions, and makes no garbage. */
import type { Registry } from 'prom-client';
import { type Labels, type Named, register, type ShownValue } from './samples.ts';

export class PlainHistogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  /** `bounds`: the upper ends of the buckets, rising. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    let at = 0;
    while (at < this.#bounds.length && value > (this.#bounds[at] as number)) at++;
    (this.#counts[at] as number)++;
    this.#sum += value;
  }

  /** As Prometheus counts them: each bucket holds those below it too. */
  values(name: string, labels: Labels): ShownValue[] {
    let total = 0;
    const buckets = this.#counts.map((count, at) => {
      total += count;
      const le = this.#bounds[at] ?? '+Inf';
      return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: total };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: this.#sum },
      { metricName: `${name}_count`, labels, value: total },
    ];
  }
}

export interface HistogramOptions extends Named {
  readonly bounds: readonly number[];
}

/** A histogram without labels. */
export function histogram(registry: Registry, { bounds, ...named }: HistogramOptions): PlainHistogram {
  const member = new PlainHistogram(bounds);
  register(registry, 'histogram', named, () => member.values(named.name, {}));
  return member;
}

/** A histogram for each of a closed set of names, which are the values of `label`. */
export function histograms<N extends string>(
  registry: Registry,
  { bounds, label, names, ...named }: HistogramOptions & { label: string; names: readonly N[] },
): Record<N, PlainHistogram> {
  const members = new Map(names.map((name) => [name, new PlainHistogram(bounds)]));
  register(registry, 'histogram', { ...named, labelNames: [label] }, () =>
    [...members].flatMap(([name, member]) => member.values(named.name, { [label]: name })),
  );
  return Object.fromEntries(members) as Record<N, PlainHistogram>;
}
