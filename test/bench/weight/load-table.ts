/** What loads came to: a row for each of those that are compared, medians but for the longest. */
import { fixed, whole } from '../report.ts';
import { median } from '../statistics.ts';
import type { Measured } from './measure-load.ts';
import type { Part } from './part.ts';

export function loadTable(
  named: readonly (readonly [string, readonly Measured[]])[],
): Pick<Part, 'head' | 'rows'> {
  return {
    head: ['', 'deliveries/s', 'p50 ms', 'p99 ms', 'longest ms', 'CPU µs per delivery'],
    rows: named.map(([name, loads]) => [
      name,
      whole(median(loads.map((it) => it.perSecond))),
      fixed(median(loads.map((it) => it.p50Ms)), 2),
      fixed(median(loads.map((it) => it.p99Ms)), 2),
      fixed(Math.max(...loads.map((it) => it.longestMs)), 1),
      fixed(median(loads.map((it) => it.cpuMicros)), 1),
    ]),
  };
}
