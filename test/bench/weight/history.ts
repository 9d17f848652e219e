/** A vault with a long history against one without: what it delivers, its statistics, and what pruning costs meanwhile. */
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { UsageView } from '../../../src/contract/queries.ts';
import { AdminClient } from '../admin-client.ts';
import { tenantSlug } from '../dataset/shape.ts';
import { fixed, whole } from '../report.ts';
import type { Started } from '../stage.ts';
import { median } from '../statistics.ts';
import { hot } from './asked.ts';
import { askJobs } from './control.ts';
import type { Furnished } from './databases.ts';
import { loadTable } from './load-table.ts';
import { type Measured, measureLoad } from './measure-load.ts';
import { type Part, type PartContext, verdict } from './part.ts';
import { withHistory, withoutHistory } from './plan.ts';
import { startReady } from './start-ready.ts';

const CONNECTIONS = 64;
const DAY_MS = 86_400_000;
const TIMES = 5;
const GRANULARITIES = ['hour', 'day'] as const;
const GROUPS = ['key', 'app', 'service', 'outcome'] as const;
/** No delivery is pruned but what is asked for. */
const KEEP = { KEYROTATOR_DELIVERY_RETENTION_DAYS: '3650' };

export async function measureHistory(context: PartContext): Promise<readonly Part[]> {
  const { stage, databases, plan, tell } = context;
  const shape = withHistory(plan);
  tell(`the data set of ${whole(shape.deliveries)} deliveries`);
  const empty = await databases.furnish('empty', withoutHistory(plan));
  await databases.furnish('history', shape);
  // What is pruned is missing in the next run, so it is done to a copy.
  const full = await databases.copy('history');
  const { server: emptyServer } = await startReady(stage, { ...empty.env, ...KEEP });
  const { server } = await startReady(stage, { ...full.env, ...KEEP });
  tell('what has become old since the data set was made is removed');
  for (const each of [emptyServer, server]) await untilPruned(each);
  const parts = [
    await measureDeliveries(context, emptyServer, empty, server, full),
    await measureStatistics(server, full),
  ];
  await stage.stopServer(emptyServer);
  await stage.stopServer(server);
  return [...parts, await measurePruning(context, full)];
}

/** The sums that became old since, that is: they go by the age that statistics ask for, whatever {@link KEEP} says. */
async function untilPruned({ url }: Started): Promise<void> {
  for (;;) {
    const page = await (await fetch(`${url}/metrics`)).text();
    if (/^keyrotator_job_seconds_count\{name="prune"\} [1-9]/m.test(page)) return;
    await setTimeout(1_000);
  }
}

async function measureDeliveries(
  { tool, options, plan, tell }: PartContext,
  emptyServer: Started,
  empty: Furnished,
  fullServer: Started,
  full: Furnished,
): Promise<Part> {
  const load = { connections: CONNECTIONS, seconds: options.seconds };
  const ofEmpty = () => measureLoad(tool, emptyServer, { ...load, spread: hot(empty) });
  const ofFull = () => measureLoad(tool, fullServer, { ...load, spread: hot(full) });
  await ofEmpty();
  await ofFull();
  const rounds: { empty: Measured; full: Measured }[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    const first = round % 2 === 0 ? null : await ofFull();
    const withNothing = await ofEmpty();
    rounds.push({ empty: withNothing, full: first ?? (await ofFull()) });
    const last = rounds.at(-1);
    tell(
      `history, round ${round + 1} of ${options.rounds}: empty ${whole(last?.empty.perSecond ?? 0)}/s, full ${whole(last?.full.perSecond ?? 0)}/s`,
    );
  }
  const ratios = (of: (measured: Measured) => number) => rounds.map((each) => of(each.full) / of(each.empty));
  return {
    title: `Deliveries beside ${whole(withHistory(plan).deliveries)} on record`,
    setting: [
      `Half of them of the hot service, over ${withHistory(plan).days} days; ${CONNECTIONS} connections`,
    ],
    ...loadTable([
      ['none on record', rounds.map((each) => each.empty)],
      ['all on record', rounds.map((each) => each.full)],
    ]),
    verdicts: [
      verdict(
        'throughput, of a vault without history',
        { atLeast: 0.9 },
        ratios((it) => it.perSecond),
      ),
    ],
    faults: rounds.flatMap((each) => [...each.empty.faults, ...each.full.faults]),
  };
}

