/**
 * Loads a server with autocannon and prints what came of it as JSON. Takes a file with the load. autocannon's own
 * percentiles are whole milliseconds, so they are taken here from the time of each answer.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Load, Loaded } from './load.ts';
import { quantile } from './statistics.ts';

/** What is used of autocannon, which has no types of its own. */
type Autocannon = (
  options: {
    url: string;
    connections: number;
    duration: number;
    headers: Record<string, string>;
    requests?: readonly { path: string; headers: Record<string, string> }[];
  },
  done: (error: Error | null, result: AutocannonResult) => void,
) => { on(event: 'response', listener: AnswerListener): void };
type AnswerListener = (client: unknown, status: number, bytes: number, milliseconds: number) => void;
interface AutocannonResult {
  readonly '2xx': number;
  readonly non2xx: number;
  readonly errors: number;
  readonly timeouts: number;
  readonly duration: number;
}

const autocannon: Autocannon = createRequire(import.meta.url)('autocannon');
const load: Load = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
const times: number[] = [];

const run = autocannon(
  {
    url: load.url,
    connections: load.connections,
    duration: load.seconds,
    headers: { ...authorization(load.token), ...load.headers },
    ...(load.spread === undefined
      ? {}
      : { requests: load.spread.map(({ path, token }) => ({ path, headers: authorization(token) })) }),
  },
  (error, result) => {
    if (error !== null) throw error;
    process.stdout.write(JSON.stringify(summary(result)));
  },
);
run.on('response', (_client, _status, _bytes, milliseconds) => times.push(milliseconds));

function authorization(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

function summary(result: AutocannonResult): Loaded {
  const { '2xx': succeeded, non2xx, errors, timeouts, duration } = result;
  const faults: string[] = [];
  if (succeeded === 0) faults.push('no answer at all');
  if (non2xx > 0) faults.push(`${non2xx} answers were no 2xx`);
  if (errors > 0) faults.push(`${errors} socket errors, ${timeouts} of them time-outs`);
  return {
    succeeded,
    seconds: duration,
    perSecond: succeeded / duration,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    longestMs: quantile(times, 1),
    faults,
  };
}
