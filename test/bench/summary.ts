/** What the rounds say: medians over rounds, ratios taken within a round and then their median, and the targets. */
import {
  CONNECTIONS,
  type Contender,
  type Figure,
  type Round,
  TARGET_CONNECTIONS,
  type Tally,
} from './rounds.ts';
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

export type RatioName = 'ofBare' | 'ofExpress' | 'p99OfBare' | 'ofUnsubscribed';

export interface Ratio {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

export interface Verdict {
  readonly target: string;
  readonly wanted: string;
  readonly measured: Ratio;
  readonly verdict: 'reached' | 'MISSED' | 'INVALID';
}

const CONTENDERS: readonly Contender[] = ['bare', 'express', 'service', 'subscribed'];

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
  const middle = (value: (figure: Figure) => number | null) => medianOf(figures.map(value));
  const ratio = (to: Contender, value: (figure: Figure) => number) =>
    contender === to ? null : ratioWithin(rounds, contender, to, value);
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
    },
    faults: figures.flatMap(({ faults }) => faults),
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

interface Target {
  readonly target: string;
  readonly contender: Contender;
  readonly against: Contender;
  readonly ratio: RatioName;
  readonly atLeast?: number;
  readonly atMost?: number;
}

const TARGETS: readonly Target[] = [
  {
    target: 'throughput, of bare node:http',
    contender: 'service',
    against: 'bare',
    ratio: 'ofBare',
    atLeast: 0.5,
  },
  {
    target: 'throughput, of Express',
    contender: 'service',
    against: 'express',
    ratio: 'ofExpress',
    atLeast: 1,
  },
  { target: 'p99, of bare node:http', contender: 'service', against: 'bare', ratio: 'p99OfBare', atMost: 3 },
  {
    target: 'throughput subscribed, of unsubscribed',
    contender: 'subscribed',
    against: 'service',
    ratio: 'ofUnsubscribed',
    atLeast: 0.8,
  },
];

const NOTHING: Ratio = { median: Number.NaN, lowest: Number.NaN, highest: Number.NaN };

/** The targets at 64 connections. What was not measured, or with faults, is invalid. */
export function judgeTargets(rows: readonly Row[]): readonly Verdict[] {
  const find = (name: Contender) =>
    rows.find(({ connections, contender }) => connections === TARGET_CONNECTIONS && contender === name);
  return TARGETS.map(
    ({ target, contender, against, ratio, atLeast = 0, atMost = Number.POSITIVE_INFINITY }) => {
      const measured = find(contender)?.ratios[ratio] ?? NOTHING;
      const faults = [contender, against].flatMap((name) => find(name)?.faults ?? ['not measured']);
      const isReached = measured.median >= atLeast && measured.median <= atMost;
      const isInvalid = faults.length > 0 || Number.isNaN(measured.median);
      return {
        target,
        wanted: atMost === Number.POSITIVE_INFINITY ? `≥ ${atLeast}` : `≤ ${atMost}`,
        measured,
        verdict: isInvalid ? 'INVALID' : isReached ? 'reached' : 'MISSED',
      };
    },
  );
}

/** How the load's count of deliveries and the vault's go together. */
export interface CountCheck {
  readonly seen: number;
  readonly atMost: number;
  readonly counted: number;
  readonly keys: readonly number[];
  readonly isExact: boolean;
}

/** The vault counts what the load saw, and at most what was cut off besides; its keys share it evenly, and leave nothing over. */
export function checkCount(tally: Tally, usage: { service: number; keys: readonly number[] }): CountCheck {
  const { service: counted, keys } = usage;
  const seen = tally.delivered;
  const atMost = seen + tally.cutOff;
  const sum = keys.reduce((total, count) => total + count, 0);
  const isEven = Math.max(...keys) - Math.min(...keys) <= 1;
  return {
    seen,
    atMost,
    counted,
    keys,
    isExact: counted >= seen && counted <= atMost && sum === counted && isEven,
  };
}
