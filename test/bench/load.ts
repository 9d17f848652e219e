/** Loads a server over HTTP: with wrk where it is installed, else with autocannon. */
import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage } from './stage.ts';

export interface Load {
  readonly url: string;
  readonly token: string;
  /** Further fields of each request. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly seconds: number;
  /** These are asked for in turns, below `url`, in the place of `url` itself with `token`. */
  readonly spread?: readonly Asked[];
}

/** A path with its query, and the token that it is asked for with. */
export interface Asked {
  readonly path: string;
  readonly token: string;
}

export interface Loaded {
  /** Answers with a 2xx status; those that were cut off at the end are not among them. */
  readonly succeeded: number;
  /** How long the load took in fact. */
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
  /** What went wrong; where it is not empty the figures say nothing. */
  readonly faults: readonly string[];
}

export interface LoadTool {
  /** For the report. */
  readonly name: string;
  load(load: Load): Promise<Loaded>;
}

export async function findLoadTool(stage: Stage): Promise<LoadTool> {
  // `wrk -v` prints its version and ends with 1: whether it is there is all that this can tell.
  const isMissing = await stage.run('wrk', ['-v']).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
  );
  if (isMissing) return { name: 'autocannon', load: (load) => runAutocannon(stage, load) };
  return { name: 'wrk -t1', load: (load) => runWrk(stage, load) };
}

/** Tokens go in by a script, so that no other user of the machine sees them among the arguments. */
async function runWrk(stage: Stage, load: Load): Promise<Loaded> {
  const { url, connections, seconds } = load;
  const script = join(stage.folder, `${randomUUID()}.lua`);
  writeFileSync(script, wrkScript(load), { mode: 0o600 });
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '-s', script, url];
  const report = await stage.run('wrk', args);
  rmSync(script);
  return parseWrk(report);
}

/** Requests in turns are put together beforehand, so that choosing one costs next to nothing. */
function wrkScript({ token, headers = {}, spread }: Load): string {
  if (spread === undefined) {
    return Object.entries({ Authorization: `Bearer ${token}`, ...headers })
      .map(([name, value]) => `wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}\n`)
      .join('');
  }
  const list = spread.map((asked) => `{ ${JSON.stringify(asked.path)}, ${JSON.stringify(asked.token)} },`);
  return `local list = {
${list.join('\n')}
}
local requests, at = {}, 0
function init()
  for index, asked in ipairs(list) do
    requests[index] = wrk.format("GET", asked[1], { ["Authorization"] = "Bearer " .. asked[2] })
  end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
`;
}

/** Reads what `wrk --latency` prints. Throws where something expected is not there. */
export function parseWrk(report: string): Loaded {
  const answers = Number(find(report, /(\d+) requests in /));
  const refused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(report)?.[1] ?? 0);
  const socketErrors = /Socket errors: (.+)/.exec(report)?.[1];
  const faults: string[] = [];
  if (answers === 0) faults.push('no answer at all');
  if (refused > 0) faults.push(`${refused} of ${answers} answers were no 2xx`);
  if (socketErrors !== undefined) faults.push(`socket errors: ${socketErrors}`);
  return {
    succeeded: answers - refused,
    seconds: milliseconds(find(report, / requests in (\w+\.\w+),/)) / 1000,
    perSecond: Number(find(report, /Requests\/sec:\s+([\d.]+)/)),
    p50Ms: milliseconds(find(report, /^\s+50%\s+(\S+)/m)),
    p99Ms: milliseconds(find(report, /^\s+99%\s+(\S+)/m)),
    longestMs: milliseconds(find(report, /^\s+Latency\s+\S+\s+\S+\s+(\S+)/m)),
    faults,
  };
}

function find(report: string, pattern: RegExp): string {
  const found = pattern.exec(report)?.[1];
  if (found === undefined) throw new Error(`wrk printed nothing like ${pattern}:\n${report}`);
  return found;
}

/** A duration as wrk prints it, such as `812.00us`, `1.53ms`, `2.01s`. */
function milliseconds(text: string): number {
  const [, amount, unit] = /^([\d.]+)(us|ms|s|m|h)$/.exec(text) ?? [];
  const factors: Record<string, number> = { us: 0.001, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
  const factor = factors[unit ?? ''];
  if (factor === undefined) throw new Error(`wrk printed ${text} for a duration`);
  return Number(amount) * factor;
}

/** In a process of its own, as wrk is: it would otherwise compete with the harness for one event loop. */
async function runAutocannon(stage: Stage, load: Load): Promise<Loaded> {
  const module = join(import.meta.dirname, 'run-autocannon.ts');
  const file = join(stage.folder, `${randomUUID()}.json`);
  writeFileSync(file, JSON.stringify(load), { mode: 0o600 });
  const report = await stage.run(process.execPath, [module, file]);
  rmSync(file);
  return JSON.parse(report) as Loaded;
}