async function measureStatistics(server: Started, { rootToken }: Furnished): Promise<Part> {
  const admin = new AdminClient(server.url, rootToken);
  const to = Date.now();
  const range = `from=${new Date(to - 30 * DAY_MS).toISOString()}&to=${new Date(to).toISOString()}`;
  const rows: string[][] = [];
  const verdicts = [];
  for (const granularity of GRANULARITIES) {
    for (const group of GROUPS) {
      const path = `/tenants/${tenantSlug(1)}/usage?${range}&granularity=${granularity}&group_by=${group}`;
      const times: number[] = [];
      let lines = 0;
      for (let time = 0; time < TIMES; time += 1) {
        const started = performance.now();
        lines = (await admin.call<UsageView>('GET', path)).buckets.length;
        times.push(performance.now() - started);
      }
      rows.push([granularity, group, whole(lines), fixed(median(times), 1), fixed(Math.max(...times), 1)]);
      verdicts.push(verdict(`statistics by ${granularity} and ${group}, ms`, { atMost: 100 }, times));
    }
  }
  return {
    title: 'Statistics of 30 days, of the tenant with half of the deliveries',
    setting: [`Each asked for ${TIMES} times while nothing else is served`],
    head: ['granularity', 'group_by', 'rows', 'ms', 'longest ms'],
    rows,
    verdicts,
    faults: [],
  };
}

/**
 * Has half of the days pruned beside a load, and ends the service, where the pruning was not over, and starts it again: so
 * that each round has a load with nothing beside of its own.
 */
async function measurePruning(
  { stage, tool, options, plan, tell }: PartContext,
  full: Furnished,
): Promise<Part> {
  const { days } = withHistory(plan);
  const socket = join(stage.folder, 'control');
  const rounds: { quiet: Measured; beside: Measured }[] = [];
  let pruned = 0;
  for (let round = 1; round <= options.rounds; round += 1) {
    const env = { ...full.env, ...KEEP, BENCH_CONTROL: socket };
    const { server } = await startReady(stage, env, 'test/bench/weight/jobs-on-demand.ts');
    const load = (seconds: number) =>
      measureLoad(tool, server, { connections: CONNECTIONS, seconds, spread: hot(full) });
    await load(options.warmUpSeconds);
    const quiet = await load(options.seconds);
    const before = await askJobs(socket, '/count');
    const pruning = askJobs(socket, `/prune?days=${days - (days / 2) * (round / options.rounds)}`).catch(
      () => null,
    );
    const beside = await load(options.seconds);
    const now = (await Promise.race([pruning, askJobs(socket, '/count')])) ?? before;
    await stage.stopServer(server);
    pruned += before + beside.succeeded - now;
    rounds.push({ quiet, beside });
    tell(
      `pruning, round ${round} of ${options.rounds}: quiet ${whole(quiet.perSecond)}/s, beside ${whole(beside.perSecond)}/s`,
    );
  }
  const ratios = (of: (measured: Measured) => number) =>
    rounds.map((each) => of(each.beside) / of(each.quiet));
  return {
    title: `Pruning beside deliveries, of ${whole(withHistory(plan).deliveries)}`,
    setting: [
      `${CONNECTIONS} connections; of the half that was to go, ${whole(pruned)} deliveries went beside ${options.rounds} loads of ${options.seconds} s, and ${whole(beside(rounds))} were delivered`,
    ],
    ...loadTable([
      ['nothing beside', rounds.map(({ quiet }) => quiet)],
      ['pruning', rounds.map(({ beside }) => beside)],
    ]),
    verdicts: [
      verdict(
        'throughput while pruning, of without',
        { atLeast: 0.9 },
        ratios((it) => it.perSecond),
      ),
      verdict(
        'p99 while pruning, of without',
        { atMost: 2 },
        ratios((it) => it.p99Ms),
      ),
    ],
    faults: rounds.flatMap(({ quiet, beside }) => [...quiet.faults, ...beside.faults]),
  };
}

function beside(rounds: readonly { readonly beside: Measured }[]): number {
  return rounds.reduce((sum, round) => sum + round.beside.succeeded, 0);
}
