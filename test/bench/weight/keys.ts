/** A vault with a million keys against one with a single service: its start, its memory, and what it delivers. */
import { readProcess } from '../machine.ts';
import { fixed, whole } from '../report.ts';
import type { Started } from '../stage.ts';
import { median } from '../statistics.ts';
import { hot, inTurns } from './asked.ts';
import type { Furnished } from './databases.ts';
import { type Measured, measureLoad } from './measure-load.ts';
import { type Part, type PartContext, verdict } from './part.ts';
import { many, SMALL, touched } from './plan.ts';
import { startReady } from './start-ready.ts';

const CONNECTIONS = 64;
const STARTS = 5;
const MIB_IN_MB = 1.048576;

type Contender = 'small' | 'hot' | 'spread';
const CONTENDERS: readonly Contender[] = ['small', 'hot', 'spread'];

export async function measureKeys(context: PartContext): Promise<Part> {
  const { stage, databases, plan, options, tell } = context;
  const shape = many(plan);
  tell(`the data set of ${whole(shape.keys)} keys`);
  const small = await databases.furnish('small', SMALL);
  const large = await databases.furnish('large', shape);
  const starts: number[] = [];
  for (let start = 1; start < STARTS; start += 1) {
    const { server, readyMs } = await startReady(stage, large.env);
    starts.push(readyMs);
    await stage.stopServer(server);
  }
  const { server: largeServer, readyMs } = await startReady(stage, large.env);
  starts.push(readyMs);
  tell(`ready after ${starts.map((ms) => `${whole(ms)} ms`).join(', ')}`);
  const { server: smallServer } = await startReady(stage, small.env);

  const load = loader(context, { small: smallServer, large: largeServer }, small, large);
  const idleMb = residentMb(largeServer);
  await touchAll(load, touched(plan));
  const touchedMb = residentMb(largeServer);
  for (const contender of ['small', 'hot'] as const) await load(contender, options.warmUpSeconds);
  const rounds: Record<Contender, Measured>[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    const figures: Partial<Record<Contender, Measured>> = {};
    for (const contender of round % 2 === 0 ? CONTENDERS : CONTENDERS.toReversed()) {
      figures[contender] = await load(contender, options.seconds);
    }
    rounds.push(figures as Record<Contender, Measured>);
    tell(
      `keys, round ${round + 1} of ${options.rounds}: ${CONTENDERS.map((name) => `${name} ${whole(figures[name]?.perSecond ?? 0)}/s`).join(', ')}`,
    );
  }
  const endMb = residentMb(largeServer);
  const smallMb = residentMb(smallServer);
  await stage.stopServer(smallServer);
  await stage.stopServer(largeServer);

  const ratios = (contender: Contender, of: (loaded: Measured) => number) =>
    rounds.map((round) => of(round[contender]) / of(round.small));
  return {
    title: `${whole(shape.keys)} keys over ${whole(shape.services)} services in ${whole(shape.tenants)} tenants`,
    setting: [
      `Policy \`usage\` with ${shape.keys / shape.services} keys in the hot service of either vault, ${CONNECTIONS} connections`,
      `Started ${STARTS} times, from the start of the process until \`/readyz\` answers 200`,
      `Resident memory: ${fixed(idleMb, 0)} MB after the start, ${fixed(touchedMb, 0)} MB after ${whole(touched(plan))} services were touched, ${fixed(endMb, 0)} MB at the end; of the small vault then ${fixed(smallMb, 0)} MB`,
    ],
    head: [
      'asked for',
      'deliveries/s',
      'p50 ms',
      'p99 ms',
      'CPU µs per delivery',
      'of the small vault',
      'p99 of the small vault',
      'CPU of the small vault',
    ],
    rows: CONTENDERS.map((name) => [
      {
        small: 'one service, small vault',
        hot: 'one service of many',
        spread: `${whole(touched(plan))} services in turns`,
      }[name],
      whole(median(rounds.map((round) => round[name].perSecond))),
      fixed(median(rounds.map((round) => round[name].p50Ms)), 2),
      fixed(median(rounds.map((round) => round[name].p99Ms)), 2),
      fixed(median(rounds.map((round) => round[name].cpuMicros)), 1),
      ...[
        ratios(name, ({ perSecond }) => perSecond),
        ratios(name, ({ p99Ms }) => p99Ms),
        ratios(name, ({ cpuMicros }) => cpuMicros),
      ].map((each) => (name === 'small' ? '–' : fixed(median(each), 2))),
    ]),
    verdicts: [
      verdict(
        'ready after a start, s',
        { atMost: 3 },
        starts.map((ms) => ms / 1000),
      ),
      verdict(`resident memory after ${whole(touched(plan))} services, MB`, { atMost: 400 }, [touchedMb]),
      verdict('resident memory at the end, MB', { atMost: 400 }, [endMb]),
      verdict(
        'throughput of one service of many, of the small vault',
        { atLeast: 0.8 },
        ratios('hot', ({ perSecond }) => perSecond),
      ),
      verdict(
        'p99 of one service of many, of the small vault',
        { atMost: 2 },
        ratios('hot', ({ p99Ms }) => p99Ms),
      ),
    ],
    faults: rounds.flatMap((round) =>
      CONTENDERS.flatMap((name) => round[name].faults.map((fault) => `${name}: ${fault}`)),
    ),
  };
}

type LoadContender = (contender: Contender, seconds: number) => Promise<Measured>;

/** Every contender is asked in the same way, by a list in turns: that of a hot service has one entry. */
function loader(
  { tool, plan }: PartContext,
  servers: { readonly small: Started; readonly large: Started },
  small: Furnished,
  large: Furnished,
): LoadContender {
  const spread = inTurns(large, touched(plan));
  const asks = { small: hot(small), hot: hot(large), spread };
  return (contender, seconds) =>
    measureLoad(tool, contender === 'small' ? servers.small : servers.large, {
      connections: CONNECTIONS,
      seconds,
      spread: asks[contender],
    });
}

async function touchAll(load: LoadContender, count: number): Promise<void> {
  for (let seconds = 2; ; seconds *= 2) {
    const { succeeded, faults } = await load('spread', seconds);
    if (faults.length > 0) throw new Error(`touching the services failed: ${faults.join('; ')}`);
    if (succeeded >= count) return;
  }
}

function residentMb({ pid }: Started): number {
  return (readProcess(pid)?.residentMiB ?? Number.NaN) * MIB_IN_MB;
}
