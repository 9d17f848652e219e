/**
 * One, two and three replicas on one PostgreSQL and one hot service, in turns with the embedded engine. Everything runs on
 * one machine: the replicas share its processors with the database and with the load.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { startCluster } from '../support/postgres-cluster.ts';
import { checkCount } from './count-check.ts';
import { findLoadTool, type LoadTool } from './load.ts';
import { describeMachine, readProcess } from './machine.ts';
import { table } from './markdown-table.ts';
import type { Options } from './options.ts';
import { fixed, targetTable, whole } from './report.ts';
import type { Stage, Started } from './stage.ts';
import { median } from './statistics.ts';
import type { Ratio } from './summary.ts';
import type { Verdict } from './targets.ts';
import { DELIVERY_PATH, readCommits, VaultUnderTest } from './vault-under-test.ts';

/** Callers in all: as many as in the targets of the embedded engine, and as many for each of three replicas. */
const FEW = 64;
const MANY = 3 * FEW;
const SETTLE_MS = 250;

type Contender = 'sqlite' | 'postgres' | 'one' | 'two' | 'three';
const CONTENDERS: readonly Contender[] = ['sqlite', 'postgres', 'one', 'two', 'three'];
const NAMES: Readonly<Record<Contender, string>> = {
  sqlite: `SQLite, ${FEW} callers`,
  postgres: `1 replica, ${FEW} callers`,
  one: `1 replica, ${MANY} callers`,
  two: `2 replicas, ${MANY} callers`,
  three: `3 replicas, ${MANY} callers`,
};

interface Figure {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly deliveriesPerBatch: number;
  readonly batchMs: number;
  /** CPU time per delivery, in microseconds: of all replicas, and of the database's processes; null where it is not known. */
  readonly replicaMicros: number | null;
  readonly databaseMicros: number | null;
  readonly faults: readonly string[];
}

export interface ReplicasResult {
  readonly at: string;
  readonly machine: string;
  readonly tool: string;
  readonly options: Options;
  readonly rounds: readonly Readonly<Record<Contender, Figure>>[];
  readonly verdicts: readonly Verdict[];
  /** Every delivery that the load saw was counted, none twice, and the keys share them evenly. */
  readonly isExact: boolean;
}

export async function compareReplicas(
  stage: Stage,
  options: Options,
  tell: (line: string) => void,
): Promise<ReplicasResult> {
  const at = new Date().toISOString();
  const machine = describeMachine();
  const tool = await findLoadTool(stage);
  tell('starting PostgreSQL, the replicas and the embedded service');
  const cluster = await startCluster();
  try {
    const embedded = await VaultUnderTest.start(stage);
    const vault = await VaultUnderTest.start(stage, cluster.url);
    const replicas = [vault.server, await vault.startReplica(stage), await vault.startReplica(stage)];
    const tally = { delivered: vault.single, cutOff: 0 };
    const rounds: Record<Contender, Figure>[] = [];

    const run = async (contender: Contender, seconds: number): Promise<Figure> => {
      const servers = serversOf(contender, embedded, replicas);
      const { token } = contender === 'sqlite' ? embedded : vault;
      const callers = contender === 'sqlite' || contender === 'postgres' ? FEW : MANY;
      const figure = await measure(tool, servers, token, callers, seconds, cluster.pid);
      if (contender !== 'sqlite') {
        tally.delivered += figure.succeeded;
        tally.cutOff += callers;
      }
      return figure;
    };

    // Each replica is as warm as the first one, which else would be compared with others that are still being compiled.
    for (const replica of replicas.slice(1)) {
      const { succeeded } = await measure(
        tool,
        [replica],
        vault.token,
        MANY,
        options.warmUpSeconds,
        cluster.pid,
      );
      tally.delivered += succeeded;
      tally.cutOff += MANY;
    }
    for (const contender of CONTENDERS) await run(contender, options.warmUpSeconds);
    for (let round = 1; round <= options.rounds; round += 1) {
      const figures: Partial<Record<Contender, Figure>> = {};
      for (const contender of CONTENDERS) figures[contender] = await run(contender, options.seconds);
      rounds.push(figures as Record<Contender, Figure>);
      const parts = CONTENDERS.map((name) => `${NAMES[name]} ${whole(figures[name]?.perSecond ?? 0)}/s`);
      tell(`round ${round} of ${options.rounds}: ${parts.join('; ')}`);
    }
    const { isExact } = checkCount(tally, await vault.usage());
    const faulty = rounds.some((figures) => CONTENDERS.some((name) => figures[name].faults.length > 0));
    return {
      at,
      machine,
      tool: tool.name,
      options,
      rounds,
      verdicts: judge(rounds),
      isExact: isExact && !faulty,
    };
  } finally {
    await cluster.remove();
  }
}

function serversOf(
  contender: Contender,
  embedded: VaultUnderTest,
  replicas: readonly Started[],
): readonly Started[] {
  if (contender === 'sqlite') return [embedded.server];
  return replicas.slice(0, { postgres: 1, one: 1, two: 2, three: 3 }[contender]);
}

