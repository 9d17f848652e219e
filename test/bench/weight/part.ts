/** What a part of `--weight` reports. */
import type { LoadTool } from '../load.ts';
import type { Options } from '../options.ts';
import type { Stage } from '../stage.ts';
import { median } from '../statistics.ts';
import type { Verdict } from '../targets.ts';
import type { Databases } from './databases.ts';
import type { WeightPlan } from './plan.ts';

export interface Part {
  readonly title: string;
  /** What was measured on, a line each. */
  readonly setting: readonly string[];
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly verdicts: readonly Verdict[];
  /** What went wrong; where it is not empty the figures say nothing. */
  readonly faults: readonly string[];
}

export interface PartContext {
  readonly stage: Stage;
  readonly tool: LoadTool;
  readonly options: Options;
  readonly plan: WeightPlan;
  readonly databases: Databases;
  readonly tell: (line: string) => void;
}

/** Holds the median of what each round measured against a bound. Without any value the verdict is `INVALID`. */
export function verdict(
  target: string,
  bound: { readonly atLeast: number } | { readonly atMost: number },
  values: readonly number[],
): Verdict {
  const measured = { median: median(values), lowest: Math.min(...values), highest: Math.max(...values) };
  const isReached = 'atLeast' in bound ? measured.median >= bound.atLeast : measured.median <= bound.atMost;
  return {
    target,
    wanted: 'atLeast' in bound ? `≥ ${bound.atLeast}` : `≤ ${bound.atMost}`,
    measured,
    verdict: Number.isNaN(measured.median) ? 'INVALID' : isReached ? 'reached' : 'MISSED',
  };
}
