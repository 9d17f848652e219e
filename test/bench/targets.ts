/** What the service is to reach. */
import { type Contender, TARGET_CONNECTIONS } from './rounds.ts';
import type { Ratio, RatioName, Row } from './summary.ts';

export interface Verdict {
  readonly target: string;
  readonly wanted: string;
  readonly measured: Ratio;
  readonly verdict: 'reached' | 'MISSED' | 'INVALID';
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
  {
    target: 'throughput with every restriction, of few',
    contender: 'restricted',
    against: 'unrestricted',
    ratio: 'ofUnrestricted',
    atLeast: 0.95,
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
