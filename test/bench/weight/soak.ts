/** Whether memory stays flat at full speed: a straight line through what it was after a warm-up. */
import { readProcess } from '../machine.ts';
import { fixed, whole } from '../report.ts';
import { hot, inTurns } from './asked.ts';
import { type Part, type PartContext, verdict } from './part.ts';
import { touched, withoutHistory } from './plan.ts';
import { startReady } from './start-ready.ts';

const CONNECTIONS = 64;
const EVERY_MS = 1_000;
const WARM_UP = 0.2;
const MIB_IN_MB = 1.048576;

export interface Sample {
  readonly hours: number;
  readonly mb: number;
}

export async function measureSoak({ stage, databases, tool, plan }: PartContext): Promise<readonly Part[]> {
  const shape = withoutHistory(plan);
  await databases.furnish('empty', shape);
  const vault = await databases.copy('empty');
  const { server } = await startReady(stage, vault.env);
  const seconds = plan.soakSeconds;
  const services = Math.min(touched(plan), shape.services);
  const samples: Sample[] = [];
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const mb = (readProcess(server.pid)?.residentMiB ?? Number.NaN) * MIB_IN_MB;
    samples.push({ hours: (performance.now() - startedAt) / 3_600_000, mb });
  }, EVERY_MS);
  // A hot service, and in between each of the others.
  const spread = inTurns(vault, services).flatMap((asked) => [...hot(vault), asked]);
  const loaded = await tool.load({ url: server.url, token: '', connections: CONNECTIONS, seconds, spread });
  clearInterval(timer);
  await stage.stopServer(server);
  const warm = samples.slice(Math.floor(samples.length * WARM_UP));
  const mean = warm.reduce((sum, { mb }) => sum + mb, 0) / warm.length;
  const perHour = slope(warm);
  const growth = (perHour * ((seconds * (1 - WARM_UP)) / 3600)) / mean;
  return [
    {
      title: `Memory over ${whole(seconds)} s at full speed`,
      setting: [
        `${CONNECTIONS} connections, half for the hot service, half for ${whole(services)} in turns; ${whole(loaded.perSecond)} deliveries/s`,
        `A line through the resident memory of each second but for the first ${WARM_UP * 100} %`,
      ],
      head: ['mean MB', 'lowest MB', 'highest MB', 'MB per hour'],
      rows: [
        [
          fixed(mean, 0),
          fixed(Math.min(...warm.map(({ mb }) => mb)), 0),
          fixed(Math.max(...warm.map(({ mb }) => mb)), 0),
          fixed(perHour, 1),
        ],
      ],
      verdicts: [verdict('growth by the line, as a share of the mean', { atMost: 0.05 }, [growth])],
      faults: loaded.faults,
    },
  ];
}

/** Of the line with the least squares, per hour. */
export function slope(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const hours = mean((sample) => sample.hours);
  const mb = mean((sample) => sample.mb);
  const covariance = mean((sample) => (sample.hours - hours) * (sample.mb - mb));
  return covariance / mean((sample) => (sample.hours - hours) ** 2);
}
