/** What the rounds say: medians over rounds, and ratios taken within a round and then their median. */
import { CONNECTIONS, type Contender, type Figure, type Round } from './rounds.ts';
import { median } from './statistics.ts';

/** The medians of a contender's rounds; null where the system does not tell. */
export interface Row {
  readonly connections: number;
  readonly contender: Contender;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpu: number | null;
  readonly residentMiB: number | null;
  readonly peakMiB: number | null;
  /** The service's alone. */
  readonly deliveriesPerCommit: number | null;
  readonly commitMs: number | null;
  readonly ratios: Readonly<Record<RatioName, Ratio | null>>;
  /** What went wrong in any of the rounds: the row says nothing then. */
  readonly faults: readonly string[];
}

export type RatioName = 'ofBare' | 'ofExpress' | 'p99OfBare' | 'ofUnsubscribed' | 'ofUnrestricted';

export interface Ratio {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

const CONTENDERS: readonly Contender[] = [
  'bare',
  'express',
  'service',
  'subscribed',
  'unrestricted',
  'restricted',
];

export function summarize(rounds: readonly Round[]): readonly Row[] {
  return CONNECTIONS.flatMap((connections) => {
    const own = rounds.filter((round) => round.connections === connections);
    return CONTENDERS.filter((contender) => own.some(({ figures }) => figures[contender])).map((contender) =>
      row(own, connections, contender),
    );
  });
}

function row(rounds: readonly Round[], connections: number, contender: Contender): Row {
  const figures = rounds.flatMap(({ figures: { [contender]: figure } }) => figure ?? []);
  const faults = figures.flatMap((figure) => figure.faults);
  const middle = (value: (figure: Figure) => number | null) => medianOf(figures.map(value));
  const ratio = (to: Contender, value: (figure: Figure) => number) =>
    contender === to || faults.length > 0 ? null : ratioWithin(rounds, contender, to, value);
  return {
    connections,
    contender,
    perSecond: median(figures.map(({ perSecond }) => perSecond)),
    p50Ms: median(figures.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(figures.map(({ p99Ms }) => p99Ms)),
    cpu: middle(({ cpu }) => cpu),
    residentMiB: middle(({ residentMiB }) => residentMiB),
    peakMiB: middle(({ peakMiB }) => peakMiB),
    deliveriesPerCommit: middle(({ commits }) =>
      commits === null ? null : commits.deliveries / commits.commits,
    ),
    commitMs: middle(({ commits }) => (commits === null ? null : (commits.seconds / commits.commits) * 1000)),
    ratios: {
      ofBare: ratio('bare', ({ perSecond }) => perSecond),
      ofExpress: contender === 'bare' ? null : ratio('express', ({ perSecond }) => perSecond),
      p99OfBare: ratio('bare', ({ p99Ms }) => p99Ms),
      ofUnsubscribed: contender === 'subscribed' ? ratio('service', ({ perSecond }) => perSecond) : null,
      ofUnrestricted: contender === 'restricted' ? ratio('unrestricted', ({ perSecond }) => perSecond) : null,
    },
    faults,
  };
}

function medianOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : median(known);
}

function ratioWithin(
  rounds: readonly Round[],
  contender: Contender,
  to: Contender,
  value: (figure: Figure) => number,
): Ratio | null {
  const ratios = rounds.flatMap(({ figures: { [contender]: one, [to]: other } }) =>
    one === undefined || other === undefined ? [] : value(one) / value(other),
  );
  if (ratios.length === 0) return null;
  return { median: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) };
}