/** Loads all servers at once, with an equal share of the callers each. */
async function measure(
  tool: LoadTool,
  servers: readonly Started[],
  token: string,
  callers: number,
  seconds: number,
  postmaster: number,
): Promise<Figure & { succeeded: number }> {
  await pause(SETTLE_MS);
  const connections = callers / servers.length;
  const commitsBefore = await Promise.all(servers.map(({ url }) => readCommits(url)));
  const cpuBefore = cpuSeconds(servers.map(({ pid }) => pid));
  const databaseBefore = databaseSeconds(postmaster);
  const loaded = await Promise.all(
    servers.map(({ url }) => tool.load({ url: url + DELIVERY_PATH, token, connections, seconds })),
  );
  const databaseAfter = databaseSeconds(postmaster);
  const cpuAfter = cpuSeconds(servers.map(({ pid }) => pid));
  const commitsAfter = await Promise.all(servers.map(({ url }) => readCommits(url)));
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const moved = (of: (reading: (typeof commitsAfter)[number]) => number) =>
    sum(commitsAfter.map(of)) - sum(commitsBefore.map(of));
  const succeeded = sum(loaded.map((each) => each.succeeded));
  const micros = (before: number | null, after: number | null) =>
    before === null || after === null ? null : ((after - before) * 1_000_000) / succeeded;
  return {
    succeeded,
    perSecond: sum(loaded.map((each) => each.perSecond)),
    p50Ms: median(loaded.map((each) => each.p50Ms)),
    p99Ms: Math.max(...loaded.map((each) => each.p99Ms)),
    deliveriesPerBatch: moved(({ deliveries }) => deliveries) / moved(({ commits }) => commits),
    batchMs: (moved((reading) => reading.seconds) / moved(({ commits }) => commits)) * 1000,
    replicaMicros: micros(cpuBefore, cpuAfter),
    databaseMicros: micros(databaseBefore, databaseAfter),
    faults: loaded.flatMap((each) => each.faults),
  };
}

function cpuSeconds(pids: readonly number[]): number | null {
  const readings = pids.map((pid) => readProcess(pid));
  return readings.some((reading) => reading === null)
    ? null
    : readings.reduce((total, reading) => total + (reading?.cpuSeconds ?? 0), 0);
}

/** Of the database's main process and its children, which live as long as their connections. */
function databaseSeconds(postmaster: number): number | null {
  if (process.platform !== 'linux') return null;
  const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8').trim().split(' ');
  return cpuSeconds([postmaster, ...children.map(Number)]);
}

function judge(rounds: ReplicasResult['rounds']): readonly Verdict[] {
  return [
    verdict(rounds, 'throughput of one replica, of SQLite', 'postgres', 'sqlite', 0.5),
    verdict(rounds, 'throughput of three replicas on one hot service, of one', 'three', 'one', 1),
  ];
}

function verdict(
  rounds: ReplicasResult['rounds'],
  target: string,
  contender: Contender,
  against: Contender,
  atLeast: number,
): Verdict {
  const ratios = rounds.map((figures) => figures[contender].perSecond / figures[against].perSecond);
  const measured: Ratio = {
    median: median(ratios),
    lowest: Math.min(...ratios),
    highest: Math.max(...ratios),
  };
  return {
    target,
    wanted: `≥ ${atLeast}`,
    measured,
    verdict: measured.median >= atLeast ? 'reached' : 'MISSED',
  };
}

export function renderReplicas(result: ReplicasResult): string {
  const { at, machine, tool, options, rounds, verdicts, isExact } = result;
  const cell = (contender: Contender, digits: number, of: (figure: Figure) => number | null) => {
    const values = rounds.map((figures) => of(figures[contender])).filter((value) => value !== null);
    return values.length === 0 ? fixed(null, 0) : fixed(median(values), digits);
  };
  const rows = CONTENDERS.map((name) => [
    NAMES[name],
    cell(name, 0, ({ perSecond }) => perSecond),
    cell(name, 2, ({ p50Ms }) => p50Ms),
    cell(name, 2, ({ p99Ms }) => p99Ms),
    cell(name, 1, ({ deliveriesPerBatch }) => deliveriesPerBatch),
    cell(name, 2, ({ batchMs }) => batchMs),
    cell(name, 1, ({ replicaMicros }) => replicaMicros),
    cell(name, 1, ({ databaseMicros }) => (name === 'sqlite' ? null : databaseMicros)),
  ]);
  const head = [
    'server',
    'deliveries/s',
    'p50 ms',
    'p99 ms',
    'deliveries per batch',
    'batch, mean ms',
    'CPU of replicas, µs per delivery',
    'CPU of PostgreSQL, µs per delivery',
  ];
  return `${[
    '# Replicas on PostgreSQL',
    [
      `- ${at}, ${machine}`,
      `- Load: ${tool}, one for each replica, ${options.seconds} s each in a round; ${options.rounds} rounds, medians`,
      '- One hot service with policy `usage` and three keys; PostgreSQL with its own settings, fsync and synchronous_commit on',
    ].join('\n'),
    table(head, rows),
    isExact ? 'Counted exactly.' : 'COUNTED WRONG, or some answers were no success.',
    '## Targets',
    targetTable(verdicts),
  ].join('\n\n')}\n`;
}
