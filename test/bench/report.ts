/** The report: Markdown that reads well on a terminal. */
import type { CountCheck } from './count-check.ts';
import type { SyncTimes } from './machine.ts';
import { table } from './markdown-table.ts';
import type { Options } from './options.ts';
import type { Contender, Round } from './rounds.ts';
import type { Row } from './summary.ts';
import type { Verdict } from './targets.ts';

export interface Result {
  readonly at: string;
  readonly machine: string;
  readonly tool: string;
  readonly options: Options;
  readonly disk: {
    readonly fileSystem: string;
    readonly inMemory: boolean;
    readonly syncs: readonly SyncTimes[];
  };
  readonly answerBytes: number;
  readonly rows: readonly Row[];
  readonly verdicts: readonly Verdict[];
  readonly count: CountCheck;
  readonly rounds: readonly Round[];
}

const NAMES: Readonly<Record<Contender, string>> = {
  bare: 'bare node:http',
  express: 'Express',
  service: 'KeyRotator',
  subscribed: 'KeyRotator, subscribed',
  unrestricted: 'KeyRotator, more header fields',
  restricted: 'KeyRotator, every restriction',
};

export function renderReport(result: Result): string {
  return `${[
    '# Benchmark',
    setting(result),
    throughputTable(result.rows),
    commitTable(result.rows),
    [...faults(result), events(result.rounds), counts(result.count)].join('\n'),
    `## Targets at 64 connections`,
    targetTable(result.verdicts),
  ].join('\n\n')}\n`;
}

function setting({ at, machine, tool, options, disk, answerBytes }: Result): string {
  const syncs = disk.syncs.map(
    ({ kibibytes, medianMs, p99Ms }) =>
      `${kibibytes} KiB ${fixed(medianMs, 2)} ms (p99 ${fixed(p99Ms, 2)} ms)`,
  );
  return [
    `- ${at}, ${machine}`,
    `- Load: ${tool}, ${options.seconds} s for each server in a round; rounds at 64 connections: ${options.rounds}, at 1 and at 256: ${options.otherRounds}; medians over rounds`,
    `- Every server answers ${answerBytes} bytes of JSON`,
    `- KeyRotator: SQLite on ${disk.fileSystem} with synchronous=FULL, a row for each delivery; one service with policy \`usage\` and three keys, unmasked; address lists of tenant and app, daily limits of service, app and keys`,
    `- Disk, write and fdatasync: ${syncs.join(', ')}`,
    ...(disk.inMemory
      ? [`- WARNING: ${disk.fileSystem} is in memory. These figures say nothing of a disk.`]
      : []),
  ].join('\n');
}

function throughputTable(rows: readonly Row[]): string {
  return table(
    [
      'connections',
      'server',
      'requests/s',
      'p50 ms',
      'p99 ms',
      'CPU cores',
      'RSS MiB',
      'peak MiB',
      'of bare',
      'of Express',
      'p99 of bare',
    ],
    rows.map((row) => [
      String(row.connections),
      NAMES[row.contender],
      row.faults.length > 0 ? 'INVALID' : whole(row.perSecond),
      fixed(row.p50Ms, 2),
      fixed(row.p99Ms, 2),
      fixed(row.cpu, 2),
      fixed(row.residentMiB, 0),
      fixed(row.peakMiB, 0),
      fixed(row.ratios.ofBare?.median, 2),
      fixed(row.ratios.ofExpress?.median, 2),
      fixed(row.ratios.p99OfBare?.median, 2),
    ]),
  );
}

function commitTable(rows: readonly Row[]): string {
  return table(
    ['connections', 'server', 'deliveries per commit', 'commit, mean ms'],
    rows
      .filter(({ deliveriesPerCommit }) => deliveriesPerCommit !== null)
      .map((row) => [
        String(row.connections),
        NAMES[row.contender],
        fixed(row.deliveriesPerCommit, 1),
        fixed(row.commitMs, 2),
      ]),
  );
}

export function targetTable(verdicts: readonly Verdict[]): string {
  return table(
    ['target', 'wanted', 'measured', 'over the rounds', ''],
    verdicts.map(({ target, wanted, measured, verdict }) => [
      target,
      wanted,
      fixed(measured.median, 3),
      `${fixed(measured.lowest, 3)} to ${fixed(measured.highest, 3)}`,
      verdict,
    ]),
  );
}

function faults({ rows }: Result): string[] {
  return rows
    .filter((row) => row.faults.length > 0)
    .map(
      (row) => `INVALID: ${NAMES[row.contender]} at ${row.connections} connections: ${row.faults.join('; ')}`,
    );
}

function events(rounds: readonly Round[]): string {
  const figures = rounds.flatMap(({ figures: { subscribed } }) => subscribed ?? []);
  const sum = (value: (figure: (typeof figures)[number]) => number) =>
    figures.reduce((total, figure) => total + value(figure), 0);
  const received = sum((figure) => figure.events ?? 0);
  const delivered = sum((figure) => figure.commits?.deliveries ?? 0);
  return `Subscribed, the receiver got ${whole(received)} events during ${whole(delivered)} deliveries; webhooks give way to deliveries.`;
}

function counts({ seen, atMost, counted, keys, isExact }: CountCheck): string {
  const parts = keys.map(whole).join(' + ');
  return `${isExact ? 'Counted exactly' : 'COUNTED WRONG'}: the load saw ${whole(seen)} deliveries, at most ${whole(atMost)} with those cut off; the vault counted ${whole(counted)}, its keys ${parts}.`;
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

export function fixed(value: number | null | undefined, digits: number): string {
  return value === null || value === undefined || Number.isNaN(value) ? '–' : value.toFixed(digits);
}
