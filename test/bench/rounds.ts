/** The rounds: in each, every contender is loaded once, one after the other, so that ratios compare neighbours in time. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Loaded, LoadTool } from './load.ts';
import { readProcess } from './machine.ts';
import type { Options } from './options.ts';
import type { Started } from './stage.ts';
import { type CommitReading, countEvents, DELIVERY_PATH, type VaultUnderTest } from './vault-under-test.ts';

/**
 * `subscribed` is the service while a receiver is subscribed to `key.delivered`; `restricted` the service asked by an app that
 * has every restriction, and `unrestricted` by the usual one with the same header fields.
 */
export type Contender = 'bare' | 'express' | 'service' | 'subscribed' | 'unrestricted' | 'restricted';
export const CONNECTIONS = [1, 64, 256] as const;
/** Where the targets are. */
export const TARGET_CONNECTIONS = 64;
/** For what a load leaves behind to be over before the next. */
const SETTLE_MS = 250;

export interface Figure extends Loaded {
  /** Of the server, in cores; null where the system does not tell. */
  readonly cpu: number | null;
  readonly residentMiB: number | null;
  readonly peakMiB: number | null;
  /** Of the service alone. */
  readonly commits: CommitReading | null;
  /** That the receiver got during the load; null where none was subscribed. */
  readonly events: number | null;
}

export interface Round {
  readonly connections: number;
  readonly figures: Readonly<Partial<Record<Contender, Figure>>>;
}

export interface Field {
  readonly tool: LoadTool;
  readonly bare: Started;
  readonly express: Started;
  readonly receiver: Started;
  readonly vault: VaultUnderTest;
}

/** How often the service was loaded and what was seen of it, to be held against what it counted. */
export interface Tally {
  delivered: number;
  /** As many may have been cut off at the end of their load, delivered but not seen. */
  cutOff: number;
}

/** Runs all rounds; `tell` is given a line for each. */
export async function runRounds(field: Field, options: Options, tell: (line: string) => void) {
  const tally: Tally = { delivered: 0, cutOff: 0 };
  const rounds: Round[] = [];
  const load = (contender: Contender, connections: number, seconds: number) =>
    measure(field, tally, contender, connections, seconds);

  for (const contender of ['bare', 'express', 'service', 'unrestricted', 'restricted'] as const) {
    const { faults } = await load(contender, TARGET_CONNECTIONS, options.warmUpSeconds);
    if (faults.length > 0) throw new Error(`the warm-up of ${contender} failed: ${faults.join('; ')}`);
  }
  for (const connections of CONNECTIONS) {
    const count = connections === TARGET_CONNECTIONS ? options.rounds : options.otherRounds;
    for (let index = 0; index < count; index += 1) {
      const figures: Partial<Record<Contender, Figure>> = {};
      for (const contender of order(connections, index)) {
        figures[contender] = await load(contender, connections, options.seconds);
      }
      rounds.push({ connections, figures });
      tell(progress(connections, index + 1, count, figures));
    }
  }
  return { rounds, tally };
}

/** The service takes turns with those that are held against it in coming first, so that none always follows the other. */
function order(connections: number, index: number): readonly Contender[] {
  if (connections !== TARGET_CONNECTIONS) return ['bare', 'express', 'service'];
  return index % 2 === 0
    ? ['bare', 'express', 'subscribed', 'service', 'unrestricted', 'restricted']
    : ['bare', 'express', 'service', 'subscribed', 'restricted', 'unrestricted'];
}

async function measure(
  field: Field,
  tally: Tally,
  contender: Contender,
  connections: number,
  seconds: number,
): Promise<Figure> {
  const { vault, receiver, tool } = field;
  const isService = contender !== 'bare' && contender !== 'express';
  const server = isService ? vault.server : field[contender];
  const unsubscribe = contender === 'subscribed' ? await vault.subscribe(receiver.url) : null;
  await pause(SETTLE_MS);

  const eventsBefore = unsubscribe === null ? 0 : await countEvents(receiver.url);
  const commitsBefore = isService ? await vault.commits() : null;
  const before = readProcess(server.pid);
  const loaded = await tool.load({
    url: server.url + DELIVERY_PATH,
    ...vault.asks(contender),
    connections,
    seconds,
  });
  const after = readProcess(server.pid);
  const events = unsubscribe === null ? null : (await countEvents(receiver.url)) - eventsBefore;
  const commits = commitsBefore === null ? null : difference(await vault.commits(), commitsBefore);
  await unsubscribe?.();

  if (isService) {
    tally.delivered += loaded.succeeded;
    tally.cutOff += connections;
  }
  return {
    ...loaded,
    cpu: before === null || after === null ? null : (after.cpuSeconds - before.cpuSeconds) / loaded.seconds,
    residentMiB: after?.residentMiB ?? null,
    peakMiB: after?.peakMiB ?? null,
    commits,
    events,
  };
}

function difference(after: CommitReading, before: CommitReading): CommitReading {
  return {
    commits: after.commits - before.commits,
    deliveries: after.deliveries - before.deliveries,
    seconds: after.seconds - before.seconds,
  };
}

function progress(connections: number, number: number, count: number, figures: Round['figures']): string {
  const parts = Object.entries(figures).map(([contender, { perSecond, faults }]) =>
    faults.length > 0
      ? `${contender} INVALID (${faults.join('; ')})`
      : `${contender} ${Math.round(perSecond)}/s`,
  );
  return `${connections} connections, round ${number} of ${count}: ${parts.join(', ')}`;
}
