/** What can be said on the command line of the benchmark. */
import { parseArgs } from 'node:util';
import { readParts, type WeightPlan } from './weight/plan.ts';

export interface Options {
  /** `postgres` measures replicas on PostgreSQL against the embedded engine. */
  readonly engine: 'sqlite' | 'postgres';
  /** Rounds at 64 connections, where the targets are. */
  readonly rounds: number;
  /** Rounds at 1 and at 256 connections. */
  readonly otherRounds: number;
  /** How long each server is loaded in a round. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Where everything measured is written, as JSON. */
  readonly json: string | null;
  /** A missed target makes the exit code 1. */
  readonly strict: boolean;
  /** Null: the usual measurements. */
  readonly weight: WeightPlan | null;
}

export const USAGE = `npm run bench -- [options]

  --engine ENGINE  sqlite (the default), or postgres: replicas on a real PostgreSQL against the embedded engine
  --quick        one round of 1 s each: some 20 s in all
  --rounds N     rounds at 64 connections (5); at 1 and at 256 there are 2 where N is 5
  --seconds N    how long each server is loaded in a round (3)
  --json FILE    also write every figure of every round to FILE
  --strict       exit with 1 when a target is missed

  --weight       how it carries many keys, a long history, and work beside the deliveries; takes many minutes
  --only PARTS   of --weight, only these parts, separated by commas: keys, history, import, neighbours, export, soak
  --soak SECONDS of --weight, also whether memory stays flat for so long (600 where only the soak is asked for)
  --smaller N    of --weight, with data sets smaller by this factor (1, with --quick 100)
  --data FOLDER  of --weight, where data sets stay for another run
  --server URL   of --weight, a PostgreSQL to take, where they stay as well
`;

/** The options in `args`; null where the usage is asked for. Throws an error that says what is wrong. */
export function readOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      engine: { type: 'string', default: 'sqlite' },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      json: { type: 'string' },
      strict: { type: 'boolean', default: false },
      weight: { type: 'boolean', default: false },
      only: { type: 'string' },
      soak: { type: 'string' },
      smaller: { type: 'string' },
      data: { type: 'string' },
      server: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const { engine } = values;
  if (engine !== 'sqlite' && engine !== 'postgres') throw new Error('--engine takes sqlite or postgres');
  const rounds = wholeNumber('--rounds', values.rounds, values.quick ? 1 : 5);
  return {
    engine,
    rounds,
    otherRounds: Math.ceil(rounds * 0.4),
    seconds: wholeNumber('--seconds', values.seconds, values.quick ? 1 : 3),
    warmUpSeconds: values.quick ? 1 : 3,
    json: values.json ?? null,
    strict: values.strict,
    weight: values.weight
      ? {
          parts: readParts(values.only, values.soak !== undefined),
          soakSeconds: wholeNumber('--soak', values.soak, 600),
          smaller: wholeNumber('--smaller', values.smaller, values.quick ? 100 : 1),
          data: values.data ?? null,
          server: values.server ?? null,
        }
      : null,
  };
}

function wholeNumber(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new Error(`${name} takes a whole number from 1 to 9999`);
  return Number(text);
}
